import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffMs, MAX_RETRY_AFTER_MS } from '../../src/core/backoff.js';

const ALMOST_1 = 1 - Number.EPSILON;

describe('the pause between two tries', () => {
  test.each([
    [1, 500],
    [2, 1000],
    [3, 2000],
    [4, 4000],
    [5, 8000],
    [6, 16_000],
    [7, 30_000],
    [8, 30_000],
    [2000, 30_000],
  ])('after %d failures is anything up to %d ms', (failures, ceiling) => {
    expect(backoffMs(failures, 0)).toBe(0);
    expect(backoffMs(failures, 0.5)).toBe(ceiling / 2);
    expect(backoffMs(failures, ALMOST_1)).toBe(ceiling);
  });

  test('is never shorter than the server asks, with the jitter on top', () => {
    expect(backoffMs(1, 0, 10_000)).toBe(10_000);
    expect(backoffMs(1, 0.5, 10_000)).toBe(10_250);
  });

  test('is cut where the server asks for more than five minutes', () => {
    expect(MAX_RETRY_AFTER_MS).toBe(300_000);
    expect(backoffMs(1, 0, 3_600_000)).toBe(300_000);
    expect(backoffMs(1, 0.5, Infinity)).toBe(300_250);
  });

  test('is a whole number of ms, neither negative nor over five and a half minutes', () => {
    const asked = fc.option(fc.double({ min: 0, noNaN: true }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: ALMOST_1, noNaN: true }),
        asked,
        (failures, random, retryAfterMs) => {
          const pauseMs = backoffMs(failures, random, retryAfterMs);
          expect(Number.isInteger(pauseMs)).toBe(true);
          expect(pauseMs).toBeGreaterThanOrEqual(Math.floor(Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS)));
          expect(pauseMs).toBeLessThanOrEqual(330_000);
        },
      ),
    );
  });
});
