import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../src/simulator/make-certificate.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.js';
import { runProgram } from '../support/program.js';

/* The whole command: what it says of a way that works, and of each way that doesn't. */

const SESSION = { admin: 'admin', authToken: 'the-auth-token', secretCode: 'the-secret-code' };
const LOGIN = { password: 'the-password', integrationKey: 'the-key', integrationSecret: 'the-secret' };
let simulator: Simulator | undefined;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
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

const GIVEN = { CENTAGATE_AUTH_TOKEN: SESSION.authToken, CENTAGATE_SECRET_CODE: SESSION.secretCode };

/** The verdicts by check, and all that was said. */
async function examine(server: string, words: readonly string[] = [], session: Record<string, string> = GIVEN) {
  const env = { CENTAGATE_SERVER: server, CENTAGATE_ADMIN: SESSION.admin, ...session };
  const ended = await runProgram(['doctor', ...words], env);
  const lines = ended.stdout.trimEnd().split('\n');
  for (const secret of [...Object.values(SESSION).slice(1), ...Object.values(LOGIN)]) {
    expect(ended.stdout + ended.stderr).not.toContain(secret);
  }
  const verdicts = Object.fromEntries(lines.map((line) => line.split(/\s+/, 2).reverse() as [string, string]));
  return { ...ended, verdicts, lines };
}

const ALL_OK = {
  // As the machine has it that the tests run on.
  machine: expect.stringMatching(/^(?:ok|odd|-)$/) as string,
  files: '-',
  dns: 'ok',
  connection: 'ok',
  tls: 'ok',
  http: 'ok',
  address: 'ok',
  clock: 'ok',
  session: 'ok',
};

