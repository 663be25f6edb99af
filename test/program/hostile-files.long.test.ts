import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificate } from '../../src/simulator/make-certificate.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentOf, LOGIN, SESSION } from '../support/account.js';
import * as hostile from '../support/hostile-files.js';
import type { Plants } from '../support/hostile-files.js';
import { Lab } from '../support/lab.js';
import { PROGRAM, runProgram } from '../support/program.js';
import { every } from '../support/suite.js';

/* The built program, started over each of some 200 hostile files: it ends, with an exit code that is right, and not as a bug. */

/** Never comes where all is right. */
const HANGS_AFTER_MS = 120_000;
const CARD = join(import.meta.dirname, '../../samples/signatures/finance/aisyah.rahman.p7s');

/**
 * What is hostile, by its name in the folder of the job; the command; and how it may end. 2 always names the file or its flag,
 * and has sent nothing.
 */
type Place = readonly [at: string, words: readonly string[], plants: Plants, exits: readonly number[]];

const RUN = ['run', 'users.csv'];
const AUDIT = ['audit', 'users.results.csv'];
const KEYS = ['keys', 'users.results.csv'];
const VALIDATE = ['validate', 'users.csv'];
const UNDO = ['undo', 'users.results.csv', '--otp-type', '1', '--yes', '--expect-rows', '1'];
const { ENDLESS, FOREIGN } = hostile;

/** What a job takes in: the input, what it names, and what settings name. */
const TAKEN_IN: readonly Place[] = [
  ['users.csv', RUN, ENDLESS, [2]],
  ['users.csv', VALIDATE, hostile.CSV_BOMBS, [2]],
  ['users.xlsx', ['validate', 'users.xlsx'], { ...ENDLESS, ...hostile.WORKBOOK_BOMBS }, [2]],
  ['card.p7s', RUN, { ...ENDLESS, ...hostile.SIGNATURES }, [1]],
  // A file without a word in it says nothing.
  ['config.yaml', [...RUN, '--config', 'config.yaml'], hostile.ANYTHING, [1, 2]],
  ['config.yaml', [...RUN, '--config', 'config.yaml'], { ...ENDLESS, ...hostile.YAML_BOMBS }, [2]],
  ['password', [...RUN, '--password-file', 'password'], ENDLESS, [2]],
  ['ca.pem', ['doctor', '--ca', 'ca.pem'], { ...ENDLESS, ...hostile.CERTIFICATES }, [2]],
  ['client.pem', [...RUN, '--client-cert', 'client.pem', '--client-key', 'client.pem'], ENDLESS, [2]],
  ['trust.pem', [...VALIDATE, '--trust', 'trust.pem'], ENDLESS, [2]],
  ['approval', [...RUN, '--approval', 'approval', '--approvers', 'ca.pem'], ENDLESS, [2]],
  ['ping', [...RUN, '--ping-file', 'ping'], ENDLESS, [2]],
  ['input.csv', [...AUDIT, '--input', 'input.csv'], ENDLESS, [1]],
  ['letters.html', [...KEYS, '--letters', 'out.html', '--template', 'letters.html'], ENDLESS, [2]],
  ['to.pem', [...KEYS, '--encrypt-to', 'to.pem'], ENDLESS, [2]],
];

/** What a run left, and other commands go by. What an editor could have made of a file is taken as it is. */
const LEFT: readonly Place[] = [
  ['users.results.csv', RUN, { ...ENDLESS, ...hostile.LEFT_TEXTS }, [1, 2]],
  ['users.results.csv', ['report', 'users.results.csv', '--text'], ENDLESS, [2]],
  ['users.results.csv', AUDIT, ENDLESS, [1]],
  ['users.results.csv', ['verify', 'users.results.csv'], ENDLESS, [2]],
  ['users.failed.csv', ['run', 'users.failed.csv'], ENDLESS, [2]],
  ['users.keys.csv', RUN, ENDLESS, [2]],
  ['users.keys.csv', RUN, hostile.LEFT_TEXTS, [1, 2]],
  ['users.keys.csv', KEYS, ENDLESS, [2]],
  ['users.keys.csv', KEYS, hostile.LEFT_TEXTS, [0, 1, 2]],
  ['users.handed-out.csv', KEYS, { ...ENDLESS, ...FOREIGN }, [2]],
  ['users.handed-out.csv', [...KEYS, '--to', 'new.csv'], hostile.LEFT_TEXTS, [0, 2]],
  ['users.journal', RUN, { ...ENDLESS, ...hostile.JOURNALS }, [1, 2]],
  ['users.summary.json', RUN, { ...ENDLESS, ...hostile.JSON_TEXTS }, [2]],
  ['users.summary.json', AUDIT, ENDLESS, [1]],
  ['users.manifest.json', RUN, { ...ENDLESS, ...FOREIGN, ...hostile.JSON_TEXTS }, [2]],
  ['users.manifest.json', AUDIT, ENDLESS, [1]],
  ['users.SHA256SUMS', RUN, { ...ENDLESS, ...FOREIGN }, [2]],
  ['users.SHA256SUMS', AUDIT, ENDLESS, [1]],
  ['users.shards.json', [...RUN, '--shard', '0/2'], { ...ENDLESS, ...hostile.JSON_TEXTS }, [2]],
  ['users.shards.json', ['merge', 'users.csv'], ENDLESS, [2]],
  ['users.results.csv', UNDO, ENDLESS, [2]],
  ['users.undo.results.csv', UNDO, { ...ENDLESS, ...FOREIGN, ...hostile.LEFT_TEXTS }, [0, 1, 2]],
];

