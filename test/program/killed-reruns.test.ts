import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunReport } from '../../src/report/run-report.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Send, Simulator } from '../../src/simulator/simulator.js';
import { environmentOf } from '../support/account.js';
import { runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';
import { runs } from '../support/suite.js';

/* Kills between any two changes of the disk, in this process: the folder is put back as it was at that moment. */

const disk = vi.hoisted<{ onChange: (what: string) => void }>(() => ({ onChange: () => undefined }));

vi.mock('node:fs', async (importActual) => {
  const actual = await importActual<typeof import('node:fs')>();
  const told =
    <Words extends readonly unknown[], Result>(call: string, change: (...words: Words) => Result) =>
    (...words: Words): Result => {
      disk.onChange(`${call} ${String(words[0])}`);
      return change(...words);
    };
  return {
    ...actual,
    writeSync: told('write', actual.writeSync),
    renameSync: told('rename', actual.renameSync),
    rmSync: told('remove', actual.rmSync),
  };
});

const SESSION = { admin: 'admin', authToken: 'auth-token', secretCode: 'secret-code' };
const SAMPLES = join(import.meta.dirname, '../../samples');
const CSV = [
  'username,token_type,signature_path,status',
  'ann,otp,,',
  'ben,pki,signatures/finance/aisyah.rahman.p7s,2',
  'dam,otp,,',
  'ann,otp,,',
  'eve,pki,signatures/finance/priya.nair.p7s,2',
  'gone,otp,,',
  'fay,otp,,',
].join('\n');
/** `dam` is a slip of the pen for `dan`. */
const USERS = ['ann', 'ben', 'dan', 'eve', 'fay'];
const FILES = { input: 'users.csv', failed: 'users.failed.csv', results: 'users.results.csv', keys: 'users.keys.csv' };
type Input = 'input' | 'failed';

let folder: string;
let saved: string;
let simulator: Simulator;
/** All sends that the server has seen, over the times that it was started. */
let sends: Send[];
/** Users whose row the results have called done. */
let done: Set<string>;
/** Those of them that were sent once more. */
let sentAgain: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'killed-'));
  saved = mkdtempSync(join(tmpdir(), 'killed-saved-'));
  await begin();
});
afterEach(async () => {
  disk.onChange = () => undefined;
  await simulator.close();
  for (const path of [folder, saved]) rmSync(path, { recursive: true });
});

async function begin(): Promise<void> {
  empty(folder);
  writeFileSync(join(folder, FILES.input), CSV);
  [sends, done, sentAgain] = [[], new Set(), []];
  await startServer();
}

function empty(path: string): void {
  for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true });
}

/** A server that has seen `sends` and nothing else. */
async function startServer(port = 0): Promise<void> {
  const has = (username: string): boolean => sends.some((send) => send.applied && send.username === username);
  const users = USERS.map((username) => ({
    username,
    active: true,
    hasOtp: !['ben', 'eve'].includes(username) && has(username),
    hasCertificate: ['ben', 'eve'].includes(username) && has(username),
  }));
  const tries = sends.filter(({ username }) => username === 'eve').length;
  simulator = await startSimulator({
    ...SESSION,
    port,
    users,
    seed: sends.length + 1,
    script: { eve: (['500', '10004'] as const).slice(tries) },
    onSend: (send) => {
      if (done.has(send.username)) sentAgain.push(send.username);
      sends.push(send);
    },
  });
}

function run(input: Input, ...flags: readonly string[]): Promise<Ended> {
  const env = {
    ...environmentOf(simulator.url, SESSION),
    CENTAGATE_SIGNATURES_DIR: SAMPLES,
  };
  return runProgram(['run', join(folder, FILES[input]), '--attempts', '1', ...flags], env);
}

