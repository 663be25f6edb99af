import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  checkStill,
  foreignProblem,
  NotOursError,
  openOutlet,
  openOwn,
  orNothing,
  readOwn,
} from '../../src/disk/own-file.js';
import { Lab } from '../support/lab.js';

const isRoot = process.geteuid?.() === 0;
const STRANGER = 65534;
let lab: Lab;
let path: string;

beforeEach(() => {
  lab = new Lab();
  path = lab.path('users.keys.csv');
});
afterEach(() => lab.remove());

function problemOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof NotOursError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const WAYS = ['read', 'change', 'append'] as const;

const HOSTILE: readonly (readonly [string, () => void, string])[] = [
  ['a pipe', () => execFileSync('mkfifo', [path]), 'it is a pipe'],
  ['a link to a device without an end', () => fs.symlinkSync('/dev/zero', path), 'it is a symbolic link'],
  ['a link to another file of ours', () => fs.symlinkSync(lab.file('other', 'other'), path), 'it is a symbolic link'],
  ['a link to nothing', () => fs.symlinkSync(lab.path('nowhere'), path), 'it is a symbolic link'],
  ['another name of a file of ours', () => fs.linkSync(lab.file('other', 'other'), path), 'a hard link'],
  ['a folder', () => fs.mkdirSync(path), 'it is a folder'],
];

describe('what no run left under a name of ours', () => {
  test.each(HOSTILE)('%s: it is not opened, however, and says what to do', (_, make, problem) => {
    make();
    for (const way of WAYS) expect(problemOf(() => openOwn(path, way))).toContain(problem);
    expect(foreignProblem(path)).toContain(problem);
    expect(foreignProblem(path)).toContain('move it away');
    if (fs.existsSync(lab.path('other'))) expect(fs.readFileSync(lab.path('other'), 'utf8')).toBe('other');
    expect(fs.existsSync(lab.path('nowhere'))).toBe(false);
  });

  test('a socket is none either', async () => {
    const server = createServer().listen(path);
    await new Promise((listening) => server.once('listening', listening));
    for (const way of WAYS) expect(problemOf(() => openOwn(path, way))).toContain('it is a socket');
    await new Promise((closed) => server.close(closed));
  });

  test.skipIf(!isRoot)(
    'a file of another user is not opened, whatever it lets us do, and nothing is left of the look',
    () => {
      lab.file('users.keys.csv', '');
      fs.chmodSync(path, 0o666);
      fs.chownSync(path, STRANGER, STRANGER);
      const problem = `it belongs to user ${STRANGER}, and this run to user 0: run as that user, or move it away`;
      for (const way of WAYS) expect(problemOf(() => openOwn(path, way))).toBe(problem);
      expect(foreignProblem(path)).toBe(problem);
      expect(fs.readdirSync(lab.folder)).toEqual(['users.keys.csv']);
    },
  );

  test('a lock may have another name for a moment', () => {
    fs.linkSync(lab.file('users.lock.1', '{}'), lab.path('users.lock'));
    expect(foreignProblem(lab.path('users.lock'), { isLinked: true })).toBeUndefined();
    expect(readOwn(lab.path('users.lock'), { maxBytes: 10, isLinked: true }).toString()).toBe('{}');
  });
});

describe('a file of ours', () => {
  test('is made for us alone, and once', () => {
    fs.closeSync(openOwn(path, 'create'));
    expect(fs.statSync(path).mode & 0o777).toBe(0o600);
    expect(() => openOwn(path, 'create')).toThrow('EEXIST');
  });

  test('is appended to, changed in place, and read', () => {
    const [end, place] = [openOwn(path, 'append'), openOwn(path, 'change')];
    fs.writeSync(end, 'abc');
    fs.writeSync(place, 'X', 1);
    fs.writeSync(end, 'd');
    [end, place].forEach((fd) => fs.closeSync(fd));
    expect(readOwn(path, { maxBytes: 4 }).toString()).toBe('aXcd');
  });

  test('that is not there is none, and no fault', () => {
    expect(foreignProblem(path)).toBeUndefined();
    expect(orNothing(() => openOwn(path, 'read'))).toBeUndefined();
    expect(() => openOwn(path, 'read')).toThrow('ENOENT');
    expect(() => orNothing(() => openOwn(lab.file('file', '') + '/in', 'read'))).toThrow('ENOTDIR');
  });

  test('of more bytes than a run leaves is not read, also when it holds none of them', () => {
    fs.truncateSync(lab.file('users.keys.csv', 'x'), 3e9);
    expect(problemOf(() => readOwn(path, { maxBytes: 1024 }))).toBe(
      'it has 3000000000 bytes, more than any that a run left: move it away',
    );
  });

  test('is known by what was opened, not by its name', () => {
    const fd = openOwn(lab.file('users.keys.csv', 'ours'), 'read');
    checkStill(path, fd);
    fs.renameSync(path, `${path}.moved`);
    expect(problemOf(() => checkStill(path, fd))).toContain('users.keys.csv was taken away or replaced meanwhile');
    lab.file('users.keys.csv', 'ours');
    expect(problemOf(() => checkStill(path, fd))).toContain('see who may write to its folder');
    fs.closeSync(fd);
  });
});

/** What only a pipe's reader lets be opened. */
function openPipe(): number {
  return fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
}

describe.skipIf(process.platform === 'win32')('where words of ours go, because somebody says so', () => {
  const HOSTILE_OUTLETS = HOSTILE.filter(([what]) => what !== 'a pipe');

  test.each(HOSTILE_OUTLETS)('%s: it is not opened, and what it leads to stays as it is', (_, make, problem) => {
    make();
    expect(problemOf(() => openOutlet(path))).toContain(problem);
    expect(problemOf(() => openOutlet(path, { isAnybodys: true }))).toContain(problem);
    if (fs.existsSync(lab.path('other'))) expect(fs.readFileSync(lab.path('other'), 'utf8')).toBe('other');
    expect(fs.existsSync(lab.path('nowhere'))).toBe(false);
  });

  test('a pipe that somebody reads, a device, and what is open already, are', () => {
    execFileSync('mkfifo', [path]);
    expect(() => openOutlet(path)).toThrow('ENXIO');
    const reader = openPipe();
    const opened = fs.openSync(lab.file('opened', ''), 'w');
    const outlets = [path, '/dev/null', `/dev/fd/${opened}`].map((outlet) => openOutlet(outlet));
    expect(outlets).toHaveLength(3);
    for (const fd of [...outlets, opened, reader]) fs.closeSync(fd);
  });

  test.skipIf(!isRoot)("a file or a pipe of another user's is opened only where a cluster puts it", () => {
    fs.chownSync(lab.file('users.keys.csv', ''), STRANGER, STRANGER);
    expect(problemOf(() => openOutlet(path))).toContain('belongs to user 65534');
    fs.closeSync(openOutlet(path, { isAnybodys: true }));
    fs.rmSync(path);
    execFileSync('mkfifo', [path]);
    fs.chownSync(path, STRANGER, STRANGER);
    const reader = openPipe();
    expect(problemOf(() => openOutlet(path))).toContain('belongs to user 65534');
    fs.closeSync(reader);
  });
});
