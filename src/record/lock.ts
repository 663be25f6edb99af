import { lutimesSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sleep } from '../core/clock.js';
import type { Clock } from '../core/clock.js';
import {
  describeHolder,
  HALF_DEAD_AFTER_MS,
  judgeHolder,
  LOST_AFTER_MS,
  RENEW_EVERY_MS,
  WATCH_MS,
} from './lock-holder.js';
import type { LockHolder, Liveness } from './lock-holder.js';
import { checkLockFile, createLockFile, link, modifiedAt, readHolder, tryTo } from './lock-file.js';
import { LockedError } from '../core/locked-error.js';
import { orStateError } from '../core/state-error.js';

/** Between two looks at a lock that should move, and two attempts to renew one. */
const SOON_MS = 500;
/** The stem is ours until `release`. */
export interface Lock {
  /** How the lock of a dead holder was met, to be said. */
  readonly takenOver: string | undefined;
  /** Calls back once when the lock is lost, at once when it was: the run must stop. */
  readonly onLost: (callback: (reason: string) => void) => void;
  readonly release: () => void;
}

/** What a lock is for, in words, and what to do when another run has it. */
export interface Guarded {
  readonly name: string;
  readonly remedy: string;
}

const INPUT: Guarded = { name: 'this input', remedy: 'if it is surely dead, use --take-lock' };

export interface LockTaking {
  readonly self: LockHolder;
  readonly isRunning: (pid: number, startTime: string) => boolean;
  /** Whoever holds it is dead: the operator says so. */
  readonly force: boolean;
  /** The files of an input, unless given. */
  readonly guarded?: Guarded;
}

type Judge = (holder: LockHolder | undefined, ageMs: number) => Liveness;

/**
 * Takes the lock file. That of a dead holder is removed under a second one of the kind, the guard, so that of two that find
 * it one removes it, and never the lock of the other.
 * @throws {LockedError} when somebody else holds it; {StateError} when it can't be written
 */
export async function takeLock(path: string, clock: Clock, taking: LockTaking): Promise<Lock> {
  const { self, isRunning, force, guarded = INPUT } = taking;
  let takenOver: string | undefined;
  if (!createLockFile(path, self)) {
    checkLockFile(path);
    const judge: Judge = (holder, ageMs) => judgeHolder({ self, holder, ageMs, isRunning });
    const { holder, why } = await findDead(path, clock, { judge, force, guarded });
    removeDead(path, self, { clock, holder, judge, guarded });
    if (!createLockFile(path, self))
      throw new LockedError(`another run has just taken ${guarded.name}: wait for it, then run again`);
    takenOver = why && `the lock of ${describeHolder(holder)} was taken over: ${why}`;
  }
  sweep(path);
  return hold(path, self, { clock, takenOver, guarded });
}

/** Who only has to know that nobody else is at work. @throws {LockedError} when somebody is */
export async function checkFree(
  path: string,
  clock: Clock,
  { self, isRunning, guarded = INPUT }: Omit<LockTaking, 'force'>,
): Promise<void> {
  const judge: Judge = (holder, ageMs) => judgeHolder({ self, holder, ageMs, isRunning });
  await findDead(path, clock, { judge, force: false, guarded });
}

function hold(
  path: string,
  self: LockHolder,
  { clock, takenOver, guarded }: { clock: Clock; takenOver: string | undefined; guarded: Guarded },
): Lock {
  const listeners: ((reason: string) => void)[] = [];
  let lostBy: string | undefined;
  let renewedAt = clock.monotonic();
  const renew = (): void => {
    const holder = readHolder(path);
    const seconds = clock.now() / 1000;
    const isRenewed = holder?.runId === self.runId && tryTo(() => lutimesSync(path, seconds, seconds));
    if (isRenewed) renewedAt = clock.monotonic();
    const isTaken = holder !== undefined && holder.runId !== self.runId;
    if (isTaken || clock.monotonic() - renewedAt >= LOST_AFTER_MS) {
      const reason = isTaken ? `another run took the lock of ${guarded.name}` : `${path} can't be renewed`;
      lostBy = reason;
      listeners.forEach((tell) => tell(reason));
      return;
    }
    cancel = clock.after(isRenewed ? RENEW_EVERY_MS : SOON_MS, renew);
  };
  let cancel = clock.after(RENEW_EVERY_MS, renew);
  return {
    takenOver,
    onLost: (callback) => (lostBy === undefined ? void listeners.push(callback) : callback(lostBy)),
    release: () => {
      cancel();
      // One that can't be removed is that of a dead process soon.
      if (readHolder(path)?.runId === self.runId) tryTo(() => rmSync(path, { force: true }));
    },
  };
}

