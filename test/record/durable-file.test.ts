import * as fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { StateError } from '../../src/core/state-error.js';
import { DurableFile, syncWritten } from '../../src/record/durable-file.js';
import type { DurableFileOptions } from '../../src/record/durable-file.js';
import { Lab } from '../support/lab.js';

/** The real disk, watched, and failing when a test asks for it. */
const disk = vi.hoisted(() => ({
  syncs: 0,
  /** Bytes that were there when the last sync began. */
  synced: 0,
  writes: 0,
  held: [] as (() => void)[],
  holds: false,
  /** Bytes that still fit. */
  room: Infinity,
  bytesAtOnce: Infinity,
  steps: [] as string[],
  isBroken: false,
}));

vi.mock('node:fs', async (importActual) => {
  const actual = await importActual<typeof import('node:fs')>();
  const fdatasync = (fd: number, done: (error: Error | null) => void): void => {
    disk.syncs += 1;
    disk.synced = actual.fstatSync(fd).size;
    const sync = () => (disk.isBroken ? done(new Error('EIO: i/o error, fdatasync')) : actual.fdatasync(fd, done));
    if (disk.holds) disk.held.push(sync);
    else sync();
  };
  const writeSync = (fd: number, bytes: Uint8Array, at: number): number => {
    const length = Math.min(bytes.length - at, disk.room, disk.bytesAtOnce);
    if (length === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    disk.room -= length;
    disk.writes += 1;
    return actual.writeSync(fd, bytes, at, length);
  };
  const fsyncSync = (fd: number): void => {
    disk.steps.push(actual.fstatSync(fd).isDirectory() ? 'sync folder' : 'sync file');
    actual.fsyncSync(fd);
  };
  return { ...actual, fdatasync, writeSync, fsyncSync };
});

let lab: Lab;
let path: string;
let umask: number;

beforeEach(() => {
  lab = new Lab();
  path = lab.path('users.keys.csv');
  umask = process.umask(0o022);
  Object.assign(disk, {
    syncs: 0,
    writes: 0,
    held: [],
    holds: false,
    room: Infinity,
    bytesAtOnce: Infinity,
    steps: [],
    isBroken: false,
  });
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

/** Lets the syncs go on that are held up. */
function release(): void {
  for (const sync of disk.held.splice(0)) sync();
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

/** Its entries are lines of text. */
function open(file = path, options: Partial<DurableFileOptions<string>> = {}): DurableFile<string> {
  return new DurableFile<string>(file, { toBytes: (lines) => Buffer.from(lines.join('')), ...options });
}

/** The end of this turn of the event loop. */
function turnEnd(): Promise<void> {
  return new Promise(setImmediate);
}

describe('a durable file', () => {
  test.each([0, 0o022, 0o077, 0o277, 0o777])('only its owner may read it, whatever the umask (%o)', (mask) => {
    process.umask(mask);
    const file = open();
    file.append('key');
    file.close();
    expect(modeOf(path)).toBe(0o600);
  });

  test('one that others could read is closed to them', () => {
    fs.writeFileSync(path, 'old\n', { mode: 0o644 });
    open().close();
    expect([modeOf(path), read()]).toEqual([0o600, 'old\n']);
  });

  test('what is appended in one turn is with the kernel at its end, in one write, behind what was there', async () => {
    fs.writeFileSync(path, 'old\n');
    const file = open();
    for (const line of ['änn,1\n', 'bob,2\n']) file.append(line);
    await turnEnd();
    expect(read()).toBe('old\nänn,1\nbob,2\n');
    file.append('carl,3\n');
    await turnEnd();
    expect(read()).toBe('old\nänn,1\nbob,2\ncarl,3\n');
    expect(disk.writes).toBe(2);
    file.close();
  });

  test('what has to stand before the first entry is there at once', () => {
    const file = open(path, { length: 0, head: 'username,key\n' });
    expect(read()).toBe('username,key\n');
    file.close();
  });

  test('nothing is lost when it is closed before its turn has ended', () => {
    const file = open();
    file.append('ann,1\n');
    file.close();
    expect(read()).toBe('ann,1\n');
  });

  test('it is cut to the length given, and goes on from there', () => {
    fs.writeFileSync(path, 'whole\ntor');
    const file = open(path, { length: 6 });
    file.append('next\n');
    file.close();
    expect(read()).toBe('whole\nnext\n');
  });

  test('two writers never write over each other', async () => {
    const [one, other] = [open(), open()];
    for (const text of ['a\n', 'b\n']) {
      for (const file of [one, other]) file.append(text);
      await turnEnd();
    }
    expect(read()).toBe('a\na\nb\nb\n');
    one.close();
    other.close();
  });

  test('a write that the kernel takes in pieces is written whole', () => {
    disk.bytesAtOnce = 3;
    const file = open();
    file.append('müller,key\n');
    file.close();
    expect(read()).toBe('müller,key\n');
  });

  test('a new one is durable with its folder', () => {
    open().close();
    expect(disk.steps).toEqual(['sync folder']);
  });

  test('all that wait in one turn share a sync; all that wait while it is under way share the next', async () => {
    disk.holds = true;
    const file = open();
    const done: string[] = [];
    const sync = (name: string) => file.sync().then(() => done.push(name));
    const together = (name: string) => Promise.all(Array.from({ length: 1000 }, () => sync(name)));
    const first = together('first');
    await expect.poll(() => disk.held.length).toBe(1);
    const later = together('later');
    await turnEnd();
    expect(disk.syncs).toBe(1);
    release();
    await first;
    await expect.poll(() => disk.held.length).toBe(1);
    expect(done).not.toContain('later');
    release();
    await later;
    expect(done).toHaveLength(2000);
    expect(disk.syncs).toBe(2);
    file.close();
  });

  test('a sync begun before an entry is not taken for one of it', async () => {
    disk.holds = true;
    const file = open();
    let isDurable = false;
    file.append('a\n');
    const first = file.sync();
    await expect.poll(() => disk.held.length).toBe(1);
    file.append('b\n');
    const second = file.sync().then(() => (isDurable = true));
    release();
    await first;
    await expect.poll(() => disk.held.length).toBe(1);
    expect(isDurable).toBe(false);
    release();
    await second;
    expect(isDurable).toBe(true);
    file.close();
  });

  test('a sync waits for the entries of its turn', async () => {
    disk.holds = true;
    const file = open();
    file.append('a\n');
    const synced = file.sync();
    expect(disk.syncs).toBe(0);
    await expect.poll(() => disk.held.length).toBe(1);
    expect(read()).toBe('a\n');
    release();
    await synced;
    file.close();
  });

  test('an entry that comes while a sync is about to begin is not taken for one of it, whatever the moment', async () => {
    for (let moments = 0; moments < 20; moments += 1) {
      Object.assign(disk, { holds: true, held: [] });
      const file = open(path, { length: 0 });
      file.append('a\n');
      const first = file.sync();
      await expect.poll(() => disk.held.length).toBe(1);
      file.append('b\n');
      const next = file.sync();
      await turnEnd();
      const late = first.then(async () => {
        for (let moment = 0; moment < moments; moment += 1) await Promise.resolve();
        file.append('c\n');
        await file.sync();
        return disk.synced;
      });
      disk.holds = false;
      release();
      expect(await late, `${moments} moments later`).toBe('a\nb\nc\n'.length);
      await next;
      file.close();
    }
  });

  test('a sync that may wait for more waits no longer once so many entries are there', async () => {
    const file = open(path, { gathering: { ms: 3_600_000, entries: 3 } });
    for (const round of [1, 2]) {
      let isSynced = false;
      file.append('a\n');
      file.append('b\n');
      const synced = file.sync().then(() => (isSynced = true));
      await turnEnd();
      await turnEnd();
      expect(isSynced).toBe(false);
      file.append('c\n');
      await synced;
      expect(disk.syncs).toBe(round);
      expect(disk.synced).toBe(round * 'a\nb\nc\n'.length);
    }
    file.close();
  });

  test('syncs one after the other are syncs of their own', async () => {
    const file = open();
    for (let n = 0; n < 3; n += 1) {
      file.append(`${n}\n`);
      await file.sync();
    }
    expect(disk.syncs).toBe(3);
    file.close();
  });

  test('a full disk is said in words, with what to do; what fitted is there; nothing is written behind it', async () => {
    const file = open();
    file.append('ann,1\n');
    await turnEnd();
    disk.room = 4;
    file.append('bob,2\n');
    await expect(file.sync()).rejects.toThrow(`${path} can't be written: the disk is full: free some space`);
    disk.room = Infinity;
    expect(messageOf(() => file.append('carl,3\n'))).toContain('the disk is full');
    await expect(file.sync()).rejects.toThrow(StateError);
    file.close();
    expect(read()).toBe('ann,1\nbob,');
    expect(disk.syncs).toBe(0);
  });

  test('without room for what stands first, it is not opened', () => {
    disk.room = 4;
    expect(messageOf(() => open(path, { head: 'username,key\n' }))).toContain('the disk is full');
  });

  test('a full disk is asked for room as long as some can be made', async () => {
    disk.room = 0;
    const answers = [true, true, false];
    const file = open(path, { onFailure: () => answers.shift() ?? false });
    file.append('ann,1\n');
    await expect(file.sync()).rejects.toThrow('the disk is full');
    expect(answers).toEqual([]);
    file.close();
  });

  test('a write that failed is told once, before whoever waits for its sync hears of it', async () => {
    disk.room = 0;
    const told: string[] = [];
    const file = open(path, { onFailure: ({ message }) => told.push(message) > 1 });
    file.append('ann,1\n');
    await file.sync().catch(() => told.push('sync'));
    expect(told).toEqual([expect.stringContaining('the disk is full'), 'sync']);
    file.close();
  });

  test('a failed sync is never repeated: it fails for all who wait, and for all who come', async () => {
    disk.isBroken = true;
    const file = open();
    file.append('ann,1\n');
    const waiting = [file.sync(), file.sync(), file.sync()];
    const ends = await Promise.allSettled(waiting);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(file.sync()).rejects.toThrow(StateError);
    expect(messageOf(() => file.append('bob,2\n'))).toContain("can't be written");
    expect(disk.syncs).toBe(1);
    file.close();
  });

  test.each([
    ['no/such/folder/keys.csv', 'the folder does not exist: make it, or choose another --out-dir'],
    ['file/keys.csv', 'its folder is a file: choose another --out-dir'],
    ['.', 'it is a folder, which no run leaves there'],
  ])('one that cannot be opened (%s) is said in words', (name, words) => {
    lab.file('file', '');
    expect(messageOf(() => open(lab.path(name)))).toContain(words);
  });
});

test('what an earlier run wrote is brought to the disk, if there is anything', () => {
  syncWritten(path);
  expect(disk.steps).toEqual([]);
  fs.writeFileSync(path, 'left over');
  syncWritten(path);
  expect(disk.steps).toEqual(['sync file']);
});
