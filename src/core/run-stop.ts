import { setMaxListeners } from 'node:events';
import type { Stop } from './stop.js';

export class RunStop {
  readonly #stopped = new AbortController();
  #reason: Stop | undefined;

  constructor() {
    // Every row that waits listens.
    setMaxListeners(0, this.#stopped.signal);
  }

  /** Aborted when the run stops: nobody waits any longer. */
  get signal(): AbortSignal {
    return this.#stopped.signal;
  }

  get reason(): Stop | undefined {
    return this.#reason;
  }

  /** The first reason to stop is the one that counts; a bug always does. */
  stop(stop: Stop): void {
    if (this.#reason === undefined || stop.kind === 'bug') this.#reason = stop;
    this.#stopped.abort();
  }

  stopForBug(error: unknown): void {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.stop({ kind: 'bug', reason });
  }
}
