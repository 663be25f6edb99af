import { createRequire } from 'node:module';
import { Lead } from './lead.js';

// An ES module that a bundle of CommonJS (rolldown.config.ts) would take for its default export.
const { default: pLimit } = createRequire(import.meta.url)('p-limit') as typeof import('p-limit');

export type Prepare = () => Promise<void>;

/** Whoever waits for a slot. It is made ready before, and not much earlier than a slot will be there. */
export interface Visitor {
  /** Nothing where it is ready. */
  prepare(): Promise<void> | undefined;
  /** A slot is there: it is held until `leave` is called. */
  enter(leave: () => void): void;
  /** It could not be made ready, and needs no slot. */
  fail(error: unknown): void;
}

/** The promise of a task for whoever waits for it; it holds its slot as long as it takes. */
export function visit<Result>(
  admit: (visitor: Visitor) => void,
  task: () => Promise<Result>,
  prepare?: Prepare,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    admit({
      prepare: () => prepare?.(),
      enter: (leave) => void task().then(resolve, reject).then(leave),
      fail: reject,
    });
  });
}

/** No more are made ready until so much of the lead is left: then some together, which one sync of the disk serves. */
const REFILL = 3 / 4;

/**
 * Slots for tasks, which are taken in the order in which they came. A slot that p-limit grants goes on as long as a task is
 * ready, so that not every row pays for the promises of a call; one more call waits for the next slot that ends. No more
 * tasks are made ready ahead of their slots than keep these busy.
 */
export class Slots {
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #lead: Lead;
  readonly #held: Visitor[] = [];
  readonly #ready: Visitor[] = [];
  #preparing = 0;

  /** @param most that may be made ready ahead of their slots */
  constructor(concurrency: number, most: number) {
    this.#limit = pLimit(concurrency);
    this.#lead = new Lead(concurrency, most);
  }

  get waiting(): number {
    return this.#held.length + this.#ahead;
  }

  get #ahead(): number {
    return this.#preparing + this.#ready.length;
  }

  admit(visitor: Visitor): void {
    this.#held.push(visitor);
    this.#prepare();
  }

  #prepare(): void {
    if (this.#ahead > this.#lead.rows * REFILL) return;
    while (this.#ahead < this.#lead.rows) {
      const next = this.#held.shift();
      if (next === undefined) return;
      this.#makeReady(next);
    }
  }

  #makeReady(visitor: Visitor): void {
    let preparing: Promise<void> | undefined;
    try {
      preparing = visitor.prepare();
    } catch (error) {
      visitor.fail(error);
      return;
    }
    if (preparing === undefined) {
      this.#addReady(visitor);
      return;
    }
    this.#preparing += 1;
    preparing.then(
      () => {
        this.#preparing -= 1;
        this.#addReady(visitor);
      },
      (error: unknown) => {
        this.#preparing -= 1;
        visitor.fail(error);
        this.#prepare();
      },
    );
  }

  #addReady(visitor: Visitor): void {
    this.#ready.push(visitor);
    if (this.#limit.pendingCount === 0) void this.#limit(() => new Promise<void>((end) => this.#open(end)));
  }

  /** A slot, for one task after the other. */
  #open(end: () => void): void {
    const serve = (): void => {
      const next = this.#ready.shift();
      if (next === undefined) {
        if (this.#held.length > 0) this.#lead.noteIdle();
        this.#prepare();
        end();
        return;
      }
      this.#lead.noteTaken(this.#ready.length);
      this.#prepare();
      next.enter(serve);
    };
    serve();
  }
}
