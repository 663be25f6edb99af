import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseDowntime, scheduleDowntimes } from '../../src/simulator/downtime.js';

describe('a downtime in words', () => {
  test.each([
    ['10-70', { fromMs: 10_000, toMs: 70_000, kind: 'refused' }],
    ['0-0.5', { fromMs: 0, toMs: 500, kind: 'refused' }],
    ['10-70:503', { fromMs: 10_000, toMs: 70_000, kind: '503' }],
  ])('%s', (text, downtime) => {
    expect(parseDowntime(text)).toEqual(downtime);
  });

  test.each(['', '10', '70-10', '10-10', '10-70:500', '-1-5', 'a-b'])('%j is none', (text) => {
    expect(parseDowntime(text)).toContain('as in 10-70');
  });
});

describe('a schedule of downtimes', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('switches off and on; a page instead is none of its business', () => {
    const switched: string[] = [];
    const end = scheduleDowntimes(
      [
        { fromMs: 10, toMs: 20, kind: 'refused' },
        { fromMs: 12, toMs: 14, kind: '503' },
        { fromMs: 30, toMs: 40, kind: 'refused' },
      ],
      { off: () => switched.push(`off ${Date.now()}`), on: () => switched.push(`on ${Date.now()}`) },
    );
    vi.setSystemTime(0);
    vi.advanceTimersByTime(35);
    expect(switched).toEqual(['off 10', 'on 20', 'off 30']);
    end();
    vi.advanceTimersByTime(100);
    expect(switched).toHaveLength(3);
  });
});
