import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { sleep, toSeconds } from '../../src/core/clock.js';
import { HandClock } from '../support/builders.js';

function aSleeper() {
  const clock = new HandClock();
  const stop = new AbortController();
  const woken = vi.fn();
  const slept = (delayMs: number) => sleep(clock, delayMs, stop.signal).then(woken);
  return { clock, stop, woken, slept };
}

/** Lets promises that are resolved go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a sleeper', () => {
  test('wakes when its time has come, and not before', async () => {
    const { clock, woken, slept } = aSleeper();
    const sleeping = slept(1000);
    clock.move(999);
    await settle();
    expect(woken).not.toHaveBeenCalled();
    clock.move(1);
    await sleeping;
    expect(woken).toHaveBeenCalledOnce();
  });

  test('wakes at once when the run stops, and calls its alarm off', async () => {
    const { clock, stop, slept } = aSleeper();
    const sleeping = slept(1000);
    expect(clock.waiting).toBe(1);
    stop.abort();
    await sleeping;
    expect(clock.waiting).toBe(0);
  });

  test('does not lie down when the run has stopped already', async () => {
    const { clock, stop, slept } = aSleeper();
    stop.abort();
    const sleeping = slept(1000);
    expect(clock.waiting).toBe(0);
    await sleeping;
  });

  test('listens no longer once it is awake: a run of a million pauses leaks none', async () => {
    const { clock, stop, slept } = aSleeper();
    const sleeping = [slept(10), slept(20)];
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(2);
    clock.move(20);
    await Promise.all(sleeping);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    stop.abort();
    expect(clock.waiting).toBe(0);
  });

  test('wakes once, though its time and the stop come together', async () => {
    const { clock, stop, woken, slept } = aSleeper();
    const sleeping = slept(10);
    clock.move(10);
    stop.abort();
    await sleeping;
    expect(woken).toHaveBeenCalledOnce();
  });
});

test.each([
  [0, '0 s'],
  [1_499, '1 s'],
  [1_500, '2 s'],
  [600_000, '600 s'],
])('%i ms are %s to a person', (ms, text) => {
  expect(toSeconds(ms)).toBe(text);
});
