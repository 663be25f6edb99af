import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { StateError } from '../../src/core/state-error.js';
import { placeFinished, ReplacedFile, statOwn } from '../../src/record/replaced-file.js';
import { Lab } from '../support/lab.js';

/** The real disk, watched, and full when a test asks for it. */
const disk = vi.hoisted(() => ({
  /** Bytes that still fit. */
  room: Infinity,
  steps: [] as string[],
  onRename: (): void => undefined,
}));

vi.mock('node:fs', async (importActual) => {
  const actual = await importActual<typeof import('node:fs')>();
  const writeSync = (fd: number, bytes: Uint8Array, at: number): number => {
    const length = Math.min(bytes.length - at, disk.room);
    if (length === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    disk.room -= length;
    return actual.writeSync(fd, bytes, at, length);
  };
  const fsyncSync = (fd: number): void => {
    disk.steps.push(actual.fstatSync(fd).isDirectory() ? 'sync folder' : 'sync file');
    actual.fsyncSync(fd);
  };
  const renameSync = (from: string, to: string): void => {
    disk.steps.push('rename');
    disk.onRename();
    actual.renameSync(from, to);
  };
  return { ...actual, writeSync, fsyncSync, renameSync };
});

let lab: Lab;
let path: string;
let umask: number;

beforeEach(() => {
  lab = new Lab();
  path = lab.path('users.keys.csv');
  umask = process.umask(0o022);
  Object.assign(disk, { room: Infinity, steps: [], onRename: () => undefined });
});
afterEach(() => {
  process.umask(umask);
  lab.remove();
});

function read(file = path): string {
  return fs.readFileSync(file, 'utf8');
}

function modeOf(file: string): number {
  return fs.statSync(file).mode & 0o7777;
}

function messageOf(act: () => void): string {
  try {
    act();
  } catch (error) {
    if (error instanceof StateError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a replaced file', () => {
  test('nobody sees it before it is whole; then it takes the place of the old one', () => {
    fs.writeFileSync(path, 'old');
    const file = new ReplacedFile(path);
    file.write('new, ');
    file.writeBytes(Buffer.from('and whole'));
    expect(read()).toBe('old');
    file.replace();
    expect(read()).toBe('new, and whole');
    expect(fs.readdirSync(lab.folder)).toEqual(['users.keys.csv']);
  });

  test('tells the SHA-256 of all of it', () => {
    const file = new ReplacedFile(path);
    file.write('new, ');
    file.write('and whole');
    expect(file.bytes).toBe(14);
    expect(file.finish()).toBe(createHash('sha256').update('new, and whole').digest('hex'));
  });

  test('is known as ours until it is written anew, linked, given another mode, or taken away', () => {
    const file = new ReplacedFile(path);
    file.write('whole');
    file.replace();
    const { mtime } = fs.statSync(path);
    expect(statOwn(path)).toEqual({ bytes: 5, changedAt: mtime });
    const another = new ReplacedFile(path);
    expect(statOwn(path)).toBeUndefined();
    another.discard();
    expect(statOwn(path)).toEqual({ bytes: 5, changedAt: mtime });
    fs.chmodSync(path, 0o640);
    expect(statOwn(path)).toBeUndefined();
    fs.chmodSync(path, 0o600);
    fs.renameSync(path, `${path}.moved`);
    expect(statOwn(path)).toBeUndefined();
    fs.symlinkSync(`${path}.moved`, path);
    expect(statOwn(path)).toBeUndefined();
  });

  test('its bytes are on the disk before its name is, and its name before replace returns', () => {
    const file = new ReplacedFile(path);
    file.write('new');
    file.finish();
    expect(disk.steps).toEqual(['sync file', 'sync folder']);
    file.place();
    expect(disk.steps).toEqual(['sync file', 'sync folder', 'rename', 'sync folder']);
  });

  test('one that was finished before a kill is put in its place later, once', () => {
    fs.writeFileSync(path, 'old');
    const file = new ReplacedFile(path);
    file.write('new');
    file.finish();
    placeFinished(path);
    expect(read()).toBe('new');
    placeFinished(path);
    expect(fs.readdirSync(lab.folder)).toEqual(['users.keys.csv']);
  });

  test.each([0, 0o022, 0o077, 0o277, 0o777])('only its owner may read it, whatever the umask (%o)', (mask) => {
    process.umask(mask);
    const file = new ReplacedFile(path);
    expect(modeOf(`${path}.tmp`)).toBe(0o600);
    file.replace();
    expect(modeOf(path)).toBe(0o600);
  });

  test('what a killed run left under the temporary name is not written to: it could be open to others', () => {
    fs.writeFileSync(`${path}.tmp`, 'left over', { mode: 0o666 });
    fs.chmodSync(`${path}.tmp`, 0o666);
    const other = fs.openSync(`${path}.tmp`, 'r');
    const file = new ReplacedFile(path);
    file.write('secret');
    file.replace();
    expect([read(), modeOf(path)]).toEqual(['secret', 0o600]);
    expect(fs.readFileSync(other, 'utf8')).toBe('left over');
    fs.closeSync(other);
  });

  test.each(['file', 'nowhere'])('a link under the temporary name (to a %s) is not followed', (target) => {
    const elsewhere = lab.path(target);
    if (target === 'file') fs.writeFileSync(elsewhere, 'untouched');
    fs.symlinkSync(elsewhere, `${path}.tmp`);
    const file = new ReplacedFile(path);
    file.write('results');
    file.replace();
    expect(read()).toBe('results');
    expect(fs.lstatSync(path).isFile()).toBe(true);
    expect(fs.existsSync(elsewhere) ? read(elsewhere) : 'untouched').toBe('untouched');
  });

  test.each<[string, (name: string) => void]>([
    ['a pipe', (name) => execFileSync('mkfifo', [name])],
    ['a symbolic link', (name) => fs.symlinkSync('/dev/null', name)],
    ['a folder', (name) => fs.mkdirSync(name)],
  ])('%s that has its name stays, and nothing is left beside it', (kind, make) => {
    make(path);
    expect(messageOf(() => new ReplacedFile(path))).toContain(`it is ${kind}, and only a file is replaced`);
    expect([fs.readdirSync(lab.folder), fs.lstatSync(path).isFile()]).toEqual([['users.keys.csv'], false]);
  });

  test('a folder under the temporary name is said in words, and stays', () => {
    fs.mkdirSync(`${path}.tmp`);
    expect(messageOf(() => new ReplacedFile(path))).toContain("can't be written");
    expect(fs.readdirSync(lab.folder)).toEqual(['users.keys.csv.tmp']);
  });

  test('one that is discarded leaves the old one, and nothing else', () => {
    fs.writeFileSync(path, 'old');
    const file = new ReplacedFile(path);
    file.write('new');
    file.discard();
    file.discard();
    expect(read()).toBe('old');
    expect(fs.readdirSync(lab.folder)).toEqual(['users.keys.csv']);
  });

  test('to discard what is in its place already changes nothing', () => {
    const file = new ReplacedFile(path);
    file.write('new');
    file.replace();
    file.discard();
    expect(read()).toBe('new');
  });

  test('a full disk is said in words; the old one stays, and discard tidies up', () => {
    fs.writeFileSync(path, 'old');
    const file = new ReplacedFile(path);
    disk.room = 2;
    expect(messageOf(() => file.write('new'))).toBe(`${path} can't be written: the disk is full: free some space`);
    file.discard();
    expect(read()).toBe('old');
    expect(fs.readdirSync(lab.folder)).toEqual(['users.keys.csv']);
  });

  test('a folder that takes its place meanwhile is said in words, and discard tidies up', () => {
    const file = new ReplacedFile(path);
    fs.mkdirSync(path);
    expect(messageOf(() => file.replace())).toContain("can't be written");
    file.discard();
    expect(fs.readdirSync(lab.folder)).toEqual(['users.keys.csv']);
  });

  test.each(['before the look', 'before the rename'])(
    'what is put under the temporary name %s is never ours',
    (when) => {
      fs.writeFileSync(path, 'old');
      const file = new ReplacedFile(path);
      file.write('new');
      file.finish();
      const swap = (): void => {
        disk.onRename = () => undefined;
        fs.rmSync(`${path}.tmp`);
        lab.file('users.keys.csv.tmp', 'forged');
      };
      if (when === 'before the look') swap();
      else disk.onRename = swap;
      expect(messageOf(() => file.place())).toContain('was taken away or replaced meanwhile');
      if (when === 'before the look') expect(read()).toBe('old');
    },
  );

  test.each<[string, (name: string) => void]>([
    ['a link', (name) => fs.symlinkSync(lab.file('forged', 'forged'), name)],
    ['another name of a file', (name) => fs.linkSync(lab.file('forged', 'forged'), name)],
    ['a pipe', (name) => void execFileSync('mkfifo', [name])],
  ])('%s under the temporary name is not what was finished before a kill', (_, make) => {
    fs.writeFileSync(path, 'old');
    make(`${path}.tmp`);
    expect(messageOf(() => placeFinished(path))).toContain('move it away');
    expect(read()).toBe('old');
  });

  test('a folder that does not exist is said in words', () => {
    expect(messageOf(() => new ReplacedFile(lab.path('no/such/results.csv')))).toContain('the folder does not exist');
  });
});