/** Runs to the end; a row that is done then must never be sent again. */
async function runOn(input: Input, ...flags: readonly string[]): Promise<void> {
  const ended = await run(input, ...flags);
  expect([0, 1, 3], ended.stderr).toContain(ended.exitCode);
  expect(sentAgain, 'done, and sent again').toEqual([]);
  for (const { username = '', outcome, retry } of rows()) {
    // A duplicate says nothing of its user: the row that it repeats does.
    if (outcome !== 'duplicate' && retry === 'no') done.add(username);
  }
}

/** The moment before a change of the disk: the folder, and how many sends the server has seen. */
interface Moment {
  readonly what: string;
  readonly folder: string;
  readonly sends: number;
}

/** Runs while every moment that is asked for is noted. */
async function runNoting(input: Input, isAskedFor: (what: string, nth: number) => boolean): Promise<Moment[]> {
  const moments: Moment[] = [];
  let nth = 0;
  disk.onChange = (what) => {
    if (!isAskedFor(what, (nth += 1))) return;
    const path = join(saved, String(readdirSync(saved).length));
    cpSync(folder, path, { recursive: true });
    moments.push({
      what: what.replace(folder, '').replace(/^rename \/(.*)\.tmp$/, 'place $1'),
      folder: path,
      sends: sends.length,
    });
  };
  await run(input);
  disk.onChange = () => undefined;
  return moments;
}

/** The world as a SIGKILL at that moment leaves it. What the server had not seen by then has not left. */
async function killAt(moment: Moment): Promise<void> {
  const port = Number(new URL(simulator.url).port);
  await simulator.close();
  sends = sends.slice(0, moment.sends);
  empty(folder);
  cpSync(moment.folder, folder, { recursive: true });
  rmSync(join(folder, 'users.lock'), { force: true });
  await startServer(port);
}

function rows(): Record<string, string>[] {
  return readRows(FILES.results);
}

function readRows(name: string): Record<string, string>[] {
  const path = join(folder, name);
  return existsSync(path) ? parse(readFileSync(path), { columns: true }) : [];
}

function summary(): RunReport {
  return JSON.parse(readFileSync(join(folder, 'users.summary.json'), 'utf8')) as RunReport;
}

/** As an operator does with an editor. */
function correct(): void {
  const path = join(folder, FILES.failed);
  if (existsSync(path)) writeFileSync(path, readFileSync(path, 'utf8').replace(/^dam,/m, 'dan,'));
}

/** Repeats the commands until all is corrected and nothing is left that a rerun helps. */
async function runToTheEnd(): Promise<void> {
  for (let runs = 0; runs < 4; runs += 1) {
    await runOn('input');
    if (!rows().some(({ username, retry }) => username === 'dam' || retry === 'yes')) break;
    correct();
    await runOn('failed');
  }
}

/** What the files come to. Of an OTP row it hangs on the moment of the kill whether its key came through. */
function theEnd(): unknown {
  const own = rows()
    .filter((row) => !isDoubtOfSlip(row))
    .map(({ username, line, outcome = '' }) => {
      const isThere = ['registered', 'already_registered', 'key_lost'].includes(outcome);
      return `${line ?? ''} ${username ?? ''} ${isThere ? 'there' : outcome}`;
    });
  const left = readRows(FILES.failed).filter((row) => !isDoubtOfSlip(row));
  // A lost key is left too, which hangs on that moment.
  return { own, left: left.map(({ username = '' }) => username).filter((username) => !USERS.includes(username)) };
}

/** The slip was corrected while a send of it was in doubt: that doubt is kept, behind the rows of the input. */
function isDoubtOfSlip({ username, line, outcome }: Record<string, string>): boolean {
  return username === 'dam' && line === '9' && outcome === 'unknown';
}

const THE_END = {
  own: ['2 ann there', '3 ben there', '4 dan there', '5 ann duplicate', '6 eve there', '7 gone refused', '8 fay there'],
  left: ['gone'],
};

