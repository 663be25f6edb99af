import { sleep } from './core/clock.js';
import type { Clock } from './core/clock.js';
import type { Guard } from './gate.js';

/** Holds everybody back while the server wants less. */
export class Pause implements Guard {
  readonly #clock: Clock;
  readonly #stopSignal: AbortSignal;
  #until = 0;

  constructor(clock: Clock, stopSignal: AbortSignal) {
    this.#clock = clock;
    this.#stopSignal = stopSignal;
  }

  /** Everybody waits this long before the next send; the longest that anybody asked for counts. */
  extend(delayMs: number): void {
    this.#until = Math.max(this.#until, this.#clock.monotonic() + delayMs);
  }

  hold(): Promise<void> | undefined {
    const leftMs = this.#until - this.#clock.monotonic();
    return leftMs > 0 ? sleep(this.#clock, leftMs, this.#stopSignal) : undefined;
  }
}
