/** What lies outside the signature folder, or is no signature, is sent to nobody, whatever somebody does to the folder. */
import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';
import { every } from '../support/suite.js';

const SAMPLES = join(import.meta.dirname, '../../samples/signatures');
const OURS = readFileSync(join(SAMPLES, 'finance/aisyah.rahman.p7s'));
const OTHERS = readFileSync(join(SAMPLES, 'legal/elif.yilmaz.p7m'));
const ROWS = 40;
const SWAPPED_AT = 10;

let lab: Lab;
let server: Server;
/** The bodies of all registrations. */
let sent: string[];
beforeEach(() => {
  lab = new Lab();
  sent = [];
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  lab.remove();
});

async function serve(onRegistration: (number: number) => void): Promise<Record<string, string>> {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      if (body === '') return response.writeHead(405).end();
      sent.push(body);
      onRegistration(sent.length);
      return response.end('{"code":"0","message":"Success","object":""}');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const session = { CENTAGATE_AUTH_TOKEN: 'the-auth-token', CENTAGATE_SECRET_CODE: 'the-secret-code' };
  return { CENTAGATE_SERVER: `http://127.0.0.1:${port}`, CENTAGATE_ADMIN: 'root', ...session };
}

function run(env: Record<string, string>, paths: readonly string[], ...flags: readonly string[]): Promise<Ended> {
  const rows = paths.map((path, at) => `u${at},pki,${path},2`);
  const input = lab.file('users.csv', ['username,token_type,signature_path,status', ...rows].join('\n'));
  return runProgram(['run', input, '--max-failures', '100%', ...flags], env);
}

function column(name: string): string[] {
  const rows: Record<string, string>[] = parse(readFileSync(lab.path('users.results.csv')), { columns: true });
  return rows.map((row) => row[name] ?? '');
}

/** Two stretches of base64 that a body would have of these bytes, wherever they begin. */
function isSent(bytes: Buffer): boolean {
  const stretch = bytes.subarray(60, -60).toString('base64').slice(8, 200);
  return sent.some((body) => body.includes(stretch));
}

describe.skipIf(process.platform === 'win32')('a folder that is swapped for a link in the middle of a run', () => {
  it.each(every(2, [1, 4, 16, 64]))('gives no file from outside to a run of %i at a time', async (concurrency) => {
    for (const [name, bytes] of [
      ['team', OURS],
      ['outside', OTHERS],
    ] as const) {
      mkdirSync(lab.path(name));
      for (let at = 0; at < ROWS; at += 1) lab.file(`${name}/${at}.p7s`, bytes);
    }
    mkdirSync(lab.path('signatures'));
    renameSync(lab.path('team'), lab.path('signatures/team'));
    const env = await serve((number) => {
      if (number !== SWAPPED_AT) return;
      renameSync(lab.path('signatures/team'), lab.path('signatures/was'));
      symlinkSync(lab.path('outside'), lab.path('signatures/team'));
    });
    const paths = Array.from({ length: ROWS }, (_, at) => `team/${at}.p7s`);
    const flags = ['--signatures-dir', lab.path('signatures'), '--check-signatures', 'basic'];
    const ended = await run(env, paths, ...flags, '--concurrency', String(concurrency));
    expect([isSent(OURS), isSent(OTHERS)]).toEqual([true, false]);
    const refused = column('detail').filter((detail) => detail.includes('leaves the signature folder'));
    expect(refused).toHaveLength(ROWS - sent.length);
    expect(ended.exitCode).toBe(sent.length === ROWS ? 0 : 1);
  });
});

describe('a file that is no signature', () => {
  const SECRETS = {
    text: 'the password of the vault is wombat-37\n',
    pem: '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHdvbWJhdC0zN3dvbWJhdC0zN3dvbWJhdC0z\n-----END PRIVATE KEY-----\n',
    base64: Buffer.from('wombat-37 wombat-37 wombat-37').toString('base64'),
    der: Buffer.from('302e020100300506032b657004220420776f6d6261742d3337', 'hex'),
  };

  it.each(['off', 'basic', 'full'])(
    'is sent to nobody, and shown to nobody, with --check-signatures %s',
    async (checks) => {
      const env = await serve(() => undefined);
      const names = Object.entries(SECRETS).map(([name, content]) => {
        lab.file(name, content);
        return name;
      });
      const ended = await run(env, names, '--check-signatures', checks);
      expect([ended.exitCode, sent]).toEqual([1, []]);
      expect(new Set(column('outcome'))).toEqual(new Set(['invalid']));
      const said = ended.stdout + ended.stderr + readFileSync(lab.path('users.results.csv'), 'utf8');
      expect(said).not.toMatch(/wombat|d29tYmF0|776f6d/);
    },
  );
});
