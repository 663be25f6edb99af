import {
  closeSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { sleep } from '../core/clock.js';
import type { Clock } from '../core/clock.js';
import { describeHolder, judgeHolder, LOST_AFTER_MS, RENEW_EVERY_MS, WATCH_MS } from '../core/lock-holder.js';
import type { LockHolder, Verdict } from '../core/lock-holder.js';
import { LockedError } from '../core/locked-error.js';
import { StateError } from '../core/state-error.js';

/** Between two looks at a lock that should move, and two attempts to renew one. */
const SOON_MS = 500;
/** Taking over takes milliseconds, and so does writing a lock: what is older was left by a process that died in them. */
const HALF_DEAD_AFTER_MS = 10_000;
/** What a file system says that knows no second name for a file. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** The stem is ours until `release`. */
export interface Lock {
  /** How the lock of a dead holder was met, to be said. */
  readonly takenOver: string | undefined;
  /** Calls back once when the lock is lost, at once when it was: the run must stop. */
  readonly onLost: (callback: (reason: string) => void) => void;
  readonly release: () => void;
}

/**
 * Takes the lock file. It gets its name when it is whole, and only where there is none: of two processes one gets it, and
 * no kill leaves a half one. The file of a dead holder is removed under a second one of the kind, the guard, so that of two
 * that find it one removes it, and never the lock of the other.
 * @throws {LockedError} when somebody else holds it; {StateError} when it can't be written
 */
export async function takeLock(
  path: string,
  clock: Clock,
  { runId, force }: { readonly runId: string; readonly force: boolean },
): Promise<Lock> {
  const self = describeSelf(runId, clock);
  let takenOver: string | undefined;
  if (!create(path, self)) {
    const { holder, why } = await findDead(path, self, { clock, force });
    removeDead(path, self, { clock, holder });
    if (!create(path, self))
      throw new LockedError('another run has just taken this input: wait for it, then run again');
    takenOver = why && `the lock of ${describe(holder)} was taken over: ${why}`;
  }
  sweep(path);
  return hold(path, self, { clock, takenOver });
}

function hold(
  path: string,
  self: LockHolder,
  { clock, takenOver }: { clock: Clock; takenOver: string | undefined },
): Lock {
  const listeners: ((reason: string) => void)[] = [];
  let lostBy: string | undefined;
  let renewedAt = clock.monotonic();
  const renew = (): void => {
    const holder = readHolder(path);
    const isRenewed = holder?.runId === self.runId && touch(path, clock);
    if (isRenewed) renewedAt = clock.monotonic();
    const isTaken = holder !== undefined && holder.runId !== self.runId;
    if (isTaken || clock.monotonic() - renewedAt >= LOST_AFTER_MS) {
      const reason = isTaken ? 'another run took the lock of this input' : `${path} can't be renewed`;
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

/** False when the file is there already. @throws {StateError} */
function create(path: string, holder: LockHolder): boolean {
  const whole = `${path}.${holder.runId}`;
  try {
    writeNew(whole, holder);
    return link(whole, path) ?? writeNew(path, holder);
  } finally {
    tryTo(() => rmSync(whole, { force: true }));
  }
}

/** False when there is such a name already; nothing where the file system knows no links. */
function link(from: string, to: string): boolean | undefined {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    // Whoever holds the lock may have swept ours away.
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return false;
    if (NO_LINKS.includes(codeOf(error))) return undefined;
    throw new StateError(to, error);
  }
}

function writeNew(path: string, holder: LockHolder): boolean {
  try {
    const fd = openSync(path, 'wx', 0o600);
    try {
      writeSync(fd, `${JSON.stringify(holder)}\n`);
    } finally {
      closeSync(fd);
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw new StateError(path, error);
  }
}

/** The holder, who is dead; nobody where the lock is free by now. @throws {LockedError} */
async function findDead(
  path: string,
  self: LockHolder,
  { clock, force }: { clock: Clock; force: boolean },
): Promise<{ readonly holder: LockHolder | undefined; readonly why: string | undefined }> {
  const renewedAt = modifiedAt(path);
  if (renewedAt === undefined) return { holder: undefined, why: undefined };
  const holder = readHolder(path);
  if (force) return { holder, why: 'asked for' };
  const verdict = judge(holder, self, clock.now() - renewedAt);
  if (verdict.kind === 'alive' || (verdict.kind === 'watch' && (await moves(path, renewedAt, clock)))) {
    throw new LockedError(
      `another run holds this input: ${describe(holder)}. Wait for it; if it is surely dead, use --take-lock.`,
    );
  }
  return { holder, why: verdict.why };
}

/** Without a holder in it, the file is being written this very moment, or was left by a full disk. */
function judge(holder: LockHolder | undefined, self: LockHolder, ageMs: number): Verdict {
  if (holder !== undefined) return judgeHolder({ self, holder, ageMs, isRunning });
  return ageMs > HALF_DEAD_AFTER_MS ? { kind: 'dead', why: 'it was never written to its end' } : { kind: 'alive' };
}

/** Is the lock renewed while we look? */
async function moves(path: string, renewedAt: number, clock: Clock): Promise<boolean> {
  const { signal } = new AbortController();
  for (let waitedMs = 0; waitedMs < WATCH_MS; waitedMs += SOON_MS) {
    await sleep(clock, SOON_MS, signal);
    const at = modifiedAt(path);
    if (at !== renewedAt) return at !== undefined;
  }
  return false;
}

/** Makes room where the dead holder is still the one. @throws {LockedError} when somebody else was quicker */
function removeDead(
  path: string,
  self: LockHolder,
  { clock, holder }: { clock: Clock; holder: LockHolder | undefined },
): void {
  const guard = `${path}.guard`;
  const busy = 'another run is just taking over this input: wait for it, then run again';
  if (!create(guard, self)) {
    const ageMs = clock.now() - (modifiedAt(guard) ?? 0);
    const left = readHolder(guard);
    if (judge(left, self, ageMs).kind !== 'dead' && ageMs < HALF_DEAD_AFTER_MS) throw new LockedError(busy);
    removeIfStill(guard, left, self);
    if (!create(guard, self)) throw new LockedError(busy);
  }
  try {
    const now = readHolder(path);
    if (now !== undefined && now.runId !== holder?.runId) {
      throw new LockedError(`another run has just taken this input: ${describe(now)}. Wait for it, then run again.`);
    }
    remove(path);
  } finally {
    tryTo(() => rmSync(guard, { force: true }));
  }
}

/** Of two that find the same file, the second would remove what the first has put in its place: what was not meant goes back. */
function removeIfStill(path: string, holder: LockHolder | undefined, self: LockHolder): void {
  const aside = `${path}.${self.runId}`;
  tryTo(() => renameSync(path, aside));
  if (readHolder(aside)?.runId !== holder?.runId) link(aside, path);
  remove(aside);
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw new StateError(path, error);
  }
}

/**
 * Takes away what kills left while locks were made. Who is just making one finds it gone, and the lock held: whoever looks
 * under a guard from now on finds us.
 */
function sweep(path: string): void {
  tryTo(() => {
    const ending = /^(?:\.guard)?(?:\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?$/;
    const isLeft = (name: string): boolean =>
      name.startsWith(`${basename(path)}.`) && ending.test(name.slice(basename(path).length));
    for (const name of readdirSync(dirname(path)).filter(isLeft)) rmSync(join(dirname(path), name), { force: true });
  });
}

function describe(holder: LockHolder | undefined): string {
  return holder === undefined ? 'a process that has not said who it is' : describeHolder(holder);
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

/** Epoch ms; nothing for a file that is gone. */
function modifiedAt(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** For what may fail, and then the next run does it. */
function tryTo(act: () => void): void {
  try {
    act();
  } catch {
    // The files stay as they are.
  }
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