describe('a kill while the files are put in their places', () => {
  const isPlacing = (what: string): boolean => /^rename .*\.tmp$/.test(what) || /^remove .*(journal|lock)$/.test(what);

  it('leaves nothing undone, nothing lost of what was corrected, and no run told of twice', async () => {
    await runOn('input');
    correct();
    const moments = await runNoting('failed', isPlacing);
    expect(moments.map(({ what }) => what)).toEqual([
      'place users.summary.json',
      'place users.results.csv',
      'place users.failed.csv',
      'place users.manifest.json',
      'place users.SHA256SUMS',
      'remove /users.journal',
      'remove /users.lock',
    ]);
    for (const moment of moments) {
      for (const input of ['input', 'failed'] as const) {
        done = new Set(['ann', 'ben', 'dan']);
        await killAt(moment);
        await runOn(input);
        const at = `${moment.what}, then ${input}`;
        expect(
          rows().map(({ username }) => username),
          at,
        ).toContain('dan');
        expect(
          sends.filter(({ username }) => username === 'dam'),
          at,
        ).toHaveLength(1);
        expect(summary().runs, at).toHaveLength(2);
        expect(summary().corrections, at).toHaveLength(1);
        await runOn('input');
        expect(theEnd(), at).toEqual(THE_END);
      }
    }
  });

  it('keeps what is corrected in the failed file after it', async () => {
    await runOn('input');
    const moments = await runNoting('failed', isPlacing);
    for (const moment of moments.slice(1, 3)) {
      done = new Set(['ann', 'ben']);
      await killAt(moment);
      correct();
      await runOn('failed');
      expect(rows().map(({ username, outcome }) => `${username ?? ''} ${outcome ?? ''}`)).toContain('dan registered');
      expect(summary().corrections).toHaveLength(1);
    }
  });
});

describe('reruns', () => {
  it('of the input and of what failed, in any order, repeated and killed, end in the same files', async () => {
    const step = fc.record({
      input: fc.constantFrom<Input>('input', 'failed'),
      isCorrected: fc.boolean(),
      killAt: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
        await simulator.close();
        empty(saved);
        await begin();
        for (const { input, isCorrected, killAt: nth } of steps) {
          if (isCorrected) correct();
          const given = existsSync(join(folder, FILES[input])) ? input : 'input';
          const [moment] = await runNoting(given, (_, at) => at === nth);
          if (moment !== undefined) await killAt(moment);
        }
        await runToTheEnd();
        expect(theEnd()).toEqual(THE_END);
        await runOn('failed');
        await runOn('input');
        expect(theEnd()).toEqual(THE_END);
      }),
      runs(Number(process.env['RERUNS'] ?? 8)),
    );
  });
});

describe('--fresh', () => {
  it('starts over, and never touches the keys; each time all old files get the next number', async () => {
    await runOn('input');
    const [keys, { ino }] = [readFileSync(join(folder, FILES.keys), 'utf8'), statSync(join(folder, FILES.keys))];
    expect(keys).toMatch(/\nann,/);
    const before = readFileSync(join(folder, FILES.results), 'utf8');
    writeFileSync(join(folder, 'users.journal'), 'of a killed run, and damaged\n');
    const proof = ['SHA256SUMS', 'manifest.json'];
    for (const [at, kept] of [
      [...proof, 'failed.csv', 'journal', 'results.csv', 'summary.json'],
      [...proof, 'failed.csv', 'results.csv', 'summary.json'],
    ].entries()) {
      done.clear();
      const there = readdirSync(folder);
      await runOn('input', '--fresh');
      expect(readFileSync(join(folder, FILES.keys), 'utf8')).toBe(keys);
      expect(statSync(join(folder, FILES.keys)).ino).toBe(ino);
      const made = readdirSync(folder).filter((name) => !there.includes(name));
      expect(made.sort()).toEqual(kept.map((end) => `users.${end}.${at + 1}.bak`).sort());
    }
    expect(readFileSync(join(folder, 'users.results.csv.1.bak'), 'utf8')).toBe(before);
  });
});
