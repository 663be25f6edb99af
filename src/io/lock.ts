import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import type { Clock } from '../core/clock.js';
import { describeHolder, whyDead } from '../core/lock-holder.js';
import type { LockHolder } from '../core/lock-holder.js';
import { LockedError } from '../core/locked-error.js';
import { StateError } from '../core/state-error.js';

/** A lock is renewed this often, in ms. */
const RENEW_EVERY_MS = 5_000;
/** A holder that could not renew for this long stops, well before anybody takes it for dead. */
const LOST_AFTER_MS = 30_000;
/** Taking over takes milliseconds: a guard older than this was left by a process that died in them. */
const GUARD_DEAD_AFTER_MS = 10_000;

/** The stem is ours until `release`. */
export interface Lock {
  /** How the lock of a dead holder was met, to be said. */
  readonly takenOver: string | undefined;
  /** Calls back once when the lock is lost: the run must stop. */
  readonly onLost: (callback: (reason: string) => void) => void;
  readonly release: () => void;
}

/**
 * Takes the lock file: created exclusively, so that of two processes one gets it. The file of a dead holder is removed
 * under a second exclusive file, so that of two that find it one removes it, and never the lock of the other.
 * @throws {LockedError} when somebody else holds it; {StateError} when it can't be written
 */
export function takeLock(
  path: string,
  clock: Clock,
  options: { readonly runId: string; readonly force: boolean },
): Lock {
  const self = describeSelf(options.runId, clock);
  let takenOver: string | undefined;
  if (!create(path, self)) {
    takenOver = removeDead(path, self, { clock, force: options.force });
    if (!create(path, self))
      throw new LockedError('another run has just taken this input: wait for it, then run again');
  }
  return hold(path, self, { clock, takenOver });
}

function hold(
  path: string,
  self: LockHolder,
  { clock, takenOver }: { clock: Clock; takenOver: string | undefined },
): Lock {
  const listeners: ((reason: string) => void)[] = [];
  let renewedAt = clock.monotonic();
  const renew = (): void => {
    if (readHolder(path)?.runId === self.runId && touch(path, clock)) renewedAt = clock.monotonic();
    const isTaken = readHolder(path) !== undefined && readHolder(path)?.runId !== self.runId;
    if (isTaken || clock.monotonic() - renewedAt > LOST_AFTER_MS) {
      const reason = isTaken ? 'another run took the lock of this input' : `${path} can't be renewed`;
      listeners.forEach((tell) => tell(reason));
      return;
    }
    cancel = clock.after(RENEW_EVERY_MS, renew);
  };
  let cancel = clock.after(RENEW_EVERY_MS, renew);
  return {
    takenOver,
    onLost: (callback) => listeners.push(callback),
    release: () => {
      cancel();
      if (readHolder(path)?.runId === self.runId) rmSync(path, { force: true });
    },
  };
}

/** False when the file is there already. */
function create(path: string, holder: LockHolder): boolean {
  try {
    const fd = openSync(path, 'wx', 0o600);
    writeSync(fd, `${JSON.stringify(holder)}\n`);
    closeSync(fd);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw new StateError(path, error);
  }
}

/** Makes room where the holder is dead, or `force` says so; returns what is to be said of it. */
function removeDead(
  path: string,
  self: LockHolder,
  { clock, force }: { clock: Clock; force: boolean },
): string | undefined {
  const guard = `${path}.guard`;
  if (!create(guard, self)) {
    if (clock.now() - modifiedAt(guard) < GUARD_DEAD_AFTER_MS) {
      throw new LockedError('another run is just taking over this input: wait for it, then run again');
    }
    rmSync(guard, { force: true });
    if (!create(guard, self)) throw new LockedError('another run is just taking over this input: run again');
  }
  try {
    if (!existsSync(path)) return undefined;
    const holder = readHolder(path);
    const ageMs = clock.now() - modifiedAt(path);
    // Without a holder in it, the file is being written this very moment, or was left by a full disk.
    const why = holder === undefined ? undefined : whyDead({ self, holder, ageMs, isRunning });
    const who = holder === undefined ? 'a process that has not said who it is' : describeHolder(holder);
    if (why === undefined && !force && !(holder === undefined && ageMs > GUARD_DEAD_AFTER_MS)) {
      throw new LockedError(
        `another run holds this input: ${who}. Wait for it; if it is surely dead, use --take-lock.`,
      );
    }
    rmSync(path, { force: true });
    return `the lock of ${who} was taken over: ${why ?? 'asked for'}`;
  } finally {
    rmSync(guard, { force: true });
  }
}

function readHolder(path: string): LockHolder | undefined {
  try {
    // We wrote it; a half-written one is no JSON.
    return JSON.parse(readFileSync(path, 'utf8')) as LockHolder;
  } catch {
    return undefined;
  }
}

function touch(path: string, clock: Clock): boolean {
  try {
    utimesSync(path, clock.now() / 1000, clock.now() / 1000);
    return true;
  } catch {
    return false;
  }
}

/** Epoch ms; a file that is gone was never there. */
function modifiedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function describeSelf(runId: string, clock: Clock): LockHolder {
  return {
    runId,
    host: hostname(),
    pid: process.pid,
    bootId: orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: orEmpty(() => readlinkSync('/proc/self/ns/pid')),
    startTime: startTimeOf(process.pid),
    since: new Date(clock.now()).toISOString(),
  };
}

function isRunning(pid: number, startTime: string): boolean {
  if (startTime !== '') return startTimeOf(pid) === startTime;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Field 22 of proc(5) stat; the name before it may hold blanks and brackets. Empty where there is no /proc. */
function startTimeOf(pid: number): string {
  return orEmpty(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie only waits for its parent to notice.
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  });
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
