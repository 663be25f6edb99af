import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ListingGap, Listed, TokenListing } from '../../src/server/token-listing.js';
import type { RegisteredRow, VerifyReport } from '../../src/checks/verification.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.js';
import { verify } from '../../src/checks/verify.js';
import { runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';
import { anUnsent, aReply, aStatus } from '../support/builders.js';
import { aRowWorld } from '../support/row-world.js';
import { TestClock } from '../support/test-clock.js';

const SAMPLES = join(import.meta.dirname, '../../samples/signatures/finance');
const SESSION = { admin: 'admin', authToken: 'the-auth-token', secretCode: 'the-secret-code' };

describe('the command', () => {
  let folder: string;
  let simulator: Simulator;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'verify-'));
    cpSync(join(SAMPLES, 'aisyah.rahman.p7s'), join(folder, 'a.p7s'));
    const rows = ['ann,otp,,', 'ben,pki,a.p7s,2', 'cid,otp,,', 'dee,pki,a.p7s,2', 'eve,carrier-pigeon,,'];
    writeFileSync(join(folder, 'users.csv'), ['username,token_type,signature_path,status', ...rows].join('\n'));
    simulator = await startSimulator(SESSION);
    expect((await command('run', 'users.csv')).exitCode).toBe(1);
  });
  afterEach(async () => {
    await simulator.close();
    rmSync(folder, { recursive: true });
  });

  function command(name: string, file: string, ...words: readonly string[]): Promise<Ended> {
    const env = {
      CENTAGATE_SERVER: simulator.url,
      CENTAGATE_ADMIN: SESSION.admin,
      CENTAGATE_AUTH_TOKEN: SESSION.authToken,
      CENTAGATE_SECRET_CODE: SESSION.secretCode,
    };
    return runProgram([name, join(folder, file), ...words], env);
  }

  /** Another server in the place of the one that the run was against. */
  async function replaceServer(options: Partial<SimulatorOptions>): Promise<void> {
    await simulator.close();
    simulator = await startSimulator({ ...SESSION, port: Number(new URL(simulator.url).port), ...options });
  }

  it('asks for every registered row, and changes nothing', async () => {
    const before = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]);
    const { exitCode, stdout } = await command('verify', 'users.results.csv');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/│ there +│ +4 │ the server shows it/);
    expect([simulator.listings, simulator.sends.length]).toEqual([4, 4]);
    expect(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')])).toEqual(before);
  });

  it('asks for nothing while the journal of a run or an undo says more than the results', async () => {
    writeFileSync(join(folder, 'users.journal'), '');
    const { exitCode, stderr } = await command('verify', 'users.results.csv');
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/users\.journal is there: .*repeat its command/)]);
    expect(simulator.listings).toBe(0);
  });

  it('names what is missing: a token, a user, and a certificate that is another one', async () => {
    const user = { active: true, hasOtp: true, hasCertificate: true };
    await replaceServer({
      users: [
        { ...user, username: 'ann', hasOtp: false },
        { ...user, username: 'ben' },
        { ...user, username: 'cid' },
      ],
    });
    const { exitCode, stdout } = await command('verify', 'users.results.csv');
    expect(exitCode).toBe(1);
    const named = stdout.split('\n').filter((line) => line.startsWith('missing: '));
    expect(named).toEqual(['missing: line 2, ann (otp)', 'missing: line 3, ben (pki)', 'missing: line 5, dee (pki)']);
    const report = JSON.parse((await command('verify', 'users.results.csv', '--json')).stdout) as VerifyReport;
    expect(report).toMatchObject({ exit_code: 1, rows: 4, presence: { there: 1, missing: 3 } });
    expect(report.missing_rows[0]).toEqual({ line: 2, username: 'ann', token_type: 'otp' });
  });

  it('says what it could not check, counted', async () => {
    rmSync(join(folder, 'a.p7s'));
    const { exitCode, stdout } = await command('verify', 'users.results.csv');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/│ uncheckable +│ +2 │/);
  });

  it('stops where the server does not offer it, or the session is over', async () => {
    await replaceServer({ userList: 'missing' });
    const missing = await command('verify', 'users.results.csv', '--concurrency', '1');
    expect([missing.exitCode, simulator.listings]).toEqual([6, 3]);
    expect(missing.stdout).toContain('Stopped early: the server does not offer user/auth/list');
    await replaceServer({});
    simulator.endSession();
    const over = await command('verify', 'users.results.csv');
    expect(over.exitCode).toBe(6);
    expect(over.stdout).toContain('Stopped early: the server refuses this administrator');
  });

  it('is not sure of a user that the administrator may not see', async () => {
    simulator.denyUser('cid');
    const { exitCode, stdout } = await command('verify', 'users.results.csv');
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/│ unclear +│ +1 │/);
  });

  it.each([
    ['what is no results file', 'users.csv', []],
    ['what is not there', 'nothing.results.csv', []],
    ['results of another server', 'users.results.csv', ['--server', 'http://127.0.0.1:9']],
  ])('is wrong usage for %s', async (_, file, words) => {
    expect((await command('verify', file, ...words)).exitCode).toBe(2);
    expect(simulator.listings).toBe(0);
  });
});

