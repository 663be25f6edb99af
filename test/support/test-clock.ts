import type { Clock } from '../../src/core/clock.js';

/** The first moment of every test: 2026-01-02T03:04:05Z. */
export const START_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

export interface TestClockOptions {
  /** Goes on to the next timer by itself whenever nothing else is left to do. */
  readonly isAuto?: boolean;
  /** Handed out in turn; then 0.5 for ever. */
  readonly randoms?: readonly number[];
}

/** Time that stands still until a test moves it: nobody ever sleeps for real. */
export class TestClock implements Clock {
  #elapsed = 0;
  #timers: Timer[] = [];
  #isTicking = false;
  readonly #isAuto: boolean;
  readonly #randoms: number[];

  constructor({ isAuto = false, randoms = [] }: TestClockOptions = {}) {
    this.#isAuto = isAuto;
    this.#randoms = [...randoms];
  }

  /** Callers take these off the clock, as they do with the system's. */
  readonly now = (): number => START_MS + this.#elapsed;
  readonly monotonic = (): number => this.#elapsed;
  readonly random = (): number => this.#randoms.shift() ?? 0.5;

  readonly after = (delayMs: number, callback: () => void): (() => void) => {
    const timer = { at: this.#elapsed + Math.max(0, delayMs), callback };
    this.#timers.push(timer);
    if (this.#isAuto) this.#tickWhenIdle();
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** Timers that were neither rung nor called off. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Milliseconds since {@link START_MS}. */
  get elapsedMs(): number {
    return this.#elapsed;
  }

  /** Moves the time on; timers ring in their order, each when all that the one before it set off is done. */
  async advance(byMs: number): Promise<void> {
    const end = this.#elapsed + byMs;
    await idle();
    for (let next = this.#next(); next !== undefined && next.at <= end; next = this.#next()) {
      this.#ring(next);
      await idle();
    }
    this.#elapsed = Math.max(this.#elapsed, end);
  }

  #next(): Timer | undefined {
    return this.#timers.reduce<Timer | undefined>((first, timer) => {
      return first === undefined || timer.at < first.at ? timer : first;
    }, undefined);
  }

  #ring(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
    this.#elapsed = Math.max(this.#elapsed, timer.at);
    timer.callback();
  }

  #tickWhenIdle(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
    setImmediate(() => {
      this.#isTicking = false;
      const next = this.#next();
      if (next === undefined) return;
      this.#ring(next);
      if (this.#timers.length > 0) this.#tickWhenIdle();
    });
  }
}

/** Resolves when all that can happen without time passing has happened. */
export async function idle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
