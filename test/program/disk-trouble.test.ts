import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentOf } from '../support/account.js';
import { runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';
import { step } from '../support/suite.js';

/* Breaks the disk at every change of it, in this process. */

const disk = vi.hoisted<{ onChange: (call: string) => NodeJS.ErrnoException | undefined }>(() => ({
  onChange: () => undefined,
}));

vi.mock('node:fs', async (importActual) => {
  const actual = await importActual<typeof import('node:fs')>();
  const breakable =
    <Words extends readonly unknown[], Result>(name: string, change: (...words: Words) => Result) =>
    (...words: Words): Result => {
      const error = disk.onChange(name);
      if (error !== undefined) throw error;
      return change(...words);
    };
  const fdatasync = (fd: number, done: (error: Error | null) => void): void => {
    const error = disk.onChange(`fdatasync ${actual.fstatSync(fd).ino}`);
    if (error === undefined) actual.fdatasync(fd, done);
    else done(error);
  };
  return {
    ...actual,
    writeSync: breakable('write', actual.writeSync),
    writeFileSync: breakable('write', actual.writeFileSync),
    renameSync: breakable('rename', actual.renameSync),
    linkSync: breakable('link', actual.linkSync),
    fsyncSync: breakable('fsync', actual.fsyncSync),
    ftruncateSync: breakable('truncate', actual.ftruncateSync),
    fdatasync,
  };
});

const SESSION = { admin: 'admin', authToken: 'auth-token', secretCode: 'secret-code' };
const SAMPLES = join(import.meta.dirname, '../../samples');
const CONCURRENCY = 2;
const CSV = [
  'username,token_type,signature_path,status',
  'ann,otp,,',
  'ben,pki,signatures/finance/aisyah.rahman.p7s,2',
  'cy,otp,,',
  'gone,otp,,',
  'dee,otp,,',
  'eve,otp,,',
].join('\n');
const USERS = ['ann', 'ben', 'cy', 'dee', 'eve'];

let folder: string;
let simulator: Simulator;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'disk-'));
  await begin();
});
afterEach(async () => {
  disk.onChange = () => undefined;
  await simulator.close();
  rmSync(folder, { recursive: true });
});

/** An untouched stem and server. */
async function begin(): Promise<void> {
  rmSync(folder, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), 'disk-'));
  writeFileSync(join(folder, 'users.csv'), CSV);
  const users = USERS.map((username) => ({ username, active: true, hasOtp: false, hasCertificate: false }));
  simulator = await startSimulator({ ...SESSION, users, script: { cy: ['10004'] } });
}

function run(...flags: readonly string[]): Promise<Ended> {
  return runProgram(['run', join(folder, 'users.csv'), '--concurrency', String(CONCURRENCY), ...flags], {
    ...environmentOf(simulator.url, SESSION),
    CENTAGATE_SIGNATURES_DIR: SAMPLES,
  });
}

/** Runs over a disk that is broken as `breaks` says of each change; how many sends there were when it first broke. */
async function runBroken(breaks: (call: string, nth: number) => string | undefined, ...flags: readonly string[]) {
  let nth = 0;
  let sendsBefore: number | undefined;
  disk.onChange = (call) => {
    const code = breaks(call, (nth += 1));
    if (code === undefined) return undefined;
    sendsBefore ??= simulator.sends.length;
    return Object.assign(new Error(`${code}: ${call}`), { code });
  };
  const ended = await run(...flags);
  disk.onChange = () => undefined;
  return { ...ended, sendsBefore, changes: nth };
}

function read(name: string): Record<string, string>[] {
  const path = join(folder, name);
  return existsSync(path) ? parse(readFileSync(path), { columns: true }) : [];
}

/** Nothing was lost without a word: of each row, the sends are counted, and its key is saved or called lost. */
function expectTruth(at: string): void {
  const rows = read('users.results.csv');
  expect(rows, at).toHaveLength(USERS.length + 1);
  const keys = read('users.keys.csv').map(({ key }) => key);
  for (const { username = '', outcome = '', attempts } of rows) {
    const sends = simulator.sends.filter((send) => send.username === username);
    expect(Number(attempts), `${at}: ${username}`).toBeGreaterThanOrEqual(sends.length);
    const issued = sends.find(({ key }) => key !== undefined)?.key;
    const allowed = username === 'gone' ? 'refused' : /registered/;
    if (issued === undefined || keys.includes(issued)) expect(outcome, `${at}: ${username}`).toMatch(allowed);
    else expect(outcome, `${at}: ${username}`).toBe('key_lost');
  }
}

