import { expect, test } from 'vitest';
import { systemClock } from '../../src/core/system-clock.js';

test('the time of day is the machine’s, in epoch milliseconds', () => {
  const before = Date.now();
  expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  expect(systemClock.now()).toBeLessThanOrEqual(Date.now());
});

test('the monotonic time never goes back', () => {
  const times = Array.from({ length: 1000 }, () => systemClock.monotonic());
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test('after calls back once, not before its delay', async () => {
  const start = systemClock.monotonic();
  const delays = await new Promise<number[]>((resolve) => {
    const called: number[] = [];
    systemClock.after(20, () => {
      called.push(systemClock.monotonic() - start);
      setTimeout(() => resolve(called), 30);
    });
  });
  expect(delays).toHaveLength(1);
  // Node counts its timers in whole milliseconds.
  expect(delays[0]).toBeGreaterThanOrEqual(19);
});

test('what was called off is never called', async () => {
  const called: string[] = [];
  const cancel = systemClock.after(5, () => called.push('first'));
  cancel();
  await new Promise<void>((resolve) => systemClock.after(10, resolve));
  expect(called).toEqual([]);
  cancel();
});

test('random numbers lie in [0, 1) and differ', () => {
  const numbers = Array.from({ length: 100 }, () => systemClock.random());
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  expect(new Set(numbers).size).toBeGreaterThan(90);
});
