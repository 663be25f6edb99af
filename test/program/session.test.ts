/** What issue and contract promise of a session, with the whole program and a strict server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.js';
import { PROGRAM, runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';
import { size } from '../support/suite.js';

const GIVEN = { authToken: 'the-given-auth-token', secretCode: 'the-given-secret-code' };
const LOGIN = {
  password: 'the-password-of-the-test',
  integrationKey: 'the-integration-key-of-the-test',
  integrationSecret: 'the-integration-secret-of-the-test',
};

let folder: string;
let simulator: Simulator;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'session-'));
});
afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

/** Of a file: in the summary, the manifest, the journal, and as sha256sum has it. */
const DIGEST = /"(?:input_|results_|failed_)?(?:sha256|previous|rows)": ?"[0-9a-f]+"|^[0-9a-f]{64} {2}users\./gm;

describe('a run that logs in', () => {
  it('survives a session that dies every 50 calls: no row fails, one login for each death, never two at once', async () => {
    await simulate({ sessionLimits: { requests: 50 } });
    const rows = size({ long: 2000, short: 400 });
    writeUsers(rows);
    const ended = await run(login(), '--concurrency', '64');
    expect(ended.exitCode).toBe(0);
    expect(new Set(column('outcome'))).toEqual(new Set(['registered']));
    expect(simulator.deaths).toBeGreaterThan((30 * rows) / 2000);
    // The session that the server began with was never ours.
    expect(simulator.logins).toBe(simulator.deaths + 1);
    expect(simulator.maxConcurrentLogins).toBe(1);
    // What was refused with its session was sent again, and each send counts.
    const attempts = column('attempts').reduce((sum, text) => sum + Number(text), 0);
    expect(attempts).toBe(simulator.sends.length);
  });

  it('uses a given session first, logs in when it is over, and logs out at the end', async () => {
    await simulate({ sessionLimits: { requests: 20 } });
    writeUsers(30);
    const ended = await run({ ...given(), ...login() }, '--concurrency', '4');
    expect(ended.exitCode).toBe(0);
    expect([simulator.deaths, simulator.logins, simulator.logouts]).toEqual([1, 1, 1]);
  });

  it('does not log out of a session that was given', async () => {
    await simulate({});
    writeUsers(3);
    await run({ ...given(), ...login() });
    expect([simulator.logins, simulator.logouts]).toEqual([0, 0]);
  });

  it('does not log in when there is nothing to send', async () => {
    await simulate({});
    writeUsers(3);
    await run(login());
    expect((await run(login())).exitCode).toBe(0);
    expect(simulator.logins).toBe(1);
  });

  it.each([1, 64])('tries a wrong password once (concurrency %i)', async (concurrency) => {
    await simulate({});
    writeUsers(300);
    const env = { ...login(), CENTAGATE_PASSWORD: 'a-wrong-password' };
    const ended = await run(env, '--concurrency', String(concurrency));
    expect(ended.exitCode).toBe(6);
    expect(ended.stdout).toContain('23001');
    expect([simulator.logins, simulator.sends.length]).toEqual([1, 0]);
    expect(new Set(column('outcome'))).toEqual(new Set(['not_sent']));
    expect(new Set(column('attempts'))).toEqual(new Set(['0']));
  });

  it('says before the login, once, that a password came with quotes, and by which variable', async () => {
    const quoted = `"${LOGIN.password}"`;
    await simulate({ login: { ...LOGIN, password: quoted } });
    writeUsers(3);
    const ended = await runChild({ ...login(), CENTAGATE_PASSWORD: quoted });
    expect([ended.exitCode, simulator.logins]).toEqual([0, 1]);
    expect(ended.stderr.split('CENTAGATE_PASSWORD: the secret begins and ends with the same quote')).toHaveLength(2);
    expect(ended.stderr.indexOf('CENTAGATE_PASSWORD')).toBeLessThan(ended.stderr.indexOf('logged in as'));
    expect(ended.stdout + ended.stderr).not.toContain(LOGIN.password);
  });

  it.each([
    ['step-up', 'second factor'],
    ['expired', 'password has expired'],
  ] as const)('says what is wrong with an account that is %s', async (state, words) => {
    await simulate({ login: { ...LOGIN, state } });
    writeUsers(3);
    const ended = await run(login());
    expect(ended.exitCode).toBe(6);
    expect(ended.stdout).toContain(words);
    expect([simulator.logins, simulator.sends.length]).toEqual([1, 0]);
  });

  it.each([1, 64])(
    'leaves one user it has no right over, and does all others (concurrency %i)',
    async (concurrency) => {
      await simulate({});
      simulator.denyUser('u7');
      writeUsers(100);
      const ended = await run(login(), '--concurrency', String(concurrency));
      expect(ended.exitCode).toBe(1);
      const outcomes = column('outcome');
      expect(outcomes[7]).toBe('refused');
      expect(outcomes.filter((outcome) => outcome === 'registered')).toHaveLength(99);
      expect(simulator.logins).toBe(1);
    },
  );

  it('the same where no session check tells: another row does', async () => {
    await simulate({ sessionCheck: 'missing' });
    simulator.denyUser('u7');
    writeUsers(100);
    const ended = await run(login(), '--concurrency', '8');
    expect(ended.exitCode).toBe(1);
    expect(column('outcome').filter((outcome) => outcome !== 'registered')).toEqual(['refused']);
    expect(simulator.logins).toBeLessThanOrEqual(2);
  });

  it.each([
    { concurrency: 1, sessionCheck: 'ok' },
    { concurrency: 64, sessionCheck: 'ok' },
    { concurrency: 64, sessionCheck: 'missing' },
  ] as const)(
    'stops when its right was revoked, after two logins at most (%o)',
    async ({ concurrency, sessionCheck }) => {
      await simulate({ sessionCheck });
      simulator.revokeRight();
      writeUsers(300);
      const ended = await run(login(), '--concurrency', String(concurrency));
      expect(ended.exitCode).toBe(6);
      expect(ended.stdout).toContain('refuses this administrator');
      expect(simulator.logins).toBeLessThanOrEqual(2);
      expect(column('outcome')).toHaveLength(300);
      expect(column('outcome')).not.toContain('registered');
    },
  );

  it('stops when its right is revoked on the way, with sessions that end as well', async () => {
    await simulate({
      sessionLimits: { requests: 40 },
      onSend: ({ n }) => {
        if (n === 100) simulator.revokeRight();
      },
    });
    writeUsers(400);
    const ended = await run(login(), '--concurrency', '16');
    expect(ended.exitCode).toBe(6);
    // Three for the first hundred, and no more than two that led nowhere.
    expect(simulator.logins).toBeLessThanOrEqual(5);
  });

  it('logs out after SIGTERM too', async () => {
    await simulate({ latencyMs: 100 });
    writeUsers(300);
    const child = spawn(process.execPath, [PROGRAM, 'run', path('users.csv'), '--concurrency', '4'], {
      env: { PATH: process.env['PATH'], ...login() },
    });
    await until(() => simulator.sends.length >= 4);
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(143);
    expect([simulator.logins, simulator.logouts]).toEqual([1, 1]);
    expect(column('outcome')).toHaveLength(300);
  });

  it('shows no secret anywhere: not in a file, the journal among them, nor on the terminal, nor in the log', async () => {
    const texts: string[] = [];
    await simulate({
      sessionLimits: { requests: 3 },
      script: { u1: ['10004', 'ok'], u2: ['10001'] },
      onSend: () => texts.push(...filesButKeys()),
    });
    writeUsers(10);
    const ended = await runChild({ ...given(), ...login() }, '--json', '--concurrency', '2');
    texts.push(ended.stdout, ended.stderr, ...filesButKeys());
    const wrong = await runChild({ ...login(), CENTAGATE_PASSWORD: 'a-wrong-password' }, '--fresh');
    texts.push(wrong.stdout, wrong.stderr, ...filesButKeys());
    expect([ended.exitCode, wrong.exitCode]).toEqual([1, 6]);
    expect(simulator.logins).toBeGreaterThan(2);
    expect(texts.some((text) => text.includes('"intent"'))).toBe(true);
    expect(ended.stderr).toContain('logged in');
    const secrets = [...Object.values(GIVEN), ...Object.values(LOGIN), 'a-wrong-password'];
    for (const text of texts) {
      for (const secret of secrets) expect(text).not.toContain(secret);
      // No cenToken, and none of the tokens that the server makes: 64 and 32 digits.
      const rest = text.replaceAll(DIGEST, '');
      expect(rest).not.toMatch(/\b(?:[0-9a-f]{64}|[0-9a-f]{32})\b/);
    }
  });
});

