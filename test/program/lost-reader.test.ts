import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentOf } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { PROGRAM } from '../support/program.js';

const SESSION = { admin: 'admin', authToken: 'auth', secretCode: 'code' };
let lab: Lab;
let simulator: Simulator;

beforeEach(async () => {
  lab = new Lab();
  simulator = await startSimulator(SESSION);
  lab.file('users.csv', 'username,token_type\nann,otp\nben,card\n');
});
afterEach(async () => {
  await simulator.close();
  lab.remove();
});

/** Runs the built program, of which nobody reads what is named. */
async function runUnread(words: readonly string[], ...unread: readonly ('stdout' | 'stderr')[]) {
  const env = { PATH: process.env['PATH'], ...environmentOf(simulator.url, SESSION) };
  const child = spawn(process.execPath, [PROGRAM, ...words], { cwd: lab.folder, env });
  // Long before the program has anything to say.
  for (const name of unread) child[name].destroy();
  const said = Promise.all(
    [child.stdout, child.stderr].map((stream) => (stream.destroyed ? Promise.resolve('') : text(stream))),
  );
  const [code] = (await once(child, 'close')) as [number | null];
  const [stdout, stderr] = await said;
  return { code, stdout, stderr };
}

const run = ['run', 'users.csv', '--no-preflight'];

describe('a command that nobody reads on', () => {
  it.each([
    ['run', run, 1],
    ['run --json', [...run, '--json'], 1],
    ['run of nothing', ['run', 'none.csv'], 2],
    ['validate', ['validate', 'users.csv'], 1],
    ['doctor', ['doctor'], 0],
    ['explain', ['explain', '22027'], 0],
    ['help', ['help', 'run'], 0],
  ])('ends as it would: %s', async (_, words, code) => {
    expect((await runUnread(words, 'stdout', 'stderr')).code).toBe(code);
  });

  it('leaves its files complete, and says nothing of it', async () => {
    expect(await runUnread(run, 'stdout')).toMatchObject({ code: 1, stderr: '' });
    expect(simulator.sends.map(({ username }) => username)).toEqual(['ann']);
    const ends = ['SHA256SUMS', 'csv', 'failed.csv', 'keys.csv', 'manifest.json', 'results.csv', 'summary.json'];
    expect(readdirSync(lab.folder).sort()).toEqual(ends.map((end) => `users.${end}`));
  });
});
