import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { shardOf } from '../../src/plan/shard.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Send, Simulator } from '../../src/simulator/simulator.js';
import { environmentOf, SESSION } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { PROGRAM } from '../support/program.js';

/* Shards as processes side by side, one of which is killed: what the server saw is the truth. */

const USERS = Array.from({ length: 240 }, (_, at) => `user-${at}`);
/** Refused in the first round, and mended by the second. */
const REFUSED = ['user-7', 'user-70', 'user-170', 'user-207'];
const CONCURRENCY = 4;

let lab: Lab;
let simulator: Simulator;
let children: ChildProcess[];
let onSend: (send: Send) => void;

beforeEach(async () => {
  lab = new Lab();
  children = [];
  onSend = () => undefined;
  lab.file('users.csv', ['username,token_type', ...USERS.map((user) => `${user},otp`)].join('\n'));
  const script = Object.fromEntries(REFUSED.map((user) => [user, ['22002' as const]]));
  simulator = await startSimulator({ ...SESSION, script, latencyMs: 5, onSend: (send) => onSend(send) });
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await simulator.close();
  lab.remove();
});

function start(...words: string[]) {
  const child = spawn(process.execPath, [PROGRAM, ...words], {
    cwd: lab.folder,
    env: { PATH: process.env['PATH'], TMPDIR: lab.folder, ...environmentOf(simulator.url, SESSION) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const ended = Promise.all([
    new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code))),
    text(child.stdout),
    text(child.stderr),
  ]).then(([exitCode, stdout, stderr]) => ({ exitCode, stdout, stderr }));
  return { child, ended };
}

function shard(input: string, k: number, n: number) {
  return start('run', input, '--shard', `${k}/${n}`, '--concurrency', String(CONCURRENCY));
}

function rowsOf(name: string): Record<string, string>[] {
  return parse(readFileSync(lab.path(name), 'utf8'), { columns: true });
}

/** What the files say of each row, against what the server saw. */
function check(): void {
  const rows = rowsOf('users.results.csv');
  expect(rows.map(({ line }) => Number(line))).toEqual(USERS.map((_, at) => at + 2));
  const keys = new Map(rowsOf('users.keys.csv').map(({ username = '', key = '' }) => [username, key]));
  expect(rowsOf('users.keys.csv')).toHaveLength(keys.size);
  for (const { username = '', outcome, attempts } of rows) {
    const seen = simulator.sends.filter((send) => send.username === username);
    const applied = seen.filter((send) => send.applied);
    expect(applied.length, username).toBeLessThanOrEqual(1);
    expect(Number(attempts), username).toBeGreaterThanOrEqual(seen.length);
    if (outcome === 'registered') expect(keys.get(username), username).toBe(applied[0]?.key);
    // Nothing is called done or failed that the server has done without our knowing.
    if (outcome === 'refused') expect(applied).toEqual([]);
  }
}

it('come to one whole: each row once, nothing twice unmarked, keys whole', async () => {
  const killed = shard('users.csv', 1, 3);
  let count = 0;
  onSend = ({ username }) => {
    if (shardOf(username, 3) === 1) count += 1;
    if (count === 30) killed.child.kill('SIGKILL');
  };
  const others = [shard('users.csv', 0, 3), shard('users.csv', 2, 3)];
  expect((await killed.ended).exitCode).toBe(null);
  for (const { ended } of others) expect([0, 1]).toContain((await ended).exitCode);
  onSend = () => undefined;
  const refused = await start('merge', 'users.csv').ended;
  expect([refused.exitCode, refused.stderr]).toEqual([
    2,
    expect.stringContaining('shard 1/3 is under way, or was cut off'),
  ]);

  const again = await shard('users.csv', 1, 3).ended;
  expect([0, 1]).toContain(again.exitCode);
  expect((await start('merge', 'users.csv').ended).exitCode).toBe(1);
  check();
  // What was in flight, and the server had done.
  const lost = rowsOf('users.results.csv').filter(({ outcome }) => outcome === 'key_lost');
  expect(lost.length).toBeLessThanOrEqual(CONCURRENCY);

  const second = [0, 1, 2, 3, 4].map((k) => shard('users.failed.csv', k, 5));
  for (const { ended } of second) expect([0, 1]).toContain((await ended).exitCode);
  expect((await start('merge', 'users.failed.csv').ended).exitCode).toBe(lost.length === 0 ? 0 : 1);
  check();
  const left = rowsOf('users.results.csv').filter(({ outcome }) => outcome !== 'registered');
  expect(left.map(({ outcome }) => outcome)).toEqual(lost.map(() => 'key_lost'));
  const audit = await start('audit', 'users.results.csv').ended;
  expect(audit.stdout).not.toMatch(/^BAD/m);
});
