import type { Clock } from '../core/clock.js';
import { EXIT_CODES } from '../core/exit-code.js';
import type { RunStop } from '../core/run-stop.js';
import { showLines } from '../core/safe-text.js';

/** What a bug has cut off may never end by itself: so long is it waited for, in ms. */
export const GRACE_MS = 20_000;
/** And so long when it has been cut off. */
export const LAST_GRACE_MS = 5_000;

export interface BugEdges {
  readonly clock: Clock;
  readonly stop: RunStop;
  readonly cut: AbortController;
  /** Nobody else will end the process by then, which this does unless given. */
  readonly giveUp?: (why: string) => void;
}

/**
 * Outlives what is thrown where nobody waits for it: by a timer, by a listener, in a promise that is left alone. The run stops
 * for a bug, and completes its files like any other that stops. What can't even be cut off is left to the journal.
 * @returns what gives such an error its usual effect back
 */
export function outliveBugs({ clock, stop, cut, giveUp = endProcess }: BugEdges): () => void {
  let cancel: (() => void) | undefined;
  const listener = (error: unknown): void => {
    stop.stopForBug(error);
    cancel ??= clock.after(GRACE_MS, () => {
      cut.abort();
      cancel = clock.after(LAST_GRACE_MS, () => giveUp(stop.reason?.reason ?? ''));
    });
  };
  process.on('uncaughtException', listener);
  return () => {
    cancel?.();
    process.off('uncaughtException', listener);
  };
}

function endProcess(why: string): void {
  process.stderr.write(`A bug in centagate-provision keeps it from its end; please report it with the lines below.
${showLines(why)}
What was answered is kept in the journal; the same command goes on from there.
`);
  process.exit(EXIT_CODES.bug.code);
}
