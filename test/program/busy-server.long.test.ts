import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { json } from 'node:stream/consumers';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import { hastyClock, runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';
import { QuickClock } from '../support/quick-clock.js';

/* The whole tool at a server that has too much to do. */

const SAMPLES = join(import.meta.dirname, '../../samples');
const SESSION = { admin: 'root', authToken: 'the-auth-token', secretCode: 'the-secret-code' };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'busy-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Given {
  readonly rows: readonly string[];
  readonly clock?: Clock;
  readonly flags: readonly string[];
}

function run(server: string, { rows, clock = hastyClock, flags }: Given): Promise<Ended> {
  writeFileSync(join(folder, 'users.csv'), ['username,token_type,signature_path,status', ...rows].join('\n'));
  const env = {
    CENTAGATE_SERVER: server,
    CENTAGATE_ADMIN: SESSION.admin,
    CENTAGATE_AUTH_TOKEN: SESSION.authToken,
    CENTAGATE_SECRET_CODE: SESSION.secretCode,
  };
  return runProgram(['run', join(folder, 'users.csv'), '--signatures-dir', SAMPLES, ...flags], env, { clock });
}

function results(): Record<string, string>[] {
  return parse(readFileSync(join(folder, 'users.results.csv')), { columns: true });
}

function otpRows(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `u${index},otp,,`);
}

it('no row is lost to 429, and none spends its tries on it', async () => {
  const simulator = await startSimulator({ ...SESSION, rateLimit: { perSecond: 100 } });
  const ended = await run(simulator.url, { rows: otpRows(300), flags: ['--concurrency', '64', '--attempts', '1'] });
  await simulator.close();
  expect(ended.exitCode).toBe(0);
  expect(simulator.sends.some(({ fault }) => fault === '429')).toBe(true);
  expect(results().every(({ outcome }) => outcome === 'registered')).toBe(true);
});

it('a Retry-After that one row meets is kept by all of them', async () => {
  // A minute is 0.6 s here.
  const simulator = await startSimulator({ ...SESSION, latencyMs: 2, script: { u50: ['429:60', 'ok'] } });
  const ended = await run(simulator.url, {
    rows: otpRows(200),
    clock: new QuickClock(100),
    flags: ['--concurrency', '8'],
  });
  await simulator.close();
  expect(ended.exitCode).toBe(0);
  const refused = simulator.sends.findIndex(({ fault }) => fault !== undefined);
  const arrivals = simulator.sends.slice(refused).map(({ at }) => at);
  const pausedAt = arrivals.findIndex((at, index) => at - (arrivals[index - 1] ?? at) > 300);
  // What had left when the word came is all that may still arrive.
  expect(pausedAt).toBeGreaterThan(0);
  expect(pausedAt).toBeLessThanOrEqual(8);
});

it('one user has one request under way at any moment, of whatever kind', async () => {
  const underWay = new Map<string, number>();
  const seen = new Map<string, number>();
  let most = 0;
  let listings = 0;
  const answer = async (request: IncomingMessage): Promise<{ readonly status: number; readonly body: object }> => {
    if (request.method !== 'PUT') return { status: 405, body: {} };
    // The body of every PUT names its user.
    const { username } = (await json(request)) as { username: string };
    underWay.set(username, (underWay.get(username) ?? 0) + 1);
    most = Math.max(most, underWay.get(username) ?? 0);
    await wait(3);
    underWay.set(username, (underWay.get(username) ?? 0) - 1);
    if (request.url?.includes('/user/auth/list') === true) {
      listings += 1;
      return { status: 200, body: { code: '0', object: { tokenList: [], certList: [] } } };
    }
    seen.set(username, (seen.get(username) ?? 0) + 1);
    const isLost = (seen.get(username) ?? 0) < 4;
    return isLost ? { status: 500, body: {} } : { status: 200, body: { code: '0', object: { key: 'a-key' } } };
  };
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => response.writeHead(status).end(JSON.stringify(body)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const rows = otpRows(30).flatMap((otp, n) => [otp, `u${n},pki,signatures/finance/aisyah.rahman.p7s,2`]);
  await run(`http://127.0.0.1:${port}`, { rows, flags: ['--concurrency', '64', '--attempts', '2'] });
  server.closeAllConnections();
  server.close();
  expect(results()).toHaveLength(60);
  expect(listings).toBeGreaterThan(0);
  expect(most).toBe(1);
});
