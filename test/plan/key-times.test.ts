import { expect, test } from 'vitest';
import { KeyTimes } from '../../src/plan/key-times.js';
import { NOON } from '../support/builders.js';

test("a user's last key counts, and no key is none", () => {
  const times = new KeyTimes();
  times.note('ann', NOON + 5);
  times.note('ben', NOON);
  times.note('ann', NOON);
  expect(times.hasSince('ann', NOON)).toBe(true);
  expect(times.hasSince('ann', NOON + 1)).toBe(false);
  expect(times.hasSince('ben', NOON - 1)).toBe(true);
  expect(times.hasSince('cy', 0)).toBe(false);
});

test('a key without a time that can be read is older than any send', () => {
  const times = new KeyTimes();
  times.note('ann', 0);
  expect(times.hasSince('ann', 1)).toBe(false);
});
