import { createRequire } from 'node:module';
import { Lead } from './lead.js';

// An ES module that a bundle of CommonJS (rolldown.config.ts) would take for its default export.
const { default: pLimit } = createRequire(import.meta.url)('p-limit') as typeof import('p-limit');

/** What makes a task ready for a slot. */
export type Prepare = () => Promise<void>;

/** A task that has no slot yet. */
interface Waiting {
  readonly prepare: Prepare | undefined;
  readonly task: () => Promise<void>;
  readonly fail: (error: unknown) => void;
}

/**
 * Slots for tasks, which are taken in the order in which they came. A slot that p-limit grants goes on as long as a task is
 * ready, so that not every row pays for the promises of a call; one more call waits for the next slot that ends. No more
 * tasks are made ready ahead of their slots than keep these busy.
 */
export class Slots {
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #lead: Lead;
  readonly #held: Waiting[] = [];
  readonly #ready: Waiting[] = [];
  #preparing = 0;

  /** @param most that may be made ready ahead of their slots */
  constructor(concurrency: number, most: number) {
    this.#limit = pLimit(concurrency);
    this.#lead = new Lead(concurrency, most);
  }

  get waiting(): number {
    return this.#held.length + this.#preparing + this.#ready.length;
  }

  take<Result>(task: () => Promise<Result>, prepare?: Prepare): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#held.push({ prepare, task: () => task().then(resolve, reject), fail: reject });
      this.#prepare();
    });
  }

  #prepare(): void {
    while (this.#preparing + this.#ready.length < this.#lead.rows) {
      const next = this.#held.shift();
      if (next === undefined) return;
      if (next.prepare === undefined) {
        this.#addReady(next);
        continue;
      }
      this.#preparing += 1;
      next.prepare().then(
        () => {
          this.#preparing -= 1;
          this.#addReady(next);
        },
        (error: unknown) => {
          this.#preparing -= 1;
          next.fail(error);
          this.#prepare();
        },
      );
    }
  }

  #addReady(waiting: Waiting): void {
    this.#ready.push(waiting);
    if (this.#limit.pendingCount === 0) void this.#limit(() => this.#work());
  }

  async #work(): Promise<void> {
    for (let next = this.#ready.shift(); next !== undefined; next = this.#ready.shift()) {
      this.#lead.noteTaken(this.#ready.length);
      this.#prepare();
      await next.task();
    }
    if (this.#held.length > 0) this.#lead.noteIdle();
    this.#prepare();
  }
}