/** The holder, who is dead; nobody where the lock is free by now. @throws {LockedError} */
async function findDead(
  path: string,
  clock: Clock,
  { judge, force, guarded }: { judge: Judge; force: boolean; guarded: Guarded },
): Promise<{ readonly holder: LockHolder | undefined; readonly why: string | undefined }> {
  const renewedAt = modifiedAt(path);
  if (renewedAt === undefined) return { holder: undefined, why: undefined };
  const holder = readHolder(path);
  if (force) return { holder, why: 'asked for' };
  const liveness = judge(holder, clock.now() - renewedAt);
  if (liveness.kind === 'alive' || (liveness.kind === 'watch' && (await moves(path, renewedAt, clock)))) {
    throw new LockedError(
      `another run holds ${guarded.name}: ${describeHolder(holder)}. Wait for it; ${guarded.remedy}.`,
    );
  }
  return { holder, why: liveness.why };
}

async function moves(path: string, renewedAt: number, clock: Clock): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < WATCH_MS; waitedMs += SOON_MS) {
    await sleep(clock, SOON_MS, new AbortController().signal);
    const at = modifiedAt(path);
    if (at !== renewedAt) return at !== undefined;
  }
  return false;
}

/** Makes room where the dead holder is still the one. @throws {LockedError} when somebody else was quicker */
function removeDead(
  path: string,
  self: LockHolder,
  { clock, holder, judge, guarded }: { clock: Clock; holder: LockHolder | undefined; judge: Judge; guarded: Guarded },
): void {
  const guard = `${path}.guard`;
  const busy = `another run is just taking over ${guarded.name}: wait for it, then run again`;
  if (!createLockFile(guard, self)) {
    checkLockFile(guard);
    const ageMs = clock.now() - (modifiedAt(guard) ?? 0);
    const left = readHolder(guard);
    if (judge(left, ageMs).kind !== 'dead' && ageMs < HALF_DEAD_AFTER_MS) throw new LockedError(busy);
    removeIfStill(guard, left, self);
    if (!createLockFile(guard, self)) throw new LockedError(busy);
  }
  try {
    const now = readHolder(path);
    if (now !== undefined && now.runId !== holder?.runId) {
      throw new LockedError(
        `another run has just taken ${guarded.name}: ${describeHolder(now)}. Wait for it, then run again.`,
      );
    }
    orStateError(path, () => rmSync(path, { force: true }));
  } finally {
    tryTo(() => rmSync(guard, { force: true }));
  }
}

/** Of two that find the same file, the second would remove what the first has put in its place: what was not meant goes back. */
function removeIfStill(path: string, holder: LockHolder | undefined, self: LockHolder): void {
  const aside = `${path}.${self.runId}`;
  tryTo(() => renameSync(path, aside));
  if (readHolder(aside)?.runId !== holder?.runId) link(aside, path);
  orStateError(aside, () => rmSync(aside, { force: true }));
}

/** Takes away what kills left while locks were made. Who is just making one finds it gone, and the lock held by us. */
function sweep(path: string): void {
  tryTo(() => {
    const ending = /^(?:\.guard)?(?:\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?$/;
    const isLeft = (name: string): boolean =>
      name.startsWith(`${basename(path)}.`) && ending.test(name.slice(basename(path).length));
    for (const name of readdirSync(dirname(path)).filter(isLeft)) rmSync(join(dirname(path), name), { force: true });
  });
}
