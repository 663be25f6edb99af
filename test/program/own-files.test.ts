import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { environmentOf, SESSION } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';

/* What somebody else could put where a run leaves its files, in this process: whatever would be waited for is in hostile-files. */

const isRoot = process.geteuid?.() === 0;
const STRANGER = 65534;
const NAMES = ['results.csv', 'failed.csv', 'keys.csv', 'journal', 'reserve', 'summary.json', 'lock'];
const TEMPORARY = ['results.csv.tmp', 'failed.csv.tmp', 'summary.json.tmp'];

let lab: Lab;
let simulator: Simulator;

beforeEach(async () => {
  lab = new Lab();
  simulator = await startSimulator(SESSION);
});
afterEach(async () => {
  await simulator.close();
  lab.remove();
});

function begin(name = 'data'): string {
  const folder = lab.path(name);
  fs.mkdirSync(folder);
  fs.writeFileSync(join(folder, 'users.csv'), 'username,token_type\nann,otp\n');
  return folder;
}

function run(folder: string, ...flags: readonly string[]): Promise<Ended> {
  return runProgram(['run', join(folder, 'users.csv'), ...flags], environmentOf(simulator.url, SESSION));
}

describe('a folder that others may write to', () => {
  it('is refused before anything is sent or left there, by a dry run too', async () => {
    const folder = begin();
    fs.chmodSync(folder, 0o777);
    for (const flags of [[], ['--dry-run']]) {
      const { exitCode, stderr } = await run(folder, ...flags);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`${folder} may be written by every user`);
      expect(stderr).toContain('--allow shared-folder');
    }
    expect([simulator.sends, fs.readdirSync(folder)]).toEqual([[], ['users.csv']]);
  });

  it('is refused by every command that relies on what is there, and nothing is left in it', async () => {
    const folder = begin();
    expect((await run(folder)).exitCode).toBe(0);
    const left = fs.readdirSync(folder);
    fs.chmodSync(folder, 0o777);
    const [input, results] = [join(folder, 'users.csv'), join(folder, 'users.results.csv')];
    for (const words of [
      ['keys', results],
      ['keys', results, '--to', lab.path('keys.csv')],
      ['report', results],
      ['report', results, '--text'],
      ['audit', results],
      ['verify', results],
      ['undo', results, '--dry-run'],
      ['validate', input],
      ['merge', input],
    ]) {
      const { exitCode, stderr } = await runProgram(words, environmentOf(simulator.url, SESSION));
      expect([words, exitCode, stderr]).toEqual([
        words,
        2,
        expect.stringContaining(`${folder} may be written by every`),
      ]);
      expect(stderr).toContain('--allow shared-folder');
    }
    expect(fs.readdirSync(folder)).toEqual(left);
    for (const command of ['keys', 'report', 'audit', 'verify'])
      expect(
        (await runProgram([command, results, '--allow', 'shared-folder'], environmentOf(simulator.url, SESSION)))
          .exitCode,
      ).toBe(0);
  });

  it('is no place for a single file that is written either', async () => {
    const folder = begin();
    const shared = lab.path('shared');
    fs.mkdirSync(shared);
    fs.chmodSync(shared, 0o777);
    const [input, results] = [join(folder, 'users.csv'), join(folder, 'users.results.csv')];
    const refused = async (flag: string, ...words: readonly string[]): Promise<void> => {
      const typed = [...words, flag, join(shared, 'file')];
      const { exitCode, stderr } = await runProgram(typed, environmentOf(simulator.url, SESSION));
      expect([typed, exitCode, stderr]).toEqual([
        typed,
        2,
        expect.stringContaining(`${flag}: ${shared} may be written by`),
      ]);
    };
    for (const flag of ['--log-file', '--metrics-file', '--termination-log']) await refused(flag, 'run', input);
    await refused('--annotate', 'validate', input);
    expect((await run(folder)).exitCode).toBe(0);
    for (const flag of ['--to', '--letters']) await refused(flag, 'keys', results);
    expect(fs.readdirSync(shared)).toEqual([]);
  });

  it('is looked at all the same by whoever approves the input that stands there', async () => {
    const folder = begin();
    fs.chmodSync(folder, 0o777);
    const { exitCode } = await runProgram(['validate', join(folder, 'users.csv'), '--control-totals']);
    expect(exitCode).toBe(0);
  });

  it('is taken when that is allowed, and the summary says what is not promised then', async () => {
    const folder = begin();
    fs.chmodSync(folder, 0o777);
    const { exitCode, stdout } = await run(folder, '--allow', 'shared-folder');
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('allowed: shared-folder: whoever may write there')]);
  });
});

