import { expect, test } from 'vitest';
import { ChangeLog } from '../../src/gate/change-log.js';

test('one line in ten seconds of each kind, and how many there would have been', () => {
  const log = new ChangeLog();
  expect(log.tell('window', '8 at a time', 0)).toBe('8 at a time');
  expect(log.tell('rate', '50 a second', 1)).toBe('50 a second');
  expect([1, 2, 9_999].map((now) => log.tell('window', '4 at a time', now))).toEqual(Array(3).fill(undefined));
  expect(log.tell('window', '2 at a time', 10_000)).toBe('2 at a time (and 3 such changes since the last line)');
  expect(log.tell('window', '1 at a time', 20_000)).toBe('1 at a time');
});