describe('a row', () => {
  const THERE: TokenListing = { types: ['2'], fingerprints: [] };

  async function ask(answers: readonly (TokenListing | ListingGap)[], maxAttempts = 3) {
    const { clock, gate, stop } = aRowWorld();
    const left = [...answers];
    const row: RegisteredRow = { line: 2, username: 'ann', tokenType: 'otp', mark: () => undefined };
    const listTokens = () => Promise.resolve({ listing: left.shift() ?? 'unclear', reply: aStatus(500) });
    const edges = { clock, gate, stop, concurrency: 4, maxAttempts, listTokens };
    const counter = await verify(one(row), edges);
    const { presence } = counter.result({ results: '', server: '', stop: stop.reason });
    return { presence, asked: answers.length - left.length };
  }

  async function* one(row: RegisteredRow): AsyncGenerator<RegisteredRow> {
    yield await Promise.resolve(row);
  }

  it('is asked for again when there is no usable answer, and only so often', async () => {
    expect(await ask(['unclear', 'unclear', THERE])).toMatchObject({ presence: { there: 1 }, asked: 3 });
    expect(await ask(['unclear', 'unclear', 'unclear', THERE])).toMatchObject({ presence: { unclear: 1 }, asked: 3 });
  });

  it('of a user that is gone is missing', async () => {
    expect((await ask(['no_user'])).presence).toMatchObject({ missing: 1 });
  });
});

describe('a server that is away', () => {
  const THERE: Listed = { listing: { types: ['2'], fingerprints: [] }, reply: aReply() };
  const AWAY: Listed = { listing: 'unclear', reply: anUnsent() };

  /** Asks for 60 rows, sixteen at a time, at a server that is away between these ms. */
  async function askAll(fromMs: number, toMs: number) {
    const clock = new TestClock({ isAuto: true });
    const { gate, stop, notes } = aRowWorld({ clock, pace: { concurrency: 16, maxOutageMs: 600_000 } });
    const unanswered: number[] = [];
    let [probes, mostProbes] = [0, 0];
    const listTokens = async (): Promise<Listed> => {
      const isProbe = notes.at(-1)?.startsWith('the server is away') === true;
      if (isProbe) mostProbes = Math.max(mostProbes, (probes += 1));
      await new Promise<void>((resolve) => clock.after(100, resolve));
      if (isProbe) probes -= 1;
      const isAway = clock.elapsedMs >= fromMs && clock.elapsedMs < toMs;
      if (isAway) unanswered.push(clock.elapsedMs);
      return isAway ? AWAY : THERE;
    };
    async function* rows(): AsyncGenerator<RegisteredRow> {
      for (let line = 2; line < 62; line += 1) {
        yield await Promise.resolve({ line, username: `u${line}`, tokenType: 'otp', mark: () => undefined });
      }
    }
    const counter = await verify(rows(), { clock, gate, stop, concurrency: 16, maxAttempts: 4, listTokens });
    const { presence, exit_code: exitCode } = counter.result({ results: '', server: '', stop: stop.reason });
    return { presence, exitCode, unanswered, mostProbes, notes, clock, reason: stop.reason?.reason };
  }

  it('is waited for, with one question at a time, and every row is found', async () => {
    const { presence, exitCode, unanswered, mostProbes, notes } = await askAll(150, 60_000);
    expect(presence).toMatchObject({ there: 60, missing: 0, uncheckable: 0, unclear: 0 });
    expect(exitCode).toBe(0);
    // The first sixteen, then 1, 2, 4, … s between the questions.
    expect(unanswered.length).toBeLessThan(16 + 8);
    expect(mostProbes).toBe(1);
    const told = notes.filter((note) => note.startsWith('the server is')).map((note) => note.split(/ (?:\(|after)/)[0]);
    expect(told).toEqual(['the server is away', 'the server is back']);
  });

  it('ends it when that takes too long: the rest is not asked about', async () => {
    const { presence, exitCode, unanswered, clock, reason } = await askAll(0, Infinity);
    expect(exitCode).toBe(4);
    expect(presence).toMatchObject({ there: 0, unclear: 60 });
    expect(reason).toContain('the server was away for 600 s');
    expect(clock.elapsedMs).toBeLessThan(620_000);
    expect(unanswered.length).toBeLessThan(16 + 30);
  });
});

describe('a server that asks for less', () => {
  it('costs a row no try, and is waited for as long as it says', async () => {
    const { clock, gate, stop } = aRowWorld();
    const asked: number[] = [];
    const listTokens = (): Promise<Listed> => {
      asked.push(clock.monotonic());
      const listing = asked.length > 6 ? ({ types: ['2'], fingerprints: [] } as const) : 'unclear';
      return Promise.resolve({ listing, reply: asked.length > 6 ? aReply() : aStatus(429, 7_000) });
    };
    async function* one(): AsyncGenerator<RegisteredRow> {
      yield await Promise.resolve({ line: 2, username: 'ann', tokenType: 'otp', mark: () => undefined });
    }
    const counter = await verify(one(), { clock, gate, stop, concurrency: 1, maxAttempts: 2, listTokens });
    expect(counter.result({ results: '', server: '', stop: undefined }).presence).toMatchObject({ there: 1 });
    for (const [index, at] of asked.entries())
      if (index > 0) expect(at - asked[index - 1]!).toBeGreaterThanOrEqual(7_000);
  });
});
