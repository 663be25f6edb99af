/** Time and chance, as an argument, so that no test sleeps and every run can be repeated. */
export interface Clock {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds that never go back; only differences mean something. */
  readonly monotonic: () => number;
  /** Calls back after `delayMs`; the returned function calls it off. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
  /** In [0, 1). */
  readonly random: () => number;
}

/** A stamp that is further off is refused by the server, which allows for 5 minutes (PKI seed), or will be soon. */
export const MOST_OFF_MS = 240_000;

/** Waits, or less long when `signal` aborts. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = (): void => {
      signal.removeEventListener('abort', wake);
      cancel();
      resolve();
    };
    const cancel = clock.after(delayMs, wake);
    signal.addEventListener('abort', wake);
  });
}

export function toSeconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
