import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { hearLacks, isPrivate, keepPrivate, replace, syncFolder } from '../../src/disk/file-system.js';
import { Lab } from '../support/lab.js';
import { Programs } from '../support/programs.js';

const disk = vi.hoisted(() => ({
  refusals: [] as string[],
  sync: undefined as string | undefined,
  chmod: undefined as string | undefined,
  /** Of every opened file, where the mount says so. */
  stat: undefined as { readonly mode: number; readonly uid: number } | undefined,
}));

vi.mock('node:fs', async (importActual) => {
  const actual = await importActual<typeof import('node:fs')>();
  const renameSync = (from: string, to: string): void => {
    const code = disk.refusals.shift();
    if (code !== undefined) throw Object.assign(new Error(`${code}: rename`), { code });
    actual.renameSync(from, to);
  };
  const refuse = (code: string | undefined): void => {
    if (code !== undefined) throw Object.assign(new Error(code), { code });
  };
  const fsyncSync = (fd: number): void => {
    refuse(disk.sync);
    actual.fsyncSync(fd);
  };
  const fchmodSync = (fd: number, mode: number): void => {
    refuse(disk.chmod);
    actual.fchmodSync(fd, mode);
  };
  const fstatSync = (fd: number) => disk.stat ?? actual.fstatSync(fd);
  return { ...actual, renameSync, fsyncSync, fchmodSync, fstatSync };
});

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
  Object.assign(disk, { refusals: [], sync: undefined, chmod: undefined, stat: undefined });
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

  test.each(['EACCES', 'EPERM', 'ETXTBSY'])('may be on a share that says %s', (code) => {
    disk.refusals = [code];
    expect(replaceNew()).toHaveLength(1);
    disk.refusals = Array<string>(99).fill(code);
    expect(replaceNew).toThrow(expect.objectContaining({ code }));
  });

  test.each(['EIO', 'ENOSPC', 'EROFS'])('is not what %s is about', (code) => {
    disk.refusals = [code];
    expect(replaceNew).toThrow(expect.objectContaining({ code }));
    expect(disk.refusals).toEqual([]);
  });
});

test.skipIf(process.platform === 'win32')('a mode that others may read by is not private', () => {
  expect([0o100600, 0o100640, 0o104600].map(isPrivate)).toEqual([true, false, false]);
});

/** What is told while this is done. */
function lacksOf(act: () => void): readonly string[] {
  const lacks: string[] = [];
  const end = hearLacks((lack) => lacks.push(lack));
  try {
    act();
  } finally {
    end();
  }
  return lacks;
}

describe.skipIf(process.platform === 'win32')('a folder', () => {
  test.each(['EINVAL', 'ENOTSUP', 'ENOSYS'])('that says %s is not synced, which is told once', (code) => {
    disk.sync = code;
    const told = lacksOf(() => ['a', 'b'].forEach((name) => syncFolder(lab.path(name))));
    expect(told).toEqual([expect.stringContaining(`${lab.folder} can't be synced (${code}): after a power cut`)]);
  });

  test('that can be synced must be', () => {
    expect(lacksOf(() => syncFolder(lab.path('a')))).toEqual([]);
    disk.sync = 'EIO';
    expect(() => syncFolder(lab.path('a'))).toThrow('EIO');
    expect(() => syncFolder(lab.path('nowhere/a'))).toThrow('ENOENT');
  });
});

describe.skipIf(process.platform === 'win32')('the mode of a file', () => {
  const uid = process.getuid?.() ?? 0;
  const keep = (): readonly string[] => {
    const fd = openSync(lab.file('keys', ''), 'r');
    try {
      return lacksOf(() => [1, 2].forEach(() => keepPrivate(lab.path('keys'), fd)));
    } finally {
      closeSync(fd);
    }
  };
  const told = [expect.stringContaining(`chmod could not keep the files in`)];

  test('is set, and nothing is told', () => {
    expect(keep()).toEqual([]);
    expect(statSync(lab.path('keys')).mode & 0o777).toBe(0o600);
  });

  test('that may not be set is told of once, unless it is private all the same', () => {
    Object.assign(disk, { chmod: 'EPERM', stat: { mode: 0o100755, uid } });
    expect(keep()).toEqual(told);
    disk.stat = { mode: 0o100700, uid };
    expect(keep()).toEqual([]);
  });

  test('that is set to no effect is told of', () => {
    disk.stat = { mode: 0o100755, uid };
    expect(keep()).toEqual(told);
  });

  test("is nothing to pass over where the file is somebody else's", () => {
    Object.assign(disk, { chmod: 'EPERM', stat: { mode: 0o100666, uid: uid + 1 } });
    expect(keep).toThrow('EPERM');
  });
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
      const { hearLacks, isPrivate, keepPrivate, replace, syncFolder } = await import('./disk/file-system.js');
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
      `icacls could not keep the files in ${lab.folder} from other users: they read what their rights to that folder let them\n`,
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
