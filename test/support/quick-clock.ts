import type { Clock } from '../../src/core/clock.js';

/** Of the machine's time, what passes at most between two looks at it. */
const LONGEST_LOOK_MS = 2;

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/**
 * A clock on which so many seconds pass in one: what waits for minutes waits for a moment. Time passes only between two
 * turns of this process, and little in each: on a busy machine it passes later, and no answer that is on its way comes
 * too late because nobody had the time to take it.
 */
export class QuickClock implements Clock {
  readonly #factor: number;
  readonly #startedAt = Date.now();
  readonly #timers = new Set<Timer>();
  #elapsed = 0;
  #isTurning = false;

  constructor(factor: number) {
    this.#factor = factor;
  }

  /** Callers take these off the clock, as they do with the system's. */
  readonly now = (): number => Math.round(this.#startedAt + this.#elapsed);
  readonly monotonic = (): number => this.#elapsed;
  readonly random = (): number => 0.5;

  readonly after = (delayMs: number, callback: () => void): (() => void) => {
    const timer = { at: this.#elapsed + delayMs, callback };
    this.#timers.add(timer);
    this.#turn();
    return () => this.#timers.delete(timer);
  };

  /** Nobody sees that time stands still while nobody waits for it. */
  #turn(): void {
    const next = this.#next();
    if (this.#isTurning || next === undefined) return;
    this.#isTurning = true;
    const lookedAt = performance.now();
    const look = (): void => {
      this.#elapsed += Math.min(performance.now() - lookedAt, LONGEST_LOOK_MS) * this.#factor;
      this.#isTurning = false;
      this.#ring();
      this.#turn();
    };
    if (next.at <= this.#elapsed) setImmediate(look);
    else setTimeout(look, 1);
  }

  /** One in a turn: the next one rings when all that this one sets off is done. */
  #ring(): void {
    const next = this.#next();
    if (next === undefined || next.at > this.#elapsed) return;
    this.#timers.delete(next);
    next.callback();
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (first === undefined || timer.at < first.at) first = timer;
    return first;
  }
}
