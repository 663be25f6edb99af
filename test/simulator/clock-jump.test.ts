import { describe, expect, test } from 'vitest';
import { parseClockJump } from '../../src/simulator/clock-jump.js';

describe('a jump of the clock in words', () => {
  test.each([
    ['600@100', { byMs: 600_000, afterSends: 100 }],
    ['-3600@0', { byMs: -3_600_000, afterSends: 0 }],
  ])('%s', (text, jump) => expect(parseClockJump(text)).toEqual(jump));

  test.each(['', '600', '@5', '1.5@5', '600@', '600@-1'])('%j is none', (text) => {
    expect(parseClockJump(text)).toContain('as in 600@100');
  });
});
