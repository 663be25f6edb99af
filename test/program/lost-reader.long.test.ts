import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { ACCOUNT, environmentOf, LOGIN } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { PROGRAM } from '../support/program.js';

const SESSION = { admin: 'admin', authToken: 'auth', secretCode: 'code' };
let lab: Lab;
let simulator: Simulator;

beforeEach(async () => {
  lab = new Lab();
  simulator = await startSimulator({ ...SESSION, login: LOGIN });
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

describe.skipIf(!existsSync('/dev/full'))('a command whose standard output is a full disk', () => {
  async function runFull(words: readonly string[], given = environmentOf(simulator.url, SESSION)) {
    const env = { PATH: process.env['PATH'], ...given };
    const line = ['-c', 'exec "$0" "$@" > /dev/full', process.execPath, PROGRAM, ...words];
    const child = spawn('sh', line, { cwd: lab.folder, env });
    const said = text(child.stderr);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stderr: await said };
  }

  const FULL = 'Standard output could not be written (ENOSPC: no space is left): not all of it is there.\n';

  it.each([
    ['--version'],
    ['--help'],
    ['help', 'all'],
    ['help', 'run'],
    ['completion', 'bash'],
    ['--complete', '1', 'centagate-provision', ''],
    ['template'],
    ['explain', '22027'],
    ['explain', '3'],
    ['doctor'],
    ['validate', 'done.csv'],
    ['validate', 'done.csv', '--json'],
    ['validate', 'done.csv', '--control-totals'],
    ['run', 'done.csv', '--dry-run'],
  ])('says so, and ends with 4: %s %s %s', async (...words) => {
    lab.file('done.csv', 'username,token_type\nann,otp\n');
    const { code, stderr } = await runFull(words);
    expect(stderr).toContain(FULL);
    expect(code).toBe(4);
  });

  it('says so with 4 where all is done, and else with the code that speaks of the rows', async () => {
    lab.file('done.csv', 'username,token_type\nann,otp\n');
    const commands = [
      ['run', 'done.csv', '--no-preflight'],
      ['run', 'done.csv', '--json', '--no-preflight'],
      ['verify', 'done.results.csv'],
      ['report', 'done.results.csv'],
      ['report', 'done.results.csv', '--text'],
      ['audit', 'done.results.csv'],
      ['keys', 'done.results.csv', '--to', 'handed.csv'],
      ['undo', 'done.results.csv', '--otp-type', '1', '--dry-run'],
    ];
    for (const words of commands) {
      const { code, stderr } = await runFull(words);
      expect(stderr).toContain(FULL);
      expect([...words, code]).toEqual([...words, 4]);
    }
    expect((await runFull(run)).code).toBe(1);
  });

  it('says so of shards that it made one', async () => {
    lab.file('done.csv', 'username,token_type\nann,otp\n');
    for (const shard of ['0/2', '1/2']) await runFull(['run', 'done.csv', '--shard', shard, '--no-preflight']);
    expect(await runFull(['merge', 'done.csv'])).toMatchObject({ code: 4, stderr: FULL });
  });

  it('says so of a session that it made, and ended', async () => {
    const account = { CENTAGATE_SERVER: simulator.url, CENTAGATE_ADMIN: SESSION.admin, ...ACCOUNT };
    for (const words of [
      ['login', '--out', 'session'],
      ['logout', '--session', 'session'],
    ]) {
      const { code, stderr } = await runFull(words, account);
      expect(stderr).toContain(FULL);
      expect([...words, code]).toEqual([...words, 4]);
    }
  });
});

it.skipIf(process.platform === 'win32')('a text of which the disk takes a part is missed', async () => {
  const child = spawn('bash', ['-c', `ulimit -f 4; exec "${process.execPath}" "${PROGRAM}" help all > help.txt`], {
    cwd: lab.folder,
    env: { PATH: process.env['PATH'] },
  });
  const said = text(child.stderr);
  const [code] = (await once(child, 'close')) as [number | null];
  expect(await said).toContain('Standard output could not be written (EFBIG: the file may be no larger)');
  expect([code, statSync(lab.path('help.txt')).size]).toEqual([4, 4096]);
});
