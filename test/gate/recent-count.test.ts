import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecentCount } from '../../src/gate/recent-count.js';

function countOf(times: readonly number[]): RecentCount {
  const count = new RecentCount();
  for (const time of times) count.add(time);
  return count;
}

describe('how often something happened', () => {
  test('is nothing before the first time', () => {
    expect(new RecentCount().perSecond(5_000)).toBe(0);
  });

  test.each([0.5, 1, 3, 50, 1000])('%d a second is seen as such, after a while', (perSecond) => {
    const times = Array.from({ length: 20 * perSecond }, (_, index) => (index * 1000) / perSecond);
    expect(countOf(times).perSecond(19_950)).toBeGreaterThanOrEqual(perSecond * 0.9);
    expect(countOf(times).perSecond(19_950)).toBeLessThanOrEqual(perSecond * 1.1);
  });

  test('a burst at the start is told over the time that has been, a tenth of a second at least', () => {
    const burst = countOf(Array<number>(50).fill(0));
    expect(burst.perSecond(0)).toBe(500);
    expect(burst.perSecond(500)).toBe(100);
    expect(burst.perSecond(1000)).toBeLessThanOrEqual(50);
  });

  test('a steady rate is told without a bias, at any moment', () => {
    const property = fc.property(
      fc.integer({ min: 30, max: 500 }),
      fc.integer({ min: 5_000, max: 9_000 }),
      (rate, now) => {
        const times = Array.from({ length: rate * 10 }, (_, index) => (index * 1000) / rate).filter((at) => at <= now);
        // One more or less in a second is all that it may be off.
        expect(Math.abs(countOf(times).perSecond(now) - rate)).toBeLessThanOrEqual(rate * 0.01 + 1.2);
      },
    );
    fc.assert(property);
  });

  test('what was ten seconds ago is forgotten', () => {
    expect(countOf(Array<number>(50).fill(0)).perSecond(10_000)).toBe(0);
    expect(countOf(Array<number>(50).fill(0)).perSecond(10_000_000)).toBe(0);
  });

  test('it is never more than all that happened, nor less than nothing', () => {
    const property = fc.property(fc.array(fc.nat(30_000), { maxLength: 200 }), (times) => {
      const sorted = [...times].sort((left, right) => left - right);
      const last = sorted.at(-1) ?? 0;
      const perSecond = countOf(sorted).perSecond(last);
      expect(perSecond).toBeGreaterThanOrEqual(0);
      expect(perSecond).toBeLessThanOrEqual(times.length * 10);
    });
    fc.assert(property);
  });
});
