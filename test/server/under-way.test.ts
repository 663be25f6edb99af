import { beforeEach, expect, test } from 'vitest';
import { UnderWay } from '../../src/server/under-way.js';
import { TestClock } from '../support/test-clock.js';

const TIMEOUT_MS = 30_000;

let clock: TestClock;
let stop: AbortController;
let cut: string[];
let group: UnderWay<{ readonly name: string; readonly beganAt: number }>;

beforeEach(() => {
  clock = new TestClock();
  stop = new AbortController();
  cut = [];
  group = new UnderWay({
    clock,
    timeoutMs: TIMEOUT_MS,
    signal: stop.signal,
    cut: (item, by) => {
      cut.push(`${item.name} by ${by} at ${clock.elapsedMs}`);
      group.delete(item);
    },
  });
});

function begin(name: string) {
  const item = { name, beganAt: clock.monotonic() };
  group.add(item);
  return item;
}

test('each is cut off when its own time is up, and not one that has ended', async () => {
  begin('first');
  await clock.advance(10_000);
  const second = begin('second');
  begin('third');
  expect(clock.pending).toBe(1);
  await clock.advance(15_000);
  group.delete(second);
  begin('fourth');
  await clock.advance(100_000);
  expect(cut).toEqual(['first by deadline at 30000', 'third by deadline at 40000', 'fourth by deadline at 55000']);
});

test('one that begins when the first has ended waits no shorter for it', async () => {
  const first = begin('first');
  begin('second');
  group.delete(first);
  await clock.advance(29_999);
  expect(cut).toEqual([]);
  await clock.advance(1);
  expect(cut).toEqual(['second by deadline at 30000']);
});

test('all are cut off by the signal, in their order', () => {
  begin('first');
  begin('second');
  stop.abort();
  expect(cut).toEqual(['first by signal at 0', 'second by signal at 0']);
});

test('nothing is left waiting when nothing is under way', () => {
  const items = [begin('first'), begin('second')];
  for (const item of items) group.delete(item);
  expect([group.isEmpty, clock.pending]).toEqual([true, 0]);
  stop.abort();
  expect(cut).toEqual([]);
  begin('third');
  expect(clock.pending).toBe(1);
});
