import type { Clock } from '../core/clock.js';
import type { Reply } from '../row/reply.js';
import type { RunStop } from '../core/run-stop.js';
import type { Pace, Permit } from './pace.js';

export interface TurnstileEdges {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly stop: RunStop;
  /** Tells a person what has changed, in one line. */
  readonly note: (text: string) => void;
}

/** Holds sends back, in the order in which they came, until the pace lets them go. One timer serves all who wait. */
export class Turnstile {
  readonly #edges: TurnstileEdges;
  readonly #waiting: { readonly row: string; readonly pass: (permit: Permit | undefined) => void }[] = [];
  #cancelTimer: (() => void) | undefined;

  constructor(edges: TurnstileEdges) {
    this.#edges = edges;
    edges.stop.signal.addEventListener('abort', () => this.#shut());
  }

  /** Leave for a send of this row, as soon as it may go; nothing when the run has stopped. Every permit must come back. */
  enter(row: string): Permit | undefined | Promise<Permit | undefined> {
    const { clock, pace, stop } = this.#edges;
    if (stop.reason !== undefined) return undefined;
    const now = clock.monotonic();
    if (this.#waiting.length === 0 && pace.readyAt <= now) return pace.begin(row, now);
    return new Promise((pass) => {
      this.#waiting.push({ row, pass });
      // Those who came before have set the timer.
      if (this.#waiting.length === 1) this.#letGo();
    });
  }

  /** The send has ended with this reply. */
  leave(permit: Permit, reply: Reply): void {
    const { clock, pace, stop, note } = this.#edges;
    const change = pace.end(permit, reply, clock.monotonic());
    change?.notes.forEach(note);
    if (change?.stop !== undefined) stop.stop({ kind: 'stopped', reason: change.stop });
    this.#letGo();
  }

  /** The send did not leave. */
  giveBack(permit: Permit): void {
    this.#edges.pace.cancel(permit);
    this.#letGo();
  }

  /** Everybody waits so long before the next send. */
  pause(delayMs: number): void {
    this.#edges.pace.pause(delayMs, this.#edges.clock.monotonic());
    this.#letGo();
  }

  #shut(): void {
    this.#cancelTimer?.();
    for (const { pass } of this.#waiting.splice(0)) pass(undefined);
  }

  #letGo(): void {
    if (this.#waiting.length === 0) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const { clock, pace } = this.#edges;
    const now = clock.monotonic();
    while (pace.readyAt <= now) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next.pass(pace.begin(next.row, now));
    }
    const waitMs = pace.readyAt - now;
    if (this.#waiting.length > 0 && waitMs < Infinity) {
      this.#cancelTimer = clock.after(waitMs, () => this.#letGo());
    }
  }
}