describe('a name of a run’s files', () => {
  const SHAPES: Readonly<Record<string, (path: string, victim: string) => void>> = {
    'a link to a file of ours': (path, victim) => fs.symlinkSync(victim, path),
    'a link to nothing': (path) => fs.symlinkSync(lab.path('nowhere'), path),
    'a link to a device': (path) => fs.symlinkSync('/dev/zero', path),
    'another name of a file of ours': (path, victim) => fs.linkSync(victim, path),
    'a folder': (path) => fs.mkdirSync(path),
    ...(isRoot && {
      'the file of another user': (path: string) => {
        fs.writeFileSync(path, '');
        fs.chmodSync(path, 0o666);
        fs.chownSync(path, STRANGER, STRANGER);
      },
    }),
  };

  it.each(Object.keys(SHAPES))(
    'may hold %s: that is said, nothing is sent, and no byte of it changes',
    async (shape) => {
      for (const name of [...NAMES, ...TEMPORARY]) {
        // A lock gets its name by a link; what it holds is no run's.
        if (name === 'lock' && shape.startsWith('another name')) continue;
        const folder = begin(`${shape} ${name}`);
        const victim = lab.file('victim', 'of ours\n');
        const path = join(folder, `users.${name}`);
        SHAPES[shape]?.(path, victim);
        const { exitCode, stderr } = await run(folder, '--allow', 'shared-folder');
        expect(exitCode, `${name}: ${stderr}`).toBe(2);
        expect(stderr, name).toContain('move it away');
        expect(fs.readFileSync(victim, 'utf8'), name).toBe('of ours\n');
        expect(fs.existsSync(lab.path('nowhere')), name).toBe(false);
        expect(fs.readdirSync(folder).sort(), name).toEqual(['users.csv', `users.${name}`].sort());
        fs.rmSync(victim);
      }
      expect(simulator.sends).toEqual([]);
    },
  );
});

describe('what somebody changes in the middle of a run', () => {
  const CHANGES: Readonly<Record<string, (folder: string) => void>> = {
    'the manifest': (folder) => fs.writeFileSync(join(folder, 'users.manifest.json'), '{'),
    'the journal': (folder) => fs.renameSync(join(folder, 'users.journal'), join(folder, 'journal')),
  };
  const MENDED: typeof CHANGES = {
    'the manifest': (folder) => fs.rmSync(join(folder, 'users.manifest.json')),
    'the journal': (folder) => fs.renameSync(join(folder, 'journal'), join(folder, 'users.journal')),
  };

  it.each(Object.keys(CHANGES))(
    'stops it where that is %s, and the journal tells the rest when it is mended',
    async (what) => {
      const folder = begin(what);
      await simulator.close();
      simulator = await startSimulator({ ...SESSION, onSend: () => CHANGES[what]?.(folder) });
      const { exitCode, stderr } = await run(folder, '--attempt-log');
      expect([exitCode, stderr]).toEqual([4, expect.stringContaining('goes on from there')]);
      MENDED[what]?.(folder);
      expect((await run(folder)).exitCode).toBe(0);
      expect(simulator.sends).toHaveLength(1);
      expect(fs.readFileSync(join(folder, 'users.keys.csv'), 'utf8')).toContain(simulator.sends[0]?.key);
    },
  );
});