describe('a disk that breaks', () => {
  const CODES = ['ENOSPC', 'EIO', 'EDQUOT', 'EROFS'] as const;

  it('at any change of it, once or for good: nothing new is sent, and the next run goes on', async () => {
    const { changes } = await runBroken(() => undefined);
    expect(changes).toBeGreaterThan(40);
    for (let broken = 1; broken <= changes; broken += step(9)) {
      await simulator.close();
      await begin();
      const code = CODES[(broken >> 1) % CODES.length];
      const isForGood = broken % 2 === 0;
      const ended = await runBroken((_, nth) => (nth === broken || (isForGood && nth > broken) ? code : undefined));
      const at = `${code ?? ''} at change ${broken}: exit ${ended.exitCode} ${ended.stderr}`;
      if (ended.sendsBefore !== undefined) {
        // What makes no difference, such as a lock that stays behind, is none.
        expect(ended.sendsBefore === 0 ? [1, 2, 4] : [1, 4], at).toContain(ended.exitCode);
        expect(simulator.sends.length, at).toBeLessThanOrEqual(
          ended.exitCode === 1 ? Infinity : ended.sendsBefore + CONCURRENCY,
        );
      }
      // Nothing was sent, so nothing is left of it.
      if (ended.exitCode === 2) expect([simulator.sends, readdirSync(folder)], at).toEqual([[], ['users.csv']]);
      expect((await run()).exitCode, at).toBe(1);
      expectTruth(at);
    }
  });

  it('while a key is synced: the row is in doubt, and the next run finds the key', async () => {
    const keys = join(folder, 'users.keys.csv');
    const ended = await runBroken((call) => {
      const isOfKeys = existsSync(keys) && call === `fdatasync ${statSync(keys).ino}`;
      return isOfKeys ? 'EIO' : undefined;
    });
    expect(ended.exitCode).toBe(4);
    const [row] = read('users.results.csv').filter(({ username }) => username === read('users.keys.csv')[0]?.username);
    expect(row).toMatchObject({ outcome: 'unknown', retry: 'yes', return_code: '0' });
    expect(row?.['detail']).toContain('Rerun: the keys file decides');
    expect((await run()).exitCode).toBe(1);
    expectTruth('');
  });

  it.each([
    [[], 'the same command goes on from there'],
    // Which would put the journal aside.
    [['--fresh'], 'the same command without --fresh goes on from there'],
  ])('so that no file gets its place: it is said what goes on from the journal (%s)', async (flags, says) => {
    const isLate = (): boolean => simulator.sends.length > 0;
    const { exitCode, stderr } = await runBroken(
      (call) => (call === 'rename' && isLate() ? 'EIO' : undefined),
      ...flags,
    );
    expect(exitCode).toBe(4);
    expect(stderr).toContain(says);
    expect((await run()).exitCode).toBe(1);
    expectTruth(says);
  });

  it('because it is full: what was answered by then finds its room', async () => {
    const { changes } = await runBroken(() => undefined);
    for (let full = 1; full <= changes; full += step(9)) {
      await simulator.close();
      await begin();
      const ended = await runBroken((call, nth) => {
        const isFull = existsSync(join(folder, 'users.reserve')) && simulator.sends.length > 0;
        return call === 'write' && nth >= full && isFull ? 'ENOSPC' : undefined;
      });
      if (ended.sendsBefore === undefined) break;
      const at = `full from change ${full} on: exit ${ended.exitCode}`;
      expect(ended.exitCode, at).toBe(4);
      for (const { username = '', outcome, return_code: code } of read('users.results.csv')) {
        // A temporary code is an answer too.
        expect(['unknown', 'key_lost'].includes(outcome ?? '') && code !== '10004', `${at}: ${username}`).toBe(false);
      }
      expect((await run()).exitCode, at).toBe(1);
      expectTruth(at);
    }
  });
});
