import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentOf, LOGIN, SESSION } from '../support/account.js';
import * as hostile from '../support/hostile-files.js';
import type { Plants } from '../support/hostile-files.js';
import { Lab } from '../support/lab.js';
import { PROGRAM, runProgram } from '../support/program.js';

/* The built program, started over each of some 200 hostile files: it ends, with an exit code that is right, and not as a bug. */

/** Never comes where all is right. */
const HANGS_AFTER_MS = 60_000;
const CARD = join(import.meta.dirname, '../../samples/signatures/finance/aisyah.rahman.p7s');

interface Place {
  readonly at: string;
  readonly words: readonly string[];
  readonly plants: Plants;
  readonly exits: readonly number[];
}

const RUN = ['run', 'users.csv'];
const REPORT = ['report', 'users.results.csv', '--text'];
const AUDIT = ['audit', 'users.results.csv'];
const KEYS = ['keys', 'users.results.csv'];
const VERIFY = ['verify', 'users.results.csv'];
const { ENDLESS, FOREIGN } = hostile;
const place = (at: string, words: readonly string[], plants: Plants, ...exits: readonly number[]): Place => ({
  at,
  words,
  plants,
  exits,
});
const PLACES: readonly Place[] = [
  // What a job takes in.
  place('users.csv', RUN, ENDLESS, 2),
  place('users.csv', ['validate', 'users.csv'], hostile.CSV_BOMBS, 2),
  place('users.xlsx', ['validate', 'users.xlsx'], { ...ENDLESS, ...hostile.WORKBOOK_BOMBS }, 2),
  place('card.p7s', RUN, { ...ENDLESS, ...hostile.SIGNATURES }, 1),
  place('config.yaml', [...RUN, '--config', 'config.yaml'], { ...ENDLESS, ...hostile.SETTINGS_TEXTS }, 2),
  place('password', [...RUN, '--password-file', 'password'], ENDLESS, 2),
  place('ca.pem', ['doctor', '--ca', 'ca.pem'], { ...ENDLESS, ...hostile.CERTIFICATES }, 2),
  place(
    'client.pem',
    [...RUN, '--client-cert', 'client.pem', '--client-key', 'client.pem'],
    { ...ENDLESS, ...hostile.CERTIFICATES },
    2,
  ),
  place('trust.pem', ['validate', 'users.csv', '--trust', 'trust.pem'], ENDLESS, 2),
  place(
    'users.approval',
    [...RUN, '--approval', 'users.approval', '--approvers', 'ca.pem'],
    { ...ENDLESS, ...hostile.SIGNATURES },
    2,
  ),
  place('ping', [...RUN, '--ping-file', 'ping'], ENDLESS, 2),
  place('input.csv', [...AUDIT, '--input', 'input.csv'], ENDLESS, 2),
  place('letters.html', [...KEYS, '--letters', 'out.html', '--template', 'letters.html'], ENDLESS, 2),
  place('to.pem', [...KEYS, '--encrypt-to', 'to.pem'], { ...ENDLESS, ...hostile.CERTIFICATES }, 2),
  // What a run leaves, and goes by.
  place('users.results.csv', RUN, { ...ENDLESS, ...hostile.LEFT_TEXTS }, 2),
  place('users.results.csv', REPORT, { ...ENDLESS, ...hostile.LEFT_TEXTS }, 2),
  place('users.results.csv', AUDIT, { ...ENDLESS, ...hostile.LEFT_TEXTS }, 1, 2),
  place('users.results.csv', VERIFY, ENDLESS, 2),
  place('users.failed.csv', ['run', 'users.failed.csv'], { ...ENDLESS, ...hostile.LEFT_TEXTS }, 2),
  place('users.keys.csv', RUN, { ...ENDLESS, ...hostile.LEFT_TEXTS }, 2),
  place('users.keys.csv', KEYS, { ...ENDLESS, ...hostile.LEFT_TEXTS }, 2),
  place('users.handed-out.csv', KEYS, { ...ENDLESS, ...FOREIGN, ...hostile.LEFT_TEXTS }, 2),
  place('users.journal', RUN, { ...ENDLESS, ...hostile.JOURNALS }, 2),
  place('users.summary.json', RUN, { ...ENDLESS, ...hostile.JSON_TEXTS }, 2),
  place('users.summary.json', AUDIT, { ...ENDLESS, ...hostile.JSON_TEXTS }, 1, 2),
  place('users.manifest.json', RUN, { ...ENDLESS, ...FOREIGN, ...hostile.JSON_TEXTS }, 2),
  place('users.manifest.json', AUDIT, { ...ENDLESS, ...hostile.JSON_TEXTS }, 1, 2),
  place('users.SHA256SUMS', RUN, { ...ENDLESS, ...FOREIGN }, 2),
  place('users.SHA256SUMS', AUDIT, { ...ENDLESS, ...hostile.LEFT_TEXTS }, 1, 2),
  place('users.lock', RUN, { ...ENDLESS, ...hostile.JSON_TEXTS }, 2),
  place('users.reserve', RUN, ENDLESS, 2),
  place('users.attempts.csv', [...RUN, '--attempt-log'], { ...ENDLESS, ...FOREIGN }, 2),
  place('users.report.html', [...RUN, '--report'], { ...ENDLESS, ...FOREIGN }, 2),
  place('metrics.prom', [...RUN, '--metrics-file', 'metrics.prom'], { ...ENDLESS, ...FOREIGN }, 2),
  place('run.log', [...RUN, '--log-file', 'run.log'], { ...ENDLESS, ...FOREIGN }, 2),
  place('ended', [...RUN, '--termination-log', 'ended'], { ...ENDLESS, ...FOREIGN }, 2),
  place('checked.csv', ['validate', 'users.csv', '--annotate', 'checked.csv'], { ...ENDLESS, ...FOREIGN }, 2),
];
const CASES = PLACES.flatMap(({ plants, ...where }) =>
  Object.entries(plants).map(([what, plant]) => ({ ...where, what, plant })),
).map((each, index) => ({ ...each, index, told: `${each.words.join(' ')}: ${each.what} at ${each.at}` }));

