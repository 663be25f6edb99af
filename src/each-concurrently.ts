import pLimit from 'p-limit';
import { Change } from './change.js';

/**
 * Rows that may be started beyond the first unfinished one. Results come out in the input's order, so one row that waits
 * for its retries holds back what is done behind it: 10,000 rows are some ten seconds of a fast server, longer than most
 * waits, and with their cells some 20 MB.
 */
export const REORDER_WINDOW = 10_000;

/** Items that may be on their way to a slot, or twice the slots where that is more: so many that no slot stays empty. */
export const AHEAD = 64;

/** Runs a task in one of the slots; while a row waits for its next attempt, it holds none. */
export type Slot = <Result>(task: () => Promise<Result>) => Promise<Result>;

export interface Concurrency {
  readonly concurrency: number;
  /** Told once each time the window fills up: the first unfinished row now holds up the rest. */
  readonly onWindowFull?: () => void;
}

/**
 * Works on a stream, `concurrency` slots at a time, and yields the results in the stream's order. The stream is read only
 * {@link AHEAD} items ahead of the slots and {@link REORDER_WINDOW} items ahead of the first unfinished one. When the
 * stream breaks, what was started is yielded before its error is thrown; when `work` throws, or the consumer leaves,
 * nothing new starts and what was started ends first.
 */
export async function* eachConcurrently<Item, Result>(
  source: AsyncIterable<Item>,
  options: Concurrency,
  work: (item: Item, slot: Slot) => Result | Promise<Result>,
): AsyncGenerator<Result, undefined> {
  const queue = new Queue(options, work);
  const pumping = queue.pump(source);
  // Its error is met when all that was started is yielded.
  pumping.catch(() => undefined);
  try {
    while (await queue.hasNext()) yield await queue.next();
    await pumping;
    return undefined;
  } finally {
    queue.close();
    await Promise.allSettled([pumping, queue.ended()]);
  }
}

/** What was started and not yielded yet. */
class Queue<Item, Result> {
  readonly #started = new Map<number, Result | Promise<Result>>();
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #ahead: number;
  readonly #onWindowFull: (() => void) | undefined;
  readonly #work: (item: Item, slot: Slot) => Result | Promise<Result>;
  readonly #change = new Change();
  #next = 0;
  #count = 0;
  /** Items that are not done and have had no slot yet: they wait for one, or for what they do before. */
  #unserved = 0;
  #isWindowFull = false;
  #isClosed = false;
  #isSourceEnded = false;

  constructor({ concurrency, onWindowFull }: Concurrency, work: (item: Item, slot: Slot) => Result | Promise<Result>) {
    this.#limit = pLimit(concurrency);
    this.#ahead = Math.max(AHEAD, 2 * concurrency);
    this.#onWindowFull = onWindowFull;
    this.#work = work;
  }

  /** Starts what the source gives, as fast as slots and window allow. */
  async pump(source: AsyncIterable<Item>): Promise<void> {
    try {
      for await (const item of source) {
        if (this.#isClosed) return;
        this.#start(item);
        while (this.#isFarAhead()) await this.#change.next();
      }
    } finally {
      this.#isSourceEnded = true;
      this.#change.tell();
    }
  }

  /** False when the source has ended and all is yielded. */
  async hasNext(): Promise<boolean> {
    while (this.#next === this.#count && !this.#isSourceEnded) await this.#change.next();
    return this.#next < this.#count;
  }

  async next(): Promise<Result> {
    // Present: every number from `next` to `count` is in the map.
    const result = await (this.#started.get(this.#next) as Result | Promise<Result>);
    this.#started.delete(this.#next);
    this.#next += 1;
    this.#change.tell();
    return result;
  }

  /** Starts nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#change.tell();
  }

  ended(): Promise<unknown> {
    return Promise.allSettled(this.#started.values());
  }

  #start(item: Item): void {
    let isServed = false;
    const serve = (): void => {
      if (!isServed) this.#unserved -= 1;
      isServed = true;
      this.#change.tell();
    };
    const slot: Slot = (task) =>
      this.#limit(() => {
        serve();
        return task();
      });
    this.#unserved += 1;
    const result = this.#work(item, slot);
    this.#started.set(this.#count, result);
    this.#count += 1;
    // A rejection is thrown when its turn comes, but from now on nothing new starts.
    if (result instanceof Promise) result.then(serve, () => this.close()).finally(serve);
    else serve();
    this.#watchWindow();
  }

  #isFarAhead(): boolean {
    if (this.#isClosed) return false;
    const isQueueLong = this.#unserved >= this.#ahead || this.#limit.pendingCount >= this.#ahead;
    return isQueueLong || this.#started.size >= REORDER_WINDOW;
  }

  /** Once what held it up is done, the window empties and is filled again at the same time: that is no news. */
  #watchWindow(): void {
    if (this.#started.size >= REORDER_WINDOW && !this.#isWindowFull) {
      this.#isWindowFull = true;
      this.#onWindowFull?.();
    } else if (this.#started.size <= REORDER_WINDOW / 2) {
      this.#isWindowFull = false;
    }
  }
}
