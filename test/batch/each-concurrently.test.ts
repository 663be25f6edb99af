import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sleep } from '../../src/core/clock.js';
import { AHEAD, eachConcurrently, REORDER_WINDOW } from '../../src/batch/each-concurrently.js';
import type { Slot } from '../../src/batch/each-concurrently.js';
import { defer } from '../support/defer.js';
import { idle, TestClock } from '../support/test-clock.js';

const never = new AbortController().signal;
setMaxListeners(0, never);

/** The numbers from 0, and how many of them were asked for. */
function numbers(count: number, breaksAt = Infinity) {
  const source = {
    read: 0,
    isReturned: false,
    async *[Symbol.asyncIterator]() {
      try {
        for (let number = 0; number < count; number += 1) {
          if (number === breaksAt) throw new Error('the source broke');
          source.read += 1;
          yield await Promise.resolve(number);
        }
      } finally {
        source.isReturned = true;
      }
    },
  };
  return source;
}

/** Work that ends when the test says so. */
function heldWork() {
  const ends = new Map<number, { end: () => void; fail: (error: Error) => void }>();
  const held = {
    started: [] as number[],
    inSlots: 0,
    most: 0,
    work: (number: number, slot: Slot) => {
      held.started.push(number);
      return slot.run(() => held.task(number));
    },
    task: async (number: number) => {
      held.inSlots += 1;
      held.most = Math.max(held.most, held.inSlots);
      try {
        return await new Promise<number>((resolve, reject) => {
          ends.set(number, { end: () => resolve(number), fail: reject });
        });
      } finally {
        held.inSlots -= 1;
      }
    },
    end: (number: number) => ends.get(number)!.end(),
    fail: (number: number) => ends.get(number)!.fail(new Error(`work ${number} broke`)),
  };
  return held;
}

/** Collects what comes out, and how it ended. */
function collect<Result>(results: AsyncIterable<readonly Result[]>) {
  const collected = { got: [] as Result[], error: undefined as unknown, isDone: false };
  const all = (async () => {
    try {
      for await (const ready of results) collected.got.push(...ready);
    } catch (error) {
      collected.error = error;
    } finally {
      collected.isDone = true;
    }
  })();
  return Object.assign(collected, { all });
}

