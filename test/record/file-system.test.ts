import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isPrivate, replace, syncFolder } from '../../src/record/file-system.js';
import { Lab } from '../support/lab.js';
import { Programs } from '../support/programs.js';

const disk = vi.hoisted(() => ({ refusals: [] as string[] }));

vi.mock('node:fs', async (importActual) => {
  const actual = await importActual<typeof import('node:fs')>();
  const renameSync = (from: string, to: string): void => {
    const code = disk.refusals.shift();
    if (code !== undefined) throw Object.assign(new Error(`${code}: rename`), { code });
    actual.renameSync(from, to);
  };
  return { ...actual, renameSync };
});

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
  disk.refusals = [];
});
afterEach(() => lab.remove());

describe('a file whose place another program holds', () => {
  const replaceNew = (): readonly number[] => {
    const waits: number[] = [];
    replace(lab.file('new', 'new'), lab.file('old', 'old'), (ms) => waits.push(ms));
    return waits;
  };

  test('takes it as soon as it is let go', () => {
    disk.refusals = ['EBUSY', 'EBUSY'];
    expect(replaceNew()).toHaveLength(2);
    expect(readFileSync(lab.path('old'), 'utf8')).toBe('new');
  });

  test('gives up within 3 s, and nothing is lost', () => {
    disk.refusals = Array<string>(99).fill('EBUSY');
    const before = disk.refusals.length;
    expect(replaceNew).toThrow(expect.objectContaining({ code: 'EBUSY' }));
    expect(before - disk.refusals.length).toBe(8);
    expect([lab.path('old'), lab.path('new')].map((path) => readFileSync(path, 'utf8'))).toEqual(['old', 'new']);
  });

  test('waits less than a lock goes without being renewed', () => {
    disk.refusals = Array<string>(7).fill('EBUSY');
    expect(replaceNew().reduce((sum, ms) => sum + ms)).toBeLessThan(3000);
  });

  test.skipIf(process.platform === 'win32')('does not wait for what is about rights', () => {
    disk.refusals = ['EACCES'];
    expect(replaceNew).toThrow(expect.objectContaining({ code: 'EACCES' }));
  });
});

test.skipIf(process.platform === 'win32')('a mode that others may read by is not private', () => {
  expect([0o100600, 0o100640, 0o104600].map(isPrivate)).toEqual([true, false, false]);
});

test('a folder is synced where that can be done', () => {
  syncFolder(lab.path('users.csv'));
  expect(() => syncFolder(lab.path('nowhere/users.csv'))).toThrow('ENOENT');
});

/** The very code, told that it is on Windows, with a System32 of the test's own. */
describe('on Windows', () => {
  let programs: Programs;
  beforeEach(() => {
    programs = new Programs();
    mkdirSync(lab.path('System32'));
  });
  afterEach(() => programs.remove());

  function program(name: string, script: string): void {
    chmodSync(lab.file(`System32/${name}.exe`, `#!/bin/sh\n${script}\n`), 0o755);
  }

  const run = (code: string) =>
    programs.run(`
      import { closeSync, openSync } from 'node:fs';
      Object.defineProperty(process, 'platform', { value: 'win32' });
      process.env.SystemRoot = ${JSON.stringify(lab.folder)};
      const { hearLacks, isPrivate, keepPrivate, replace, syncFolder } = await import('./record/file-system.js');
      hearLacks((lack) => console.log(lack));
      ${code}
    `);
  const keepTwo = () =>
    run(`
      for (const path of [${JSON.stringify(lab.path('a'))}, ${JSON.stringify(lab.path('b'))}]) {
        const fd = openSync(path, 'w', 0o644);
        keepPrivate(path, fd);
        closeSync(fd);
      }
    `);

  test('a file is for its user alone, by the number that no language changes', async () => {
    program('whoami', `echo '"bank\\alice","S-1-5-21-1-2-3"'; echo asked >> ${lab.path('asked')}`);
    program('icacls', `echo "$@" >> ${lab.path('said')}`);
    expect(await keepTwo()).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const words = '/inheritance:r /grant:r *S-1-5-21-1-2-3:F';
    expect(readFileSync(lab.path('said'), 'utf8')).toBe(`${lab.path('a')} ${words}\n${lab.path('b')} ${words}\n`);
    expect(readFileSync(lab.path('asked'), 'utf8')).toBe('asked\n');
    expect(statSync(lab.path('a')).mode & 0o777).toBe(0o644);
  });

  test.each([
    ['is not there', undefined],
    ['fails', 'exit 5'],
  ])('it is said once when icacls %s', async (_, script) => {
    program('whoami', `echo 'bank\\alice'`);
    if (script !== undefined) program('icacls', script);
    const { stdout } = await keepTwo();
    expect(stdout).toBe(
      `icacls could not keep ${lab.folder} from other users: they read what their rights to that folder let them\n`,
    );
  });

  test('no mode is looked at, and no folder synced', async () => {
    const { stdout } = await run(`syncFolder('/nowhere/users.csv'); console.log(isPrivate(0o100666));`);
    expect(stdout).toBe('true\n');
  });

  test.each(['EBUSY', 'EPERM', 'EACCES'])(
    '%s says that another program holds the file, and is waited for',
    async (code) => {
      const { stdout } = await run(`
      const { default: fs } = await import('node:fs');
      const { syncBuiltinESMExports } = await import('node:module');
      fs.renameSync = () => { throw Object.assign(new Error('refused'), { code: '${code}' }); };
      syncBuiltinESMExports();
      let waits = 0;
      try { replace('new', 'old', () => (waits += 1)); } catch (error) { console.log(error.code, waits); }
    `);
      expect(stdout).toBe('EBUSY 7\n');
    },
  );
});
