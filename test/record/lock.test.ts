import { spawnSync } from 'node:child_process';
import {
  chownSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import { WATCH_MS } from '../../src/record/lock-holder.js';
import { LockedError } from '../../src/core/locked-error.js';
import { StateError } from '../../src/core/state-error.js';
import { checkFree, takeLock } from '../../src/record/lock.js';
import { describeSelf, isRunning } from '../../src/record/process-identity.js';

const disk = vi.hoisted(() => ({ noLinks: undefined as string | undefined }));

vi.mock('node:fs', async (importActual) => {
  const actual = await importActual<typeof import('node:fs')>();
  const linkSync: typeof actual.linkSync = (from, to) => {
    if (disk.noLinks !== undefined) throw Object.assign(new Error(`${disk.noLinks}: link`), { code: disk.noLinks });
    actual.linkSync(from, to);
  };
  return { ...actual, linkSync };
});

/** Of a process that has ended. */
const GONE = spawnSync('true').pid;
const LEFT = '1b671a64-40d5-491e-99b0-da01ff1f3341';

let folder: string;
let path: string;
let now: number;
let timers: { at: number; callback: () => void }[];

const clock: Clock = {
  now: () => now,
  monotonic: () => now,
  after: (delayMs, callback) => {
    const timer = { at: now + delayMs, callback };
    timers.push(timer);
    return () => (timers = timers.filter((other) => other !== timer));
  },
  random: () => 0,
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  path = join(folder, 'users.lock');
  now = Date.now();
  timers = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const take = (runId: string, force = false): ReturnType<typeof takeLock> =>
  takeLock(path, clock, { self: describeSelf(runId, clock), isRunning, force });

describe('a lock', () => {
  it('is there for its owner alone, and gone when it is released', async () => {
    const lock = await take('first');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['users.lock']);
    expect(lock.takenOver).toBeUndefined();
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that another process holds is refused at once, naming who', async () => {
    await writeHolder({ pid: 1 }, startTimeOf(1));
    await expect(take('second')).rejects.toThrow(LockedError);
    await expect(take('second')).rejects.toThrow(/process 1 on .*--take-lock/);
    expect(readdirSync(folder)).toEqual(['users.lock']);
  });

  it('of a process that is gone is taken over at once, and that is said', async () => {
    await writeHolder({ pid: GONE }, '12345');
    const lock = await take('second');
    expect(lock.takenOver).toContain('its process is gone');
    expect(readHolder()).toMatchObject({ runId: 'second', pid: process.pid });
    expect(readdirSync(folder)).toEqual(['users.lock']);
  });

  it('is looked at by whoever only has to know: nothing is taken, and nothing changes', async () => {
    const look = () => checkFree(path, clock, { self: describeSelf('second', clock), isRunning });
    await look();
    await writeHolder({ pid: GONE }, '12345');
    await look();
    expect(readHolder()).toMatchObject({ runId: 'other' });
    await writeHolder({ pid: 1 }, startTimeOf(1));
    await expect(look()).rejects.toThrow(/another run holds this input: process 1 on /);
  });

  it('of another machine that is still renewed is held, unless it is asked for', async () => {
    await writeHolder({ host: 'elsewhere' }, '');
    await expect(take('second')).rejects.toThrow(LockedError);
    expect((await take('second', true)).takenOver).toContain('asked for');
  });

  it.each([
    {
      whose: 'of another machine, a minute old',
      holder: { host: 'elsewhere' },
      ageS: 61,
      why: 'has not renewed its lock for 61 s',
    },
    {
      whose: 'of our pid in another container',
      holder: { pidNamespace: 'pid:[2]' },
      ageS: 1,
      why: 'does not renew its lock',
    },
  ])('$whose, is watched: taken over when it does not move, held when it does', async ({ holder, ageS, why }) => {
    await writeHolder(holder, '');
    utimesSync(path, now / 1000 - ageS, now / 1000 - ageS);
    const taking = take('second');
    await pass(WATCH_MS - 1_000);
    expect(readHolder()).toMatchObject({ runId: 'other' });
    await pass(1_000);
    expect((await taking).takenOver).toContain(why);

    await writeHolder(holder, '');
    utimesSync(path, now / 1000 - ageS, now / 1000 - ageS);
    const losing = expect(take('third')).rejects.toThrow(LockedError);
    await pass(4_000);
    utimesSync(path, now / 1000, now / 1000);
    await pass(500);
    await losing;
    expect(readHolder()).toMatchObject({ runId: 'other' });
  });

  it('that is released while it is watched is free', async () => {
    await writeHolder({ pidNamespace: 'pid:[2]' }, '');
    const taking = take('second');
    await pass(1_000);
    rmSync(path);
    await pass(500);
    await taking;
    expect(readHolder()).toMatchObject({ runId: 'second' });
  });

  it('without words in it is left to its writer for a while, then taken over', async () => {
    writeFileSync(path, '');
    utimesSync(path, now / 1000, now / 1000);
    await expect(take('second')).rejects.toThrow(LockedError);
    utimesSync(path, now / 1000 - 11, now / 1000 - 11);
    expect((await take('second')).takenOver).toContain('has not said who it is');
  });

  it.skipIf(process.geteuid?.() !== 0)(
    'of another user is not judged, however old: that user may be at work',
    async () => {
      writeFileSync(path, '', { mode: 0o600 });
      chownSync(path, 65534, 65534);
      utimesSync(path, now / 1000 - 11, now / 1000 - 11);
      await expect(take('second')).rejects.toThrow('it belongs to user 65534');
      await expect(take('second')).rejects.toThrow(StateError);
      expect(statSync(path).uid).toBe(65534);
    },
  );

  it('that bears the name beside it too, since a kill came between the two, is judged like any other', async () => {
    await writeHolder({ pid: GONE }, '12345');
    linkSync(path, `${path}.1b671a64-40d5-491e-99b0-da01ff1f3341`);
    expect((await take('second')).takenOver).toContain('its process is gone');
    expect(readdirSync(folder)).toEqual(['users.lock']);
  });

  it('is not taken over by two at once', async () => {
    await writeHolder({ pid: GONE }, '12345');
    writeFileSync(
      `${path}.guard`,
      readFileSync(path, 'utf8').replace(String(GONE), '1').replace('12345', startTimeOf(1)),
    );
    utimesSync(`${path}.guard`, now / 1000, now / 1000);
    await expect(take('second')).rejects.toThrow(/taking over/);
    expect(readHolder()).toMatchObject({ runId: 'other' });
    utimesSync(`${path}.guard`, now / 1000 - 11, now / 1000 - 11);
    await take('second');
    expect(readdirSync(folder)).toEqual(['users.lock']);
  });

  it('whose taker was killed on the way is no obstacle, and what that left is taken away', async () => {
    await writeHolder({ pid: GONE }, '12345');
    writeFileSync(`${path}.guard`, readFileSync(path));
    writeFileSync(`${path}.${LEFT}`, '');
    writeFileSync(`${path}.guard.${LEFT}`, '{');
    writeFileSync(`${path}.backup`, '');
    const lock = await take('second');
    expect(readdirSync(folder).sort()).toEqual(['users.lock', 'users.lock.backup']);
    lock.release();
    writeFileSync(`${path}.guard`, '{}');
    await take('third');
    expect(readdirSync(folder).sort()).toEqual(['users.lock', 'users.lock.backup']);
  });

  it('is renewed every five seconds', async () => {
    await take('first');
    const before = statSync(path).mtimeMs;
    await pass(5_000);
    expect(statSync(path).mtimeMs).toBeGreaterThan(before + 4_000);
    await pass(5_000);
    expect(statSync(path).mtimeMs).toBeGreaterThan(before + 9_000);
  });

  it('that another run took is lost, and not removed by its former holder', async () => {
    const lock = await take('first');
    const lost: string[] = [];
    lock.onLost((reason) => lost.push(reason));
    writeFileSync(path, JSON.stringify({ ...readHolder(), runId: 'second' }));
    await pass(5_000);
    lock.onLost((reason) => lost.push(`then ${reason}`));
    expect(lost).toEqual(['another run took the lock of this input', 'then another run took the lock of this input']);
    lock.release();
    expect(readHolder()).toMatchObject({ runId: 'second' });
  });

  it('that can not be renewed is lost before anybody takes its holder for dead; for a moment is nothing', async () => {
    const lost: string[] = [];
    (await take('first')).onLost((reason) => lost.push(reason));
    const text = readFileSync(path);
    rmSync(path);
    await pass(5_000);
    writeFileSync(path, text);
    await pass(500);
    rmSync(path);
    await pass(5_500);
    expect(lost).toEqual([]);
    await pass(500);
    expect(lost).toEqual([`${path} can't be renewed`]);
    await pass(60_000);
    expect(lost).toHaveLength(1);
  });

  it('that can not be written is an error of the state, not another run', async () => {
    const options = { self: describeSelf('first', clock), isRunning, force: false };
    await expect(takeLock(join(folder, 'no', 'users.lock'), clock, options)).rejects.toThrow(StateError);
  });

  it('is taken by exactly one of many that find a dead one', async () => {
    await writeHolder({ pid: GONE }, '12345');
    const takers = Array.from({ length: 8 }, (_, i) => take(`taker ${i}`));
    const ended = await Promise.allSettled(takers);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe.each([
  ['EPERM', 'on Linux'],
  ['EISDIR', 'on Windows'],
])('where files have no second names (%s %s)', (code) => {
  beforeEach(() => (disk.noLinks = code));
  afterEach(() => (disk.noLinks = undefined));

  it('a lock is taken, refused and taken over all the same', async () => {
    const lock = await take('first');
    expect(readdirSync(folder)).toEqual(['users.lock']);
    lock.release();
    await writeHolder({ pid: 1 }, startTimeOf(1));
    await expect(take('second')).rejects.toThrow(LockedError);
    await writeHolder({ pid: GONE }, '12345');
    expect((await take('second')).takenOver).toContain('its process is gone');
    expect(readdirSync(folder)).toEqual(['users.lock']);
  });
});

/** Time goes by in small steps, and what was due happens. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    now += 500;
    const due = timers.filter((timer) => timer.at <= now);
    timers = timers.filter((timer) => timer.at > now);
    due.forEach((timer) => timer.callback());
    await new Promise(setImmediate);
  }
}

function readHolder(): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}

/** A lock of somebody who differs from this process in what `changes` says. */
async function writeHolder(changes: Record<string, unknown>, startTime: string): Promise<void> {
  const lock = await take('model', true);
  const holder = readHolder();
  lock.release();
  writeFileSync(path, JSON.stringify({ ...holder, runId: 'other', startTime, ...changes }));
}

function startTimeOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
