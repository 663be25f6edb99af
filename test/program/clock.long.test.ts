import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../src/simulator/make-certificate.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.js';
import { hastyClock, runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';

/* The whole tool against clocks that disagree: what counts is what the server says of the stamps. */

const SAMPLES = join(import.meta.dirname, '../../samples');
const SESSION = { admin: 'admin', authToken: 'auth-token', secretCode: 'secret-code' };
const TEN_MINUTES = 600_000;

let folder: string;
let simulator: Simulator | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clock-'));
  const rows = Array.from({ length: 60 }, (_, n) =>
    n % 3 === 0 ? `otp.${n},otp,,` : `pki.${n},pki,signatures/finance/aisyah.rahman.p7s,2`,
  );
  writeFileSync(join(folder, 'users.csv'), ['username,token_type,signature_path,status', ...rows].join('\n'));
});

afterEach(async () => {
  await simulator?.close();
  simulator = undefined;
  rmSync(folder, { recursive: true });
});

async function simulate(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  simulator = await startSimulator({ ...SESSION, ...options });
  return simulator;
}

function run(server: string, words: readonly string[] = [], clock = hastyClock): Promise<Ended> {
  const env = {
    CENTAGATE_SERVER: server,
    CENTAGATE_ADMIN: SESSION.admin,
    CENTAGATE_AUTH_TOKEN: SESSION.authToken,
    CENTAGATE_SECRET_CODE: SESSION.secretCode,
  };
  return runProgram(['run', join(folder, 'users.csv'), '--signatures-dir', SAMPLES, ...words], env, { clock });
}

function outcomes(): string[] {
  const rows: Record<string, string>[] = parse(readFileSync(join(folder, 'users.results.csv')), { columns: true });
  return [...new Set(rows.map(({ outcome = '' }) => outcome))];
}

function codes({ sends }: Simulator): string[] {
  return [...new Set(sends.map(({ code }) => code ?? ''))];
}

describe('a server whose date is none of this time', () => {
  it.each([
    'Sat, 13 Sep 275760 00:00:00 GMT',
    'Fri, 01 Jan 12000 00:00:00 GMT',
    'Thu, 01 Jan 1970 00:00:00 GMT',
    '-271821-04-20T00:00:00.000Z',
    '9'.repeat(400),
    'Invalid Date',
  ])('%s: the run ends as with any other, its keys are there, and a rerun finds nothing left', async (date) => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', date, 'retry-after': date });
      response.end('{"code":"0","message":"Success","object":"12345678"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      for (const words of [[], ['--clock', 'local']]) {
        const { exitCode, stderr } = await run(url, words);
        expect(exitCode, stderr).toBe(0);
        expect(readFileSync(join(folder, 'users.keys.csv'), 'utf8').match(/12345678/g)).toHaveLength(20);
      }
    } finally {
      server.close();
    }
  });
});

