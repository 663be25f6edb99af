import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentOf, SESSION } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { PROGRAM } from '../support/program.js';
import { every } from '../support/suite.js';

/* Throws what a bug would throw, at each place in turn where the built program meets the world, with sends under way. */

const USERS = Array.from({ length: 12 }, (_, at) => `user${at}`);
const THROWER = join(import.meta.dirname, '../support/thrower.mjs');
let lab: Lab;
let simulator: Simulator;

beforeEach(async () => {
  lab = new Lab();
  lab.file('users.csv', `username,token_type\n${USERS.map((user) => `${user},otp\n`).join('')}`);
  simulator = await startSimulator({ ...SESSION, latencyMs: 5, script: { user1: ['10004'], user7: ['10004'] } });
});
afterEach(async () => {
  await simulator.close();
  lab.remove();
});

async function run(throwAt?: string) {
  const words = ['run', lab.path('users.csv'), '--timeout', '2', '--concurrency', '2'];
  const preload = throwAt === undefined ? [] : ['--import', THROWER];
  const child = spawn(process.execPath, [...preload, PROGRAM, ...words], {
    env: { PATH: process.env['PATH'], ...environmentOf(simulator.url, SESSION), THROW_AT: throwAt },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  // As `stdio` asks for.
  const [, , stderr, told] = child.stdio as unknown as [null, null, Readable, Readable];
  const [said, thrown, [code]] = await Promise.all([
    text(stderr),
    text(told),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, said, isThrown: thrown !== '' };
}

const rowsOf = (name: string): Record<string, string>[] =>
  existsSync(lab.path(name)) ? parse(readFileSync(lab.path(name)), { columns: true }) : [];

/** Each row once, no send that is not counted, and every key that came is there, or is called lost. */
function expectTruth(at: string): void {
  const rows = rowsOf('users.results.csv');
  expect(
    rows.map(({ username }) => username),
    at,
  ).toEqual(USERS);
  const keys = rowsOf('users.keys.csv').map(({ key }) => key);
  for (const { username = '', outcome = '', attempts } of rows) {
    const sends = simulator.sends.filter((send) => send.username === username);
    expect(Number(attempts), `${at}: ${username}`).toBeGreaterThanOrEqual(sends.length);
    const issued = sends.find(({ key }) => key !== undefined)?.key;
    if (issued !== undefined && !keys.includes(issued)) expect(outcome, at).toMatch(/^(unknown|key_lost)$/);
    if (outcome === 'registered') expect(keys, `${at}: ${username}`).toContain(issued);
  }
}

const LISTENERS = [
  ...['socket connect', 'socket data', 'socket close', 'socket write'],
  ...['setTimeout', 'setTimeout promise', 'Math.random'],
];
const CALLS = [
  ...['writeSync', 'openSync', 'fsyncSync', 'renameSync', 'readSync', 'closeSync', 'lstatSync', 'fstatSync'],
  ...['rmSync', 'fdatasync', 'setImmediate', 'stdout', 'Date.now'],
];

describe.each([1, 3])('thrown at the %i. time', (nth) => {
  const some = (places: readonly string[]) => (nth === 1 ? places : every(60, places));

  it.each(some(LISTENERS))('by %s: the run stops with 70, its files complete', async (place) => {
    const { code, said, isThrown } = await run(`${place}#${nth}`);
    if (isThrown) expect([code, existsSync(lab.path('users.journal'))], said).toEqual([70, false]);
    expectTruth(said);
    await run();
    expectTruth(said);
  });

  it.each(some(CALLS))('by %s: the run says so, and what is not complete is so by the same command', async (place) => {
    const { code, said } = await run(`${place}#${nth}`);
    expect([0, 1, 3, 4, 6, 70], said).toContain(code);
    if (!existsSync(lab.path('users.journal'))) expectTruth(said);
    await run();
    expectTruth(said);
  });
});