describe('a run that can not log in', () => {
  it('stops when its session is over, and no row is called refused', async () => {
    await simulate({ sessionLimits: { requests: 5 }, sessionCheck: 'missing' });
    writeUsers(40);
    const ended = await run(given(), '--concurrency', '1');
    expect(ended.exitCode).toBe(6);
    const outcomes = column('outcome');
    expect(outcomes.filter((outcome) => outcome === 'registered')).toHaveLength(5);
    expect(outcomes.filter((outcome) => outcome === 'unavailable')).toHaveLength(2);
    expect(outcomes).not.toContain('refused');
  });
});

async function simulate(options: Partial<SimulatorOptions>): Promise<void> {
  simulator = await startSimulator({ admin: 'root', ...GIVEN, login: LOGIN, ...options });
}

function given(): Record<string, string> {
  return { CENTAGATE_AUTH_TOKEN: GIVEN.authToken, CENTAGATE_SECRET_CODE: GIVEN.secretCode };
}

function login(): Record<string, string> {
  return {
    CENTAGATE_SERVER: simulator.url,
    CENTAGATE_ADMIN: 'root',
    CENTAGATE_PASSWORD: LOGIN.password,
    CENTAGATE_INTEGRATION_KEY: LOGIN.integrationKey,
    CENTAGATE_INTEGRATION_SECRET: LOGIN.integrationSecret,
  };
}

function run(env: Readonly<Record<string, string>>, ...flags: readonly string[]): Promise<Ended> {
  const where = { CENTAGATE_SERVER: simulator.url, CENTAGATE_ADMIN: 'root' };
  return runProgram(['run', path('users.csv'), ...flags], { ...where, ...env });
}

/** In a process of its own, whose log can be read. */
async function runChild(env: Readonly<Record<string, string>>, ...flags: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [PROGRAM, 'run', path('users.csv'), ...flags], {
    env: { PATH: process.env['PATH'], ...env },
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const [exitCode] = (await once(child, 'close')) as [number];
  return { exitCode, ...said };
}

function path(name: string): string {
  return join(folder, name);
}

function writeUsers(count: number): void {
  const rows = Array.from({ length: count }, (_, index) => `u${index},otp`);
  writeFileSync(path('users.csv'), ['username,token_type', ...rows].join('\n'));
}

function column(name: string): string[] {
  const rows: Record<string, string>[] = parse(readFileSync(path('users.results.csv')), { columns: true });
  return rows.map((row) => row[name] ?? '');
}

function filesButKeys(): string[] {
  const names = readdirSync(folder).filter((name) => name !== 'users.keys.csv');
  return names.map((name) => readFileSync(path(name), 'utf8'));
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; !isTrue(); tries += 1) {
    if (tries > 1000) throw new Error('it never came true');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
