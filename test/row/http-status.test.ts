import { describe, expect, test } from 'vitest';
import { describeStatus, isPassing, isRead, isThrottled } from '../../src/row/http-status.js';
import type { HttpStatus } from '../../src/row/http-status.js';
import { anUnanswered, anUnreadable, aReply, aStatus } from '../support/builders.js';

type Line = [
  status: number,
  row: HttpStatus['row'],
  first: HttpStatus['first'],
  server: HttpStatus['server'],
  session: HttpStatus['session'],
  look: HttpStatus['look'],
  login: HttpStatus['login'],
  listing: HttpStatus['listing'],
];

/** The whole table, once more and by hand. */
const TABLE: readonly Line[] = [
  [200, 'again', undefined, undefined, 'unclear', 'clear', 'elsewhere', 'unclear'],
  [401, 'session', undefined, undefined, 'over', 'clear', 'credentials', 'refused'],
  [403, 'session', undefined, undefined, 'over', 'clear', 'credentials', 'refused'],
  [404, 'pause', 'stop', undefined, 'missing', 'odd', 'elsewhere', 'not_offered'],
  [405, 'pause', 'stop', undefined, 'missing', 'clear', 'elsewhere', 'not_offered'],
  [408, 'again', 'stop_for_page', undefined, 'missing', 'clear', 'elsewhere', 'unclear'],
  [429, 'throttled', undefined, 'rate', 'unclear', 'clear', 'again', 'unclear'],
  [501, 'again', undefined, undefined, 'unclear', 'odd', 'again', 'not_offered'],
  [502, 'again', undefined, 'gateway', 'unclear', 'odd', 'again', 'unclear'],
  [503, 'pause', undefined, 'strained', 'unclear', 'odd', 'again', 'unclear'],
  [504, 'again', undefined, 'silent', 'unclear', 'odd', 'again', 'unclear'],
];

/** What every other status of a class says. */
const CLASSES: readonly Line[] = [
  [2, 'again', 'stop_in_doubt', undefined, 'missing', 'clear', 'elsewhere', 'unclear'],
  [3, 'pause', 'stop', undefined, 'missing', 'wrong', 'elsewhere', 'unclear'],
  [4, 'again', 'stop', undefined, 'missing', 'clear', 'elsewhere', 'unclear'],
  ...[5, 6, 7, 8, 9].map((digit): Line => [digit, 'again', undefined, undefined, 'unclear', 'odd', 'again', 'unclear']),
];

const EVERY_STATUS = Array.from({ length: 800 }, (_, at) => 200 + at);

function lineOf(status: number): unknown[] {
  const { row, first, server, session, look, login, listing } = describeStatus(status);
  return [status, row, first, server, session, look, login, listing];
}

describe('the table of HTTP statuses', () => {
  test.each(TABLE)('%i', (...line) => {
    expect(lineOf(line[0])).toEqual(line);
  });

  test.each(CLASSES)('%ixx', (digit, ...words) => {
    const others = EVERY_STATUS.filter((status) => Math.floor(status / 100) === digit);
    for (const status of others.filter((other) => !TABLE.some(([listed]) => listed === other))) {
      expect(lineOf(status)).toEqual([status, ...words]);
    }
  });

  test('calls a 4xx that is of no other meaning one that may be about the row', () => {
    const others = [401, 403, 404, 405, 408, 429];
    const expected = EVERY_STATUS.filter((status) => Math.floor(status / 100) === 4 && !others.includes(status));
    expect(EVERY_STATUS.filter((status) => describeStatus(status).isOfRow)).toEqual(expected);
  });

  test('has the body of 200 read, and of no other', () => {
    expect(EVERY_STATUS.filter(isRead)).toEqual([200]);
  });

  test('calls 429 and 5xx passing', () => {
    expect(EVERY_STATUS.filter(isPassing)).toEqual(EVERY_STATUS.filter((status) => status === 429 || status >= 500));
  });

  test('lets nothing but 404 be about the user whose tokens were asked for', () => {
    expect(EVERY_STATUS.filter((status) => describeStatus(status).isOfUser)).toEqual([404]);
  });

  test('calls nothing but 429 throttled, and no reply without a status', () => {
    expect(EVERY_STATUS.filter((status) => isThrottled(aStatus(status)))).toEqual([429]);
    for (const reply of [aReply(), anUnreadable(), anUnanswered(), undefined]) expect(isThrottled(reply)).toBe(false);
  });
});
