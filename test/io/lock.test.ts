import { spawnSync } from 'node:child_process';
import {
  existsSync,
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
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import { LockedError } from '../../src/core/locked-error.js';
import { StateError } from '../../src/core/state-error.js';
import { takeLock } from '../../src/io/lock.js';

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

const take = (runId: string, force = false): ReturnType<typeof takeLock> => takeLock(path, clock, { runId, force });

describe('a lock', () => {
  it('is there for its owner alone, and gone when it is released', () => {
    const lock = take('first');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(lock.takenOver).toBeUndefined();
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that another process holds is refused, naming who', () => {
    writeHolder({ pid: 1 }, startTimeOf(1));
    expect(() => take('second')).toThrow(LockedError);
    expect(() => take('second')).toThrow(/process 1 on .*--take-lock/);
    expect(readdirSync(folder)).toEqual(['users.lock']);
  });

  it('of a process that is gone is taken over, and that is said', () => {
    const { pid } = spawnSync('true');
    writeHolder({ pid }, '12345');
    const lock = take('second');
    expect(lock.takenOver).toContain('its process is gone');
    expect(readHolder()).toMatchObject({ runId: 'second', pid: process.pid });
  });

  it('that nobody renewed for a minute is taken over', () => {
    writeHolder({ host: 'elsewhere' }, '');
    utimesSync(path, now / 1000 - 61, now / 1000 - 61);
    expect(take('second').takenOver).toContain('has not renewed');
  });

  it('of another machine that is still renewed is held, unless it is asked for', () => {
    writeHolder({ host: 'elsewhere' }, '');
    expect(() => take('second')).toThrow(LockedError);
    expect(take('second', true).takenOver).toContain('asked for');
  });

  it('without words in it is left to its writer for a while, then taken over', () => {
    writeFileSync(path, '');
    utimesSync(path, now / 1000, now / 1000);
    expect(() => take('second')).toThrow(LockedError);
    utimesSync(path, now / 1000 - 11, now / 1000 - 11);
    expect(take('second').takenOver).toContain('has not said who it is');
  });

  it('is not taken over by two at once; the guard of one that died is no obstacle', () => {
    writeHolder({ pid: spawnSync('true').pid }, '12345');
    writeFileSync(`${path}.guard`, '{}');
    utimesSync(`${path}.guard`, now / 1000, now / 1000);
    expect(() => take('second')).toThrow(/taking over/);
    utimesSync(`${path}.guard`, now / 1000 - 11, now / 1000 - 11);
    take('second');
    expect(existsSync(`${path}.guard`)).toBe(false);
  });

  it('is renewed every five seconds', () => {
    take('first');
    const before = statSync(path).mtimeMs;
    pass(5_000);
    expect(statSync(path).mtimeMs).toBeGreaterThan(before + 4_000);
    pass(5_000);
    expect(statSync(path).mtimeMs).toBeGreaterThan(before + 9_000);
  });

  it('that another run took is lost, and not removed by its former holder', () => {
    const lock = take('first');
    const lost: string[] = [];
    lock.onLost((reason) => lost.push(reason));
    writeHolder({ runId: 'second' }, '');
    pass(5_000);
    expect(lost).toEqual(['another run took the lock of this input']);
    lock.release();
    expect(readHolder()).toMatchObject({ runId: 'second' });
  });

  it('that can not be renewed is lost before anybody takes its holder for dead', () => {
    const lost: string[] = [];
    take('first').onLost((reason) => lost.push(reason));
    rmSync(path);
    for (let i = 0; i < 7; i += 1) pass(5_000);
    expect(lost).toHaveLength(1);
    expect(lost[0]).toContain("can't be renewed");
  });

  it('that can not be written is an error of the state, not another run', () => {
    expect(() => takeLock(join(folder, 'no', 'users.lock'), clock, { runId: 'first', force: false })).toThrow(
      StateError,
    );
  });
});

/** Time goes by, and what was due happens. */
function pass(ms: number): void {
  now += ms;
  const due = timers.filter((timer) => timer.at <= now);
  timers = timers.filter((timer) => timer.at > now);
  due.forEach((timer) => timer.callback());
}

function readHolder(): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}

/** A lock of somebody who differs from this process in what `changes` says. */
function writeHolder(changes: Record<string, unknown>, startTime: string): void {
  const lock = take('model', true);
  const holder = readHolder();
  lock.release();
  writeFileSync(path, JSON.stringify({ ...holder, runId: 'other', startTime, ...changes }));
}

function startTimeOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
