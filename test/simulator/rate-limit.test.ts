import { describe, expect, test } from 'vitest';
import { limitRate, parseRateLimit } from '../../src/simulator/rate-limit.js';

describe('a rate limit', () => {
  test('lets a second of requests through at once, then as many as come in at its rate', () => {
    const limit = limitRate({ perSecond: 10 });
    const through = (from: number, stepMs: number, count: number): number =>
      Array.from({ length: count }, (_, index) => limit(from + index * stepMs)).filter((met) => met === undefined)
        .length;
    expect(through(0, 0, 50)).toBe(10);
    expect(through(0, 10, 1000)).toBe(99);
    expect(through(60_000, 0, 50)).toBe(10);
  });

  test('of less than one a second lets one through at a time', () => {
    const limit = limitRate({ perSecond: 0.5 });
    expect([0, 0, 1999, 2001].map((now) => limit(now))).toEqual([undefined, '429', '429', undefined]);
  });

  test('tells its Retry-After', () => {
    const limit = limitRate({ perSecond: 1, retryAfterSeconds: 2 });
    expect([limit(0), limit(0)]).toEqual([undefined, '429:2']);
  });
});

describe('a rate limit in words', () => {
  test.each([
    ['50', { perSecond: 50 }],
    ['0.5', { perSecond: 0.5 }],
    ['50:2', { perSecond: 50, retryAfterSeconds: 2 }],
  ])('%s', (text, limit) => {
    expect(parseRateLimit(text)).toEqual(limit);
  });

  test.each(['', '0', '0.000', '-1', 'many', '50:', '50:x', '1e3'])('%j is none', (text) => {
    expect(parseRateLimit(text)).toContain('as in 50:2');
  });
});
