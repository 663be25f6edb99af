import { setImmediate } from 'node:timers/promises';
import { Change } from '../core/change.js';
import { Slots, visit } from './slots.js';
import type { Prepare, Visitor } from './slots.js';

/**
 * Rows that may be started beyond the first unfinished one. Results come out in the input's order, so one row that waits
 * for its retries holds back what is done behind it: 10,000 rows are some ten seconds of a fast server, longer than most
 * waits, and with their cells some 20 MB.
 */
export const REORDER_WINDOW = 10_000;

/**
 * Items that may be on their way to a slot, or so many for each slot where that is more: no slot stays empty then. More are
 * slower again, since each is in memory for longer.
 */
export const AHEAD = 128;
const AHEAD_EACH = 3;

/** The way of one item to the slots. */
export interface Slot {
  admit(visitor: Visitor): void;
  /** Runs a task in one of the slots; while a row waits for its next attempt, it holds none. */
  run<Result>(task: () => Promise<Result>, prepare?: Prepare): Promise<Result>;
  /** Resolves when no other item will come before one that has had no slot yet gets on: all are read, or wait for such. */
  readonly untilStuck: () => Promise<void>;
}

export interface Concurrency {
  readonly concurrency: number;
  /** Told once each time the window fills up: the first unfinished row now holds up the rest. */
  readonly onWindowFull?: () => void;
}

type Work<Item, Result> = (item: Item, slot: Slot) => Result | Promise<Result>;

/**
 * Works on a stream, `concurrency` slots at a time, and yields the results in the stream's order, as many at once as are
 * ready. The stream is read only {@link AHEAD} items ahead of the slots and {@link REORDER_WINDOW} items ahead of the
 * first unfinished one. When the stream breaks, what was started is yielded before its error is thrown; when `work`
 * throws, or the consumer leaves, nothing new starts and what was started ends first.
 */
export async function* eachConcurrently<Item, Result extends object | number | string>(
  source: AsyncIterable<Item>,
  options: Concurrency,
  work: Work<Item, Result>,
): AsyncGenerator<readonly Result[], undefined> {
  const queue = new Queue(options, work);
  const pumping = queue.pump(source);
  // Its error is met when all that was started is yielded.
  pumping.catch(() => undefined);
  try {
    for (let ready = await queue.take(); ready.length > 0; ready = await queue.take()) yield ready;
    await pumping;
    return undefined;
  } finally {
    queue.close();
    await Promise.allSettled([pumping, queue.idle()]);
  }
}

const PENDING = Symbol('pending');

class Queue<Item, Result extends object | number | string> {
  /** What has ended, in any order, by its number modulo the window: no two in it have the same. */
  readonly #results: (Result | typeof PENDING)[] = Array.from({ length: REORDER_WINDOW }, () => PENDING);
  readonly #errors = new Map<number, unknown>();
  readonly #slots: Slots;
  readonly #ahead: number;
  readonly #onWindowFull: (() => void) | undefined;
  readonly #work: Work<Item, Result>;
  /** There is something to take, or nothing any more. */
  readonly #news = new Change();
  readonly #room = new Change();
  readonly #stuck = new Change();
  #next = 0;
  #count = 0;
  #running = 0;
  /** Items that are not done and have had no slot yet: they wait for one, or for what they do before. */
  #unserved = 0;
  #isWindowFull = false;
  #isClosed = false;
  #isSourceEnded = false;
  /** What is read waits for room. */
  #isWaiting = false;

  constructor({ concurrency, onWindowFull }: Concurrency, work: Work<Item, Result>) {
    this.#ahead = Math.max(AHEAD, AHEAD_EACH * concurrency);
    this.#slots = new Slots(concurrency, this.#ahead);
    this.#onWindowFull = onWindowFull;
    this.#work = work;
  }