/** What holds a stem, or is written. */
const WRITTEN: readonly Place[] = [
  ['users.lock', RUN, ENDLESS, [2]],
  ['users.lock', RUN, hostile.DEAD_LOCKS, [1]],
  ['users.lock', RUN, hostile.LOCKS, [5]],
  ['users.reserve', RUN, ENDLESS, [2]],
  ['users.attempts.csv', [...RUN, '--attempt-log'], { ...ENDLESS, ...FOREIGN }, [2]],
  // The rows are registered when these turn out to be none of ours.
  ['users.report.html', [...RUN, '--report'], { ...ENDLESS, ...FOREIGN }, [1]],
  ['metrics.prom', [...RUN, '--metrics-file', 'metrics.prom'], { ...ENDLESS, ...FOREIGN }, [1]],
  ['ended', [...RUN, '--termination-log', 'ended'], { ...ENDLESS, ...FOREIGN }, [1]],
  ['run.log', [...RUN, '--log-file', 'run.log'], { ...ENDLESS, ...FOREIGN }, [2]],
  ['checked.csv', [...VALIDATE, '--annotate', 'checked.csv'], { ...ENDLESS, ...FOREIGN }, [1, 2]],
];

const CASES = [...TAKEN_IN, ...LEFT, ...WRITTEN]
  .flatMap(([at, words, plants, exits]) =>
    Object.entries(plants).map(([what, plant]) => ({ at, words, exits, what, plant })),
  )
  .map((each, index) => [`${each.words.join(' ')}, where ${each.at} is ${each.what}`, { ...each, index }] as const);

let lab: Lab;
let simulator: Simulator;
let env: Record<string, string>;
let done: string;

beforeAll(async () => {
  lab = new Lab();
  simulator = await startSimulator({ ...SESSION, login: LOGIN, otpType: '1' });
  env = environmentOf(simulator.url, SESSION);
  done = lab.path('done');
  mkdirSync(done, { mode: 0o700 });
  const at = (name: string): string => join(done, name);
  cpSync(CARD, at('card.p7s'));
  writeFileSync(at('ca.pem'), (await makeCertificate(['localhost'])).cert);
  const header = 'username,token_type,signature_path,status\n';
  writeFileSync(at('users.csv'), `${header}ann,otp,,\nbob,opt,,\n`);
  expect((await runProgram(['run', at('users.csv'), '--attempt-log', '--report'], env)).exitCode).toBe(1);
  expect((await runProgram(['keys', at('users.results.csv')], env)).exitCode).toBe(0);
  writeFileSync(at('users.csv'), `${header}ann,otp,,\nbob,opt,,\ncem,otp,,\ndan,pki,card.p7s,2\n`);
});
afterAll(async () => {
  await simulator.close();
  lab.remove();
});

it('are some 200 and more', () => {
  expect(CASES.length).toBeGreaterThan(200);
});

it.concurrent.for(every(60, CASES))(
  '%s',
  { timeout: 2 * HANGS_AFTER_MS },
  async ([, hostileCase], { expect: expectHere }) => {
    const { index, at, words, plant, exits } = hostileCase;
    const folder = lab.path(`case-${index}`);
    cpSync(done, folder, { recursive: true, preserveTimestamps: true });
    const input = join(folder, 'users.csv');
    writeFileSync(input, readFileSync(input, 'utf8').replaceAll(/cem|dan/g, `$&${index}`));
    const victim = lab.file(`victim-${index}`, 'of ours\n');
    plant(join(folder, at), victim);
    const child = spawn(process.execPath, [PROGRAM, ...words], {
      ...{ cwd: folder, timeout: HANGS_AFTER_MS, killSignal: 'SIGKILL' },
      env: { PATH: process.env['PATH'], ...env },
    });
    const [stdout, stderr, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      // What a `close` event carries.
      once(child, 'close') as Promise<[number | null, string | null]>,
    ]);
    const said = stdout + stderr;
    expectHere(signal).toBeNull();
    expectHere(exits, said).toContain(code);
    expectHere(said).not.toMatch(/^ {4}at /m);
    expectHere(readFileSync(victim, 'utf8')).toBe('of ours\n');
    rmSync(folder, { recursive: true });
    if (code !== 2) return;
    // Of a secret, the name is not told either.
    expectHere(
      [at, words[words.indexOf(at) - 1] ?? at].some((name) => said.includes(name)),
      said,
    ).toBe(true);
    expectHere(simulator.sends.filter(({ username }) => username.endsWith(String(index)))).toEqual([]);
  },
);