describe('slots', () => {
  test('never more tasks at once than slots, and all slots are used', async () => {
    const held = heldWork();
    const out = collect(eachConcurrently(numbers(10), { concurrency: 3 }, held.work));
    for (let number = 0; number < 10; number += 1) {
      await idle();
      expect(held.inSlots).toBe(Math.min(3, 10 - number));
      held.end(number);
    }
    await out.all;
    expect(held.most).toBe(3);
    expect(out.got).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('a row that waits outside its slot frees it for others', async () => {
    const clock = new TestClock();
    const seen: string[] = [];
    const work = async (number: number, slot: Slot) => {
      await slot.run(() => Promise.resolve(seen.push(`${number} tries`)));
      if (number === 0) await sleep(clock, 1000, never);
      return slot.run(() => Promise.resolve(seen.push(`${number} ends`)));
    };
    const out = collect(eachConcurrently(numbers(3), { concurrency: 1 }, work));
    await idle();
    expect(seen).toEqual(['0 tries', '1 tries', '2 tries', '1 ends', '2 ends']);
    await clock.advance(1000);
    await out.all;
    expect(seen.at(-1)).toBe('0 ends');
  });
});

describe('order', () => {
  test('results come out in the order of the source, whatever ends first', async () => {
    const held = heldWork();
    const out = collect(eachConcurrently(numbers(4), { concurrency: 4 }, held.work));
    await idle();
    for (const number of [3, 2, 1]) held.end(number);
    await idle();
    expect(out.got).toEqual([]);
    held.end(0);
    await out.all;
    expect(out.got).toEqual([0, 1, 2, 3]);
  });

  test('results that are there at once need no slot', async () => {
    const out = collect(eachConcurrently(numbers(3), { concurrency: 1 }, (number) => Promise.resolve(number * 2)));
    await out.all;
    expect(out.got).toEqual([0, 2, 4]);
  });

  test('an empty source ends at once', async () => {
    const out = collect(eachConcurrently(numbers(0), { concurrency: 1 }, (number) => Promise.resolve(number)));
    await out.all;
    expect(out).toMatchObject({ got: [], error: undefined });
  });

  test('order is kept and each item comes out once, however long each one takes', async () => {
    const anyRow = fc.record({
      before: fc.nat(3),
      tries: fc.array(fc.nat(50), { maxLength: 3 }),
      isAtOnce: fc.boolean(),
    });
    const property = fc.asyncProperty(
      fc.array(anyRow, { maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      async (rows, concurrency) => {
        const clock = new TestClock({ isAuto: true });
        let inSlots = 0;
        const work = async (number: number, slot: Slot): Promise<number> => {
          const { before, tries, isAtOnce } = rows[number]!;
          if (isAtOnce) return number;
          await sleep(clock, before, never);
          for (const delayMs of tries) {
            await slot.run(async () => {
              inSlots += 1;
              expect(inSlots).toBeLessThanOrEqual(concurrency);
              await sleep(clock, delayMs, never);
              inSlots -= 1;
            });
            await sleep(clock, 60 - delayMs, never);
          }
          return number;
        };
        const out = collect(eachConcurrently(numbers(rows.length), { concurrency }, work));
        await out.all;
        expect(out.error).toBeUndefined();
        expect(out.got).toEqual(rows.map((_, number) => number));
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });
});

describe('reading', () => {
  test('the source is read only a little ahead of the slots', async () => {
    const source = numbers(10_000);
    const held = heldWork();
    const out = collect(eachConcurrently(source, { concurrency: 4 }, held.work));
    await idle();
    expect(source.read).toBeGreaterThanOrEqual(AHEAD);
    expect(source.read).toBeLessThanOrEqual(AHEAD + 4 + 1);
    const readBefore = source.read;
    held.end(0);
    await idle();
    expect(source.read).toBe(readBefore);
    const more = (AHEAD * 3) / 4;
    for (let number = 1; number <= more; number += 1) {
      held.end(number);
      await idle();
      expect(held.inSlots).toBe(4);
    }
    expect(source.read).toBeGreaterThan(readBefore);
    expect(source.read).toBeLessThanOrEqual(1 + more + AHEAD + 4 + 1);
    expect(out.isDone).toBe(false);
  });

  test('of what is read ahead, no more is made ready than the slots take at first', async () => {
    const source = numbers(10_000);
    let prepared = 0;
    const work = (_: number, slot: Slot) => {
      const prepare = () => Promise.resolve(void (prepared += 1));
      return slot.run(() => new Promise<never>(() => undefined), prepare);
    };
    void collect(eachConcurrently(source, { concurrency: 4 }, work));
    await idle();
    expect(source.read).toBeGreaterThanOrEqual(AHEAD);
    expect(prepared).toBe(4 + 4);
  });

  test('before more is read, what has got a slot leaves, which it does when its turn of the event loop ends', async () => {
    const held = heldWork();
    let left = 0;
    const work = (number: number, slot: Slot) =>
      slot.run(async () => {
        setImmediate(() => (left += 1));
        held.started.push(number);
        return held.task(number);
      });
    const unsentWhenRead: number[] = [];
    async function* source() {
      for (let number = 0; number < 1000; number += 1) {
        unsentWhenRead.push(held.started.length - left);
        yield await Promise.resolve(number);
      }
    }
    void collect(eachConcurrently(source(), { concurrency: AHEAD }, work));
    await idle();
    const readBefore = unsentWhenRead.length;
    for (let number = 0; number < 3 * AHEAD; number += 1) {
      held.end(number);
      if (number % AHEAD < AHEAD - 1) continue;
      await idle();
      await idle();
    }
    expect(held.started).toHaveLength(4 * AHEAD);
    expect(unsentWhenRead.length).toBeGreaterThan(readBefore);
    expect(Math.max(...unsentWhenRead.slice(readBefore))).toBe(0);
  });

  test('rows that wait for something else before their first slot count as ahead', async () => {
    const source = numbers(10_000);
    const disk = defer();
    const work = async (number: number, slot: Slot) => {
      await disk.promise;
      return slot.run(() => Promise.resolve(number));
    };
    const out = collect(eachConcurrently(source, { concurrency: 4 }, work));
    await idle();
    expect(source.read).toBeLessThanOrEqual(AHEAD + 1);
    disk.resolve();
    await out.all;
    expect(out.got).toHaveLength(10_000);
  });

  test('many slots are kept busy, also by rows that wait for the disk first', async () => {
    const held = heldWork();
    const disk = defer();
    const work = async (number: number, slot: Slot) => {
      await disk.promise;
      return held.work(number, slot);
    };
    const source = numbers(1000);
    void collect(eachConcurrently(source, { concurrency: 200 }, work));
    await idle();
    expect(source.read).toBe(600);
    disk.resolve();
    await idle();
    expect(held.inSlots).toBe(200);
  });

  test('rows that wait for a slot again count as ahead', async () => {
    const clock = new TestClock();
    const more = defer();
    let read = 0;
    async function* source() {
      for (; read < 10_000; read += 1) {
        if (read === 500) await more.promise;
        yield read;
      }
    }
    const held = heldWork();
    const work = async (number: number, slot: Slot) => {
      await slot.run(() => Promise.resolve());
      await sleep(clock, 1000, never);
      return held.work(number, slot);
    };
    void collect(eachConcurrently(source(), { concurrency: 4 }, work));
    await idle();
    expect(read).toBe(500);
    await clock.advance(1000);
    more.resolve();
    await idle();
    expect(held.inSlots).toBe(4);
    expect(read).toBe(500);
  });
});

describe('the window', () => {
  /** The first item is slow, and so is every other one that the test names. */
  function slowWork(slow: readonly number[]) {
    const gates = new Map(slow.map((number) => [number, defer<number>()]));
    return {
      work: (number: number, slot: Slot) =>
        slot.run(async () => Promise.resolve()).then(() => gates.get(number)?.promise ?? number),
      end: (number: number) => gates.get(number)!.resolve(number),
    };
  }

  test('a slow first row holds nobody up until the window is full, and then it is told once', async () => {
    const source = numbers(3 * REORDER_WINDOW);
    const slow = slowWork([0]);
    let told = 0;
    const options = { concurrency: 8, onWindowFull: () => (told += 1) };
    const out = collect(eachConcurrently(source, options, slow.work));
    while (source.read < REORDER_WINDOW) await idle();
    await idle();
    expect(source.read).toBe(REORDER_WINDOW);
    expect(out.got).toEqual([]);
    expect(told).toBe(1);
    slow.end(0);
    await out.all;
    expect(out.got).toHaveLength(3 * REORDER_WINDOW);
    // Emptying and filling up at the same time is no news.
    expect(told).toBe(1);
  });

  test('it is told again when another row fills the window, once it has emptied', async () => {
    const second = 2 * REORDER_WINDOW;
    const source = numbers(second + 2 * REORDER_WINDOW);
    const slow = slowWork([0, second]);
    let told = 0;
    const options = { concurrency: 64, onWindowFull: () => (told += 1) };
    // What takes longer than to bring out results: so the window empties.
    const work = async (number: number, slot: Slot) => {
      await slot.run(idle);
      return slow.work(number, slot);
    };
    const out = collect(eachConcurrently(source, options, work));
    while (source.read < REORDER_WINDOW) await idle();
    slow.end(0);
    while (source.read < second + REORDER_WINDOW) await idle();
    expect(told).toBe(2);
    slow.end(second);
    await out.all;
    expect(out.got).toHaveLength(second + 2 * REORDER_WINDOW);
  });

  test('a window that never fills is not told of', async () => {
    let told = 0;
    const options = { concurrency: 8, onWindowFull: () => (told += 1) };
    const out = collect(eachConcurrently(numbers(REORDER_WINDOW + 100), options, slowWork([]).work));
    await out.all;
    expect(told).toBe(0);
  });
});

describe('when something breaks', () => {
  test('a source that breaks: what was started comes out before its error', async () => {
    const held = heldWork();
    const out = collect(eachConcurrently(numbers(10, 3), { concurrency: 1 }, held.work));
    await idle();
    expect(out.isDone).toBe(false);
    for (const number of [0, 1, 2]) {
      held.end(number);
      await idle();
    }
    await out.all;
    expect(out.got).toEqual([0, 1, 2]);
    expect(out.error).toEqual(new Error('the source broke'));
  });

  test('work that throws: nothing new starts, and all others end before its error', async () => {
    const source = numbers(1000);
    const held = heldWork();
    const out = collect(eachConcurrently(source, { concurrency: 3 }, held.work));
    await idle();
    const started = held.started.length;
    held.fail(1);
    await idle();
    held.end(0);
    await idle();
    expect(out.got).toEqual([0]);
    expect(held.started).toHaveLength(started);
    expect(out.isDone).toBe(false);
    for (let number = 2; number < started; number += 1) {
      held.end(number);
      await idle();
    }
    await out.all;
    expect(held.inSlots).toBe(0);
    expect(held.started).toHaveLength(started);
    expect(source.isReturned).toBe(true);
    expect(out.error).toEqual(new Error('work 1 broke'));
  });

  test('work that throws at once: what was started before comes out, then its error', async () => {
    const source = numbers(1000);
    const held = heldWork();
    const work = (number: number, slot: Slot) => {
      if (number === 2) throw new Error('at once');
      return held.work(number, slot);
    };
    const out = collect(eachConcurrently(source, { concurrency: 3 }, work));
    await idle();
    held.end(1);
    held.end(0);
    await out.all;
    expect(out.got).toEqual([0, 1]);
    expect(out.error).toEqual(new Error('at once'));
    expect(source).toMatchObject({ read: 3, isReturned: true });
  });

  test('a consumer that leaves: nothing new starts, and what was started ends first', async () => {
    const source = numbers(1000);
    const held = heldWork();
    const results = eachConcurrently(source, { concurrency: 3 }, held.work);
    const first = results.next();
    await idle();
    held.end(0);
    expect(await first).toEqual({ value: [0], done: false });
    await idle();
    const started = held.started.length;
    let hasLeft = false;
    const leaving = results.return(undefined).then(() => (hasLeft = true));
    for (let number = 1; number < started; number += 1) {
      await idle();
      expect(hasLeft).toBe(false);
      held.end(number);
    }
    await leaving;
    expect(held.started).toHaveLength(started);
    expect(held.inSlots).toBe(0);
    expect(source.isReturned).toBe(true);
  });

  test('errors of work that nobody comes to are no unhandled rejections', async () => {
    const held = heldWork();
    const out = collect(eachConcurrently(numbers(3), { concurrency: 3 }, held.work));
    await idle();
    for (const number of [2, 1, 0]) held.fail(number);
    await out.all;
    await idle();
    expect(out.error).toEqual(new Error('work 0 broke'));
  });
});

describe('an item that lets others go first', () => {
  /** Those of them that wait, and those that passed the slots; the first of all waits until nothing else comes. */
  async function letPass(count: number, isPolite: (number: number) => boolean) {
    const order: number[] = [];
    let first: Promise<void> | undefined;
    const work = async (number: number, slot: Slot): Promise<string> => {
      // One of them is enough for all.
      if (isPolite(number)) await (first ??= slot.untilStuck());
      await slot.run(() => Promise.resolve());
      order.push(number);
      return String(number);
    };
    const ended: string[] = [];
    for await (const some of eachConcurrently(numbers(count), { concurrency: 2 }, work)) ended.push(...some);
    expect(ended).toEqual(Array.from({ length: count }, (_, number) => String(number)));
    return order;
  }

  test('goes on when all are read', async () => {
    expect((await letPass(4, (number) => number === 0)).at(-1)).toBe(0);
    expect(await letPass(1, () => true)).toEqual([0]);
  });

  test('goes on when so many of them wait that nothing else is read', async () => {
    expect((await letPass(2 * AHEAD, (number) => number < AHEAD)).at(0)).toBe(0);
  });

  test('goes on when it holds up the window', async () => {
    const order = await letPass(REORDER_WINDOW + 5, (number) => number === 0);
    expect(order.indexOf(0)).toBe(REORDER_WINDOW - 1);
  });
});