  async pump(source: AsyncIterable<Item>): Promise<void> {
    try {
      for await (const item of source) {
        if (this.#isClosed) return;
        this.#start(item);
        if (this.#isAhead(this.#ahead)) await this.#waitForRoom();
      }
    } finally {
      this.#isSourceEnded = true;
      this.#news.tell();
      this.#stuck.tell();
    }
  }

  /** The results that are ready, in the source's order, once there are any; none when all are taken. */
  async take(): Promise<readonly Result[]> {
    for (;;) {
      const ready = this.#takeReady();
      if (ready.length > 0) return ready;
      if (this.#errors.has(this.#next)) throw this.#errors.get(this.#next);
      if (this.#isSourceEnded && this.#next === this.#count) return ready;
      await this.#news.next();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#room.tell();
  }

  async idle(): Promise<void> {
    while (this.#running > 0) await this.#news.next();
  }

  #start(item: Item): void {
    const number = this.#count;
    const place = new Place(this.#slots, this.#noteServed, this.#untilStuck);
    this.#unserved += 1;
    const worked = this.#work(item, place);
    this.#running += 1;
    this.#count += 1;
    const end = (result: Result): void => {
      place.serve();
      this.#end(number, result);
    };
    if (worked instanceof Promise) {
      worked.then(end, (error: unknown) => {
        place.serve();
        this.#fail(number, error);
      });
    } else end(worked);
    this.#watchWindow();
  }

  readonly #noteServed = (isFirst: boolean): void => {
    if (isFirst) this.#unserved -= 1;
    // Also when the row had a slot before: fewer wait for one now.
    this.#tellRoom();
  };

  #end(number: number, result: Result): void {
    this.#results[number % REORDER_WINDOW] = result;
    this.#running -= 1;
    if (number === this.#next || this.#running === 0) this.#news.tell();
    if (this.#isStuck) this.#stuck.tell();
  }

  /** It is thrown when its turn comes, but from now on nothing new starts. */
  #fail(number: number, error: unknown): void {
    this.#errors.set(number, error);
    this.#running -= 1;
    this.close();
    this.#news.tell();
  }

  #takeReady(): readonly Result[] {
    const ready: Result[] = [];
    for (;;) {
      const at = this.#next % REORDER_WINDOW;
      const result = this.#results[at] ?? PENDING;
      if (result === PENDING) break;
      ready.push(result);
      this.#results[at] = PENDING;
      this.#next += 1;
    }
    this.#tellRoom();
    return ready;
  }

  readonly #untilStuck = async (): Promise<void> => {
    while (!this.#isStuck) await this.#stuck.next();
  };

  get #isStuck(): boolean {
    if (this.#isSourceEnded) return true;
    return this.#isWaiting && this.#running === this.#unserved && this.#slots.waiting === 0;
  }

  #isAhead(most: number): boolean {
    return this.#unserved >= most || this.#slots.waiting >= most || this.#inWindow >= REORDER_WINDOW;
  }

  get #inWindow(): number {
    return this.#count - this.#next;
  }

  /** Half of what is ahead is used up before more is read: so items come in groups, which are cheaper than one by one. */
  #hasRoom(): boolean {
    return this.#isClosed || !this.#isAhead(this.#ahead / 2);
  }

  #tellRoom(): void {
    if (this.#hasRoom()) this.#room.tell();
  }

  async #waitForRoom(): Promise<void> {
    this.#isWaiting = true;
    if (this.#isStuck) this.#stuck.tell();
    while (!this.#hasRoom()) await this.#room.next();
    this.#isWaiting = false;
    // To read on takes longer than to send: whatever gets a slot in this turn of the event loop leaves at its end, and first.
    await setImmediate();
    await setImmediate();
  }

  /** Once what held it up is done, the window empties and is filled again at the same time: that is no news. */
  #watchWindow(): void {
    if (this.#inWindow >= REORDER_WINDOW && !this.#isWindowFull) {
      this.#isWindowFull = true;
      this.#onWindowFull?.();
    } else if (this.#inWindow <= REORDER_WINDOW / 2) {
      this.#isWindowFull = false;
    }
  }
}

/** Knows whether its item has had a slot yet, or needs none any more. */
class Place implements Slot, Visitor {
  readonly #slots: Slots;
  readonly #onServed: (isFirst: boolean) => void;
  readonly untilStuck: () => Promise<void>;
  #isServed = false;
  #visitor: Visitor | undefined;

  constructor(slots: Slots, onServed: (isFirst: boolean) => void, untilStuck: () => Promise<void>) {
    this.#slots = slots;
    this.#onServed = onServed;
    this.untilStuck = untilStuck;
  }

  serve(): void {
    const isFirst = !this.#isServed;
    this.#isServed = true;
    this.#onServed(isFirst);
  }

  /** One at a time: an item has one task. */
  admit(visitor: Visitor): void {
    this.#visitor = visitor;
    this.#slots.admit(this);
  }

  prepare(): Promise<void> | undefined {
    return this.#visitor?.prepare();
  }

  enter(leave: () => void): void {
    this.serve();
    this.#visitor?.enter(leave);
  }

  fail(error: unknown): void {
    this.#visitor?.fail(error);
  }

  run<Result>(task: () => Promise<Result>, prepare?: Prepare): Promise<Result> {
    return visit((visitor) => this.admit(visitor), task, prepare);
  }
}
