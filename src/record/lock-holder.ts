export interface LockHolder {
  readonly runId: string;
  readonly host: string;
  readonly pid: number;
  /** Changes when the machine starts anew; empty where it can't be told. */
  readonly bootId: string;
  /** Process ids mean something only within one; empty where it can't be told. */
  readonly pidNamespace: string;
  /** When the process started, in the kernel's ticks: a pid is given out again. */
  readonly startTime: string;
  /** ISO 8601. */
  readonly since: string;
}

export function isHolder(found: unknown): found is LockHolder {
  if (typeof found !== 'object' || found === null) return false;
  const { pid, ...rest }: Partial<Record<keyof LockHolder, unknown>> = found;
  const { runId, host, bootId, pidNamespace, startTime, since } = rest;
  const texts = [runId, host, bootId, pidNamespace, startTime, since];
  return Number.isSafeInteger(pid) && Number(pid) > 0 && texts.every((text) => typeof text === 'string');
}

/** A lock is renewed this often, in ms. */
export const RENEW_EVERY_MS = 5_000;
/** Longer than one renewal takes to come, and than a holder goes on that can't renew. */
export const WATCH_MS = 7_000;
/** A holder that can't renew its lock for this long stops: nobody can have taken it for dead by then. */
export const LOST_AFTER_MS = 6_000;
export const DEAD_AFTER_MS = 60_000;

/** Taking over takes milliseconds, and so does writing a lock: what is older was left by a process that died in them. */
export const HALF_DEAD_AFTER_MS = 10_000;

/** What is known of a holder from where we stand; `isRunning` is asked for a process in our own namespace. */
export interface HolderSight {
  readonly self: LockHolder;
  readonly holder: LockHolder | undefined;
  readonly ageMs: number;
  readonly isRunning: (pid: number, startTime: string) => boolean;
}

export type Liveness =
  | { readonly kind: 'alive' }
  | { readonly kind: 'dead'; readonly why: string }
  /** It can't be told from here: it is alive if it renews its lock within {@link WATCH_MS}, else dead. */
  | { readonly kind: 'watch'; readonly why: string };

export function judgeHolder({ self, holder, ageMs, isRunning }: HolderSight): Liveness {
  // The file is being written this very moment, or was left by a full disk.
  if (holder === undefined) {
    return ageMs > HALF_DEAD_AFTER_MS ? { kind: 'dead', why: 'it was never written to its end' } : { kind: 'alive' };
  }
  const isHere = holder.host === self.host;
  if (isHere && holder.bootId !== self.bootId) return { kind: 'dead', why: 'its machine has been started anew' };
  if (isHere && holder.pidNamespace === self.pidNamespace) {
    // No process is another one.
    const isGone = holder.pid === self.pid || !isRunning(holder.pid, holder.startTime);
    if (isGone) return { kind: 'dead', why: 'its process is gone' };
  }
  // Clocks differ, and a process that was held up goes on: only a lock that does not move is surely left.
  if (ageMs > DEAD_AFTER_MS)
    return { kind: 'watch', why: `it has not renewed its lock for ${Math.round(ageMs / 1000)} s` };
  // A restarted container has the host and the pid of the one before; so have two that share the network of their host.
  if (isHere && holder.pid === self.pid) return { kind: 'watch', why: 'it does not renew its lock' };
  return { kind: 'alive' };
}

export function describeHolder(holder: LockHolder | undefined): string {
  if (holder === undefined) return 'a process that has not said who it is';
  return `process ${holder.pid} on ${holder.host}, since ${holder.since}`;
}
