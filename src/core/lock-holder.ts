/** Who holds a stem, and how to tell whether that process still lives. */
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

/** A holder that has not renewed its lock for this long is taken for dead. */
export const DEAD_AFTER_MS = 60_000;

/** What is known of a holder from where we stand; `isRunning` is asked for a process in our own namespace. */
export interface HolderSight {
  readonly self: LockHolder;
  readonly holder: LockHolder;
  /** Since the holder last renewed its lock. */
  readonly ageMs: number;
  readonly isRunning: (pid: number, startTime: string) => boolean;
}

/** Why the holder can't be alive; nothing when it may be. */
export function whyDead({ self, holder, ageMs, isRunning }: HolderSight): string | undefined {
  if (ageMs > DEAD_AFTER_MS) return `it has not renewed its lock for ${Math.round(ageMs / 1000)} s`;
  if (holder.host !== self.host) return undefined;
  if (holder.bootId !== self.bootId) return 'its machine has been started anew';
  // A restarted container has the host and the pid of the one before, and no process is another one.
  if (holder.pid === self.pid) return 'its process is gone';
  if (holder.pidNamespace !== self.pidNamespace) return undefined;
  return isRunning(holder.pid, holder.startTime) ? undefined : 'its process is gone';
}

export function describeHolder({ host, pid, since }: LockHolder): string {
  return `process ${pid} on ${host}, since ${since}`;
}
