import { describe, expect, test } from 'vitest';
import { describeBlock, describePageReply, toRowsOwn, wasBlocked } from '../../src/row/block.js';
import { anUnanswered, anUnreadable, anUnsent, aReply, aSettlement, aStatus } from '../support/builders.js';

const PAGE = { contentType: 'text/html', title: 'Request Rejected', incident: 'support ID 4711' };

describe('a block', () => {
  test.each([400, 402, 406, 409, 413, 414, 418, 422, 431, 451])('is HTTP status %i', (status) => {
    expect(describeBlock(aStatus(status))).toBe(`HTTP status ${status}`);
  });

  test.each([200, 204, 302, 401, 403, 404, 405, 408, 429, 500, 502, 503, 504])('is not HTTP status %i', (status) => {
    expect(describeBlock({ ...aStatus(status), page: PAGE })).toBeUndefined();
  });

  test('is a page in place of the reply, and nothing else that is no JSON', () => {
    const said = 'HTTP status 200 (text/html, "Request Rejected", support ID 4711)';
    expect(describeBlock({ ...anUnreadable(), page: PAGE })).toBe(said);
    expect(describeBlock({ ...anUnreadable(), page: { ...PAGE, contentType: 'text/plain' } })).toBeUndefined();
    expect(describeBlock({ ...anUnreadable('the reply is empty'), page: PAGE })).toBeUndefined();
    for (const reply of [anUnreadable(), aReply(), anUnanswered(), anUnsent()]) {
      expect(describeBlock(reply)).toBeUndefined();
    }
  });

  test('says what its page says', () => {
    const reply = { ...aStatus(400), page: PAGE };
    expect(describeBlock(reply)).toBe('HTTP status 400 (text/html, "Request Rejected", support ID 4711)');
    expect(describePageReply(reply)).toBe(describeBlock(reply));
    expect(describePageReply({ ...aStatus(400), page: { ...PAGE, contentType: 'text/plain' } })).toBeUndefined();
    expect(describePageReply(aReply())).toBeUndefined();
    expect(describePageReply(undefined)).toBeUndefined();
  });
});

describe('a row was blocked by an earlier run', () => {
  const past = aSettlement({
    outcome: 'unknown',
    httpStatus: 400,
    detail: `${toRowsOwn('HTTP status 400')} (after 4 tries)`,
  });

  test('with the same answer', () => {
    expect(wasBlocked(past, aStatus(400))).toBe(true);
    expect(wasBlocked(past, aStatus(413))).toBe(false);
    expect(wasBlocked(past, anUnanswered())).toBe(false);
  });

  test('where its detail says that it was for the row alone', () => {
    expect(wasBlocked(undefined, aStatus(400))).toBe(false);
    expect(wasBlocked({ ...past, detail: 'HTTP status 400 (after 4 tries)' }, aStatus(400))).toBe(false);
    expect(wasBlocked({ ...past, outcome: 'not_sent' }, aStatus(400))).toBe(false);
  });
});