describe.each([-TEN_MINUTES, TEN_MINUTES])('a server whose clock is %i ms ahead', (clockOffsetMs) => {
  it.each([[], ['--no-preflight']])('rejects no stamp, not even the first (%s)', async (...words) => {
    const server = await simulate({ clockOffsetMs });
    expect((await run(server.url, words)).exitCode).toBe(0);
    expect(server.sends).toHaveLength(60);
    expect(codes(server)).toEqual(['0']);
  });

  it('takes the login too, at once', async () => {
    const login = { password: 'the-password', integrationKey: 'the-key', integrationSecret: 'the-secret' };
    const server = await simulate({ clockOffsetMs, login });
    const env = {
      CENTAGATE_SERVER: server.url,
      CENTAGATE_ADMIN: SESSION.admin,
      CENTAGATE_PASSWORD: login.password,
      CENTAGATE_INTEGRATION_KEY: login.integrationKey,
      CENTAGATE_INTEGRATION_SECRET: login.integrationSecret,
    };
    for (const words of [[], ['--no-preflight', '--fresh']]) {
      const flags = ['--signatures-dir', SAMPLES, ...words];
      const ended = await runProgram(['run', join(folder, 'users.csv'), ...flags], env, { clock: hastyClock });
      expect(ended.exitCode).toBe(0);
    }
    expect([server.logins, server.logouts]).toEqual([2, 2]);
    expect(codes(server).filter((code) => code === '10002' || code === '23023')).toEqual([]);
  });

  it('has results and keys on its own clock', async () => {
    const server = await simulate({ clockOffsetMs });
    await run(server.url);
    for (const file of ['users.results.csv', 'users.keys.csv']) {
      const stamps = readFileSync(join(folder, file), 'utf8').match(/\d{4}-\d\d-\d\dT[\d:.]{12}Z/g) ?? [];
      expect(stamps.length).toBeGreaterThan(0);
      for (const stamp of stamps) {
        expect(Math.abs(Date.parse(stamp) - Date.now() - clockOffsetMs)).toBeLessThan(TEN_MINUTES / 2);
      }
    }
  });

  it('gets nothing from a run that may not correct its clock', async () => {
    const server = await simulate({ clockOffsetMs });
    const ended = await run(server.url, ['--clock', 'local']);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain('--clock local: this machine');
    expect(ended.stderr).toContain('Nothing was sent.');
    expect(server.sends).toEqual([]);
    expect(existsSync(join(folder, 'users.results.csv'))).toBe(false);
  });

  it("rejects no stamp when this machine's clock jumps in the middle", async () => {
    let jumpedMs = 0;
    const onSend: SimulatorOptions['onSend'] = ({ n }) => {
      if (n === 20) jumpedMs = clockOffsetMs;
    };
    const server = await simulate({ onSend });
    const clock = { ...hastyClock, now: () => Date.now() + jumpedMs };
    expect((await run(server.url, ['--concurrency', '8'], clock)).exitCode).toBe(0);
    expect(codes(server)).toEqual(['0']);
  });
});

describe.each([-TEN_MINUTES, TEN_MINUTES])('a server whose own clock jumps by %i ms in the middle', (byMs) => {
  it('refuses no stamp that was made after a reply had shown the jump', async () => {
    const server = await simulate({ clockJump: { afterSends: 20, byMs } });
    expect((await run(server.url, ['--concurrency', '1'])).exitCode).toBe(0);
    expect(codes(server)).toEqual(['0']);
  });

  it('costs the rows in flight another try, and none is refused', async () => {
    const server = await simulate({ clockJump: { afterSends: 1, byMs }, latencyMs: 100 });
    expect((await run(server.url, ['--concurrency', '16'])).exitCode).toBe(0);
    expect(outcomes()).toEqual(['registered']);
    const refused = server.sends.filter(({ code }) => code === '10002');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(16);
  });
});

describe('a look before the first row', () => {
  it('finds another server than CENTAGATE, and nothing secret leaves', async () => {
    const seen: string[] = [];
    let status = 302;
    const other = createServer((request, response) => {
      seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
      response.writeHead(status, { location: '/' }).end();
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    try {
      const ended = await run(url);
      expect(ended.exitCode).toBe(2);
      expect(ended.stderr).toContain('this is no CENTAGATE web API');
      expect(seen).toEqual(['GET /CentagateWS/webresources/token/register/otp/offline/admin']);
      // A GET of such a server proves nothing, and without a look there is none: one row meets it, and no other.
      status = 404;
      for (const flags of [[], ['--no-preflight']]) {
        seen.length = 0;
        expect((await run(url, [...flags, '--concurrency', '16'])).exitCode).toBe(6);
        const sent = seen.filter((line) => line.startsWith('PUT'));
        // One row for each endpoint at most.
        expect([sent.length > 0, sent.length]).toEqual([true, new Set(sent).size]);
      }
    } finally {
      other.close();
    }
  });

  it('finds a certificate that is not to be trusted', async () => {
    const server = await simulate({ tls: await makeCertificate(['127.0.0.1']) });
    const ended = await run(server.url);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain("the server's certificate is self-signed: give its issuer with --ca");
    expect(server.sends).toEqual([]);
  });
});