describe('doctor', () => {
  it('says line by line what works, with its time, and sends no registration', async () => {
    const tls = await makeCertificate(['127.0.0.1', 'localhost']);
    const { url, sends } = await simulate({ tls });
    writeFileSync(join(folder, 'ca.pem'), tls.cert);
    for (const server of [url, url.replace('127.0.0.1', 'localhost')]) {
      const { exitCode, verdicts, lines } = await examine(server, ['--ca', join(folder, 'ca.pem')]);
      expect(verdicts).toEqual({ ...ALL_OK, files: 'ok' });
      expect(exitCode).toBe(0);
      expect(lines[1]).toMatch(/ {2}--ca: 1 authority, valid until \d{4}-\d\d-\d\d$/);
      for (const line of lines.slice(1)) expect(line).toMatch(/^ok +\w+ +\d+ ms {2}\S/);
      expect(lines[4]).toMatch(/TLSv1\.\d, certificate of centagate-provision simulator by .*, \d+ days left$/);
    }
    expect(sends).toEqual([]);
  });

  it('has nothing to say of TLS where there is none', async () => {
    expect((await examine((await simulate()).url)).verdicts).toEqual({ ...ALL_OK, tls: '-' });
  });

  it('stops at a name that nobody knows', async () => {
    const { exitCode, verdicts, lines } = await examine('https://no-such-host.invalid');
    expect(exitCode).toBe(4);
    expect(verdicts).toMatchObject({ dns: 'BAD', connection: '-', session: '-' });
    expect(lines[2]).toContain('To do: correct --server');
  });

  it('stops at a port where nobody listens', async () => {
    const { exitCode, verdicts } = await examine('http://127.0.0.1:9');
    expect([exitCode, verdicts['dns'], verdicts['connection'], verdicts['http']]).toEqual([4, 'ok', 'BAD', '-']);
  });

  it('stops at a certificate that is not trusted, and at one for another name, before a secret leaves', async () => {
    const tls = await makeCertificate(['elsewhere.example']);
    const { url, sessionChecks } = await simulate({ tls });
    writeFileSync(join(folder, 'ca.pem'), tls.cert);
    const untrusted = await examine(url);
    expect([untrusted.exitCode, untrusted.verdicts['tls'], untrusted.verdicts['http']]).toEqual([6, 'BAD', '-']);
    expect(untrusted.lines[4]).toContain('self-signed');
    const other = await examine(url, ['--ca', join(folder, 'ca.pem')]);
    expect(other.lines[4]).toContain('for another name');
    expect(sessionChecks).toBe(0);
  });

  it('finds a server that speaks no TLS', async () => {
    const { url } = await simulate();
    const { exitCode, verdicts } = await examine(url.replace('http:', 'https:'));
    expect([exitCode, verdicts['connection'], verdicts['tls']]).toEqual([6, 'ok', 'BAD']);
  });

  it('finds another server than CENTAGATE', async () => {
    const other = createServer((_, response) => response.writeHead(302, { location: '/' }).end());
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = other.address() as AddressInfo;
      const { exitCode, verdicts } = await examine(`http://127.0.0.1:${port}`);
      expect(exitCode).toBe(6);
      expect(verdicts).toMatchObject({ http: 'ok', address: 'BAD', session: '-' });
    } finally {
      other.close();
    }
  });

  it('finds a clock that is off: to be looked at, or in the way of a run that does not correct it', async () => {
    const { url } = await simulate({ clockOffsetMs: 600_000 });
    const corrected = await examine(url);
    expect([corrected.exitCode, corrected.verdicts['clock']]).toEqual([0, 'odd']);
    expect(corrected.lines[7]).toMatch(/10 min \d s behind the server's\. To do: set this machine's clock$/);
    const local = await examine(url, ['--clock', 'local']);
    expect([local.exitCode, local.verdicts['clock'], local.verdicts['session']]).toEqual([6, 'BAD', 'ok']);
  });

  it('finds a session that is over', async () => {
    const server = await simulate();
    server.endSession();
    const { exitCode, verdicts } = await examine(server.url);
    expect([exitCode, verdicts['session']]).toEqual([6, 'BAD']);
  });

  it('logs in once where a run would, and out again; a wrong password is tried once', async () => {
    const server = await simulate({ login: LOGIN });
    const login = {
      CENTAGATE_PASSWORD: LOGIN.password,
      CENTAGATE_INTEGRATION_KEY: LOGIN.integrationKey,
      CENTAGATE_INTEGRATION_SECRET: LOGIN.integrationSecret,
    };
    const good = await examine(server.url, [], login);
    expect([good.exitCode, good.verdicts['session'], server.logins, server.logouts]).toEqual([0, 'ok', 1, 1]);
    const wrong = await examine(server.url, [], { ...login, CENTAGATE_PASSWORD: 'wrong' });
    expect([wrong.exitCode, wrong.verdicts['session'], server.logins]).toEqual([6, 'BAD', 2]);
  });

  it('says it to a machine as JSON', async () => {
    const { url } = await simulate();
    const { stdout } = await examine(url, ['--json']);
    const report = JSON.parse(stdout) as { checks: { name: string; verdict: string; ms: number }[] };
    expect(report).toMatchObject({ version: 1, server: url, exit_code: 0 });
    expect(report.checks.map(({ name }) => name)).toEqual(Object.keys(ALL_OK));
  });

  it('says how many certificates each file holds, or is wrong usage where one can not be read', async () => {
    const { url } = await simulate();
    const [one, two] = [await makeCertificate(['one']), await makeCertificate(['two'])];
    const file = join(folder, 'ca.pem');
    writeFileSync(file, `\ufeff${one.cert}${two.cert}`);
    const { lines } = await examine(url, ['--ca', file, '--trust', file]);
    expect(lines[1]).toMatch(/--ca: 2 authorities, the first valid until .*; --trust: 2 authorities, the first valid/);
    writeFileSync(file, one.cert.trimEnd() + two.cert);
    for (const flag of ['--ca', '--trust']) {
      const broken = await examine(url, [flag, file]);
      expect(broken.exitCode).toBe(2);
      expect(broken.stderr).toContain(`${flag}: block 1 of "${file}" can't be read`);
    }
  });

  it('is wrong usage without a server', async () => {
    expect((await runProgram(['doctor'], GIVEN)).exitCode).toBe(2);
  });
});
