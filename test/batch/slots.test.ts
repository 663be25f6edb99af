import { describe, expect, test } from 'vitest';
import { Slots, visit } from '../../src/batch/slots.js';
import { defer } from '../support/defer.js';
import { idle, TestClock } from '../support/test-clock.js';

const PREPARING_MS = 10;

/** Tasks that are made ready in 10 ms and take some time in their slots; how many are ready and have none is noted. */
function busySlots(concurrency: number, limit = 128) {
  const clock = new TestClock({ isAuto: true });
  const slots = new Slots(concurrency, limit);
  const later = (delayMs: number): Promise<void> => new Promise((resolve) => clock.after(delayMs, resolve));
  const busy = { ahead: 0, mostAhead: 0 };
  const take = (taskMs: number): Promise<void> =>
    visit(
      (visitor) => slots.admit(visitor),
      () => {
        busy.ahead -= 1;
        return later(taskMs);
      },
      () => {
        busy.ahead += 1;
        busy.mostAhead = Math.max(busy.mostAhead, busy.ahead);
        return later(PREPARING_MS);
      },
    );
  return { busy, clock, take };
}

describe('tasks are made ready', () => {
  test('ahead of their slots, as many as there are slots at first, and taken in their order', async () => {
    const slots = new Slots(2, 128);
    const seen: string[] = [];
    const ends = [defer(), defer(), defer(), defer(), defer(), defer()];
    const all = ends.map(({ promise }, at) =>
      visit(
        (visitor) => slots.admit(visitor),
        () => {
          seen.push(`${at} works`);
          return promise;
        },
        () => Promise.resolve(void seen.push(`${at} prepares`)),
      ),
    );
    await idle();
    // The first two have left room for the next two.
    expect(seen.filter((what) => what.endsWith('prepares'))).toEqual([0, 1, 2, 3].map((at) => `${at} prepares`));
    expect(seen.filter((what) => what.endsWith('works'))).toEqual(['0 works', '1 works']);
    expect(slots.waiting).toBe(4);
    for (const end of ends) end.resolve();
    await Promise.all(all);
    expect(seen.filter((what) => what.endsWith('works'))).toEqual(ends.map((_, at) => `${at} works`));
    expect(slots.waiting).toBe(0);
  });

  test('some together, so that one sync of the disk serves them', async () => {
    const slots = new Slots(8, 128);
    const ends = Array.from({ length: 40 }, defer);
    let prepared = 0;
    const all = ends.map(({ promise }) =>
      visit(
        (visitor) => slots.admit(visitor),
        () => promise,
        () => Promise.resolve(void (prepared += 1)),
      ),
    );
    await idle();
    const counts = [prepared];
    for (const end of ends.slice(0, 4)) {
      end.resolve();
      await idle();
      counts.push(prepared);
    }
    expect(counts).toEqual([15, 17, 17, 19, 19]);
    for (const end of ends) end.resolve();
    await Promise.all(all);
    expect(prepared).toBe(40);
  });

  test('in fewer and fewer when the server is slow, and the slots are busy all the same', async () => {
    const { busy, clock, take } = busySlots(16);
    const takeAll = (count: number) =>
      Promise.all(Array.from({ length: count }, (_, at) => take(500 + ((at * 397) % 1000))));
    await takeAll(2000);
    busy.mostAhead = 0;
    const before = clock.elapsedMs;
    await takeAll(800);
    expect(busy.mostAhead).toBeLessThanOrEqual(4);
    // 50 rounds of 1 s, and 1 s until the last of them has ended.
    expect(clock.elapsedMs - before).toBeLessThan(1.03 * 51_000);
  });

  test('in more when it is fast, up to the limit', async () => {
    const { busy, take } = busySlots(4, 50);
    await Promise.all(Array.from({ length: 2000 }, () => take(1)));
    // 4 slots of 1 ms use up 40 rows while one is made ready.
    expect(busy.mostAhead).toBeGreaterThanOrEqual(40);
    expect(busy.mostAhead).toBeLessThanOrEqual(50);
  });

  test('one that can not be made ready fails alone, and costs no slot', async () => {
    const slots = new Slots(1, 128);
    const done: string[] = [];
    const all = ['a', 'b', 'c', 'd'].map((name) =>
      visit(
        (visitor) => slots.admit(visitor),
        () => Promise.resolve(done.push(name)),
        () => (name === 'b' ? Promise.reject(new Error('full')) : Promise.resolve()),
      ),
    );
    const ends = await Promise.allSettled(all);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(done).toEqual(['a', 'c', 'd']);
  });
});