let lab: Lab;
let simulator: Simulator;
let env: Record<string, string>;
let done: string;

beforeAll(async () => {
  lab = new Lab();
  simulator = await startSimulator({ ...SESSION, login: LOGIN });
  env = environmentOf(simulator.url, SESSION);
  done = lab.path('done');
  mkdirSync(done, { mode: 0o700 });
  const at = (name: string): string => join(done, name);
  cpSync(CARD, at('card.p7s'));
  for (const name of ['ca.pem', 'config.yaml', 'input.csv']) writeFileSync(at(name), '');
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

describe('a hostile file', () => {
  it.concurrent.for(CASES)('$told', async ({ index, at, words, plant, exits }, { expect: expectHere }) => {
    const folder = lab.path(`case-${index}`);
    cpSync(done, folder, { recursive: true, preserveTimestamps: true });
    const input = join(folder, 'users.csv');
    writeFileSync(input, readFileSync(input, 'utf8').replace('cem', `cem${index}`).replace('dan', `dan${index}`));
    const victim = lab.file(`victim-${index}`, 'of ours\n');
    plant(join(folder, at), victim);
    const child = spawn(process.execPath, [PROGRAM, ...words], {
      ...{ cwd: folder, timeout: HANGS_AFTER_MS, killSignal: 'SIGKILL' },
      env: { PATH: process.env['PATH'], ...env },
    });
    const [stdout, stderr, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null, string | null]>,
    ]);
    const said = stdout + stderr;
    console.log(
      JSON.stringify({
        index,
        t: `${words.join(' ')}: ${at}`,
        code,
        ok: exits.includes(code ?? -1),
        said: said.slice(0, 300),
      }),
    );
    expectHere(signal).toBeNull();
    expectHere(exits, said).toContain(code);
    expectHere(said).not.toMatch(/^ {4}at /m);
    expectHere(readFileSync(victim, 'utf8')).toBe('of ours\n');
    if (code === 2) {
      expectHere(said).toContain(at);
      expectHere(simulator.sends.filter(({ username }) => username.endsWith(`${index}`))).toEqual([]);
    }
    void statSync;
  });
});
