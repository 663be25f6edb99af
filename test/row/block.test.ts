import { describe, expect, test } from 'vitest';
import {
  describeBlock,
  describePageReply,
  isMostlyOfRow,
  mayBeBlocked,
  toRowsOwn,
  wasBlocked,
} from '../../src/row/block.js';
import { anUnanswered, anUnreadable, anUnsent, aReply, aSettlement, aStatus } from '../support/builders.js';

const PAGE = { contentType: 'text/html', title: 'Request Rejected', incident: 'support ID 4711' };

describe('a block', () => {
  test.each([302, 307, 400, 402, 406, 409, 413, 414, 418, 422, 431, 451])('is HTTP status %i', (status) => {
    expect(describeBlock(aStatus(status))).toBe(`HTTP status ${status}`);
  });

  test.each([201, 404, 405, 408, 500, 501, 502, 503, 504])('is HTTP status %i with a page alone', (status) => {
    const said = `HTTP status ${status} (text/html, "Request Rejected", support ID 4711)`;
    expect(describeBlock({ ...aStatus(status), page: PAGE })).toBe(said);
    expect(
      describeBlock({ ...aStatus(status), page: { contentType: 'text/plain', title: undefined } }),
    ).toBeUndefined();
    expect(describeBlock(aStatus(status))).toBeUndefined();
  });

  test.each([401, 403, 429])('is not HTTP status %i, whatever comes with it', (status) => {
    expect(describeBlock({ ...aStatus(status), page: PAGE })).toBeUndefined();
  });

  test('is what is no JSON in place of the reply, or a page over 1 MiB', () => {
    const said = 'HTTP status 200 (text/html, "Request Rejected", support ID 4711)';
    expect(describeBlock({ ...anUnreadable(), page: PAGE })).toBe(said);
    expect(describeBlock({ ...anUnreadable('the reply is over 1 MiB'), page: PAGE })).toBe(said);
    expect(describeBlock(anUnreadable())).toBe('HTTP status 200');
    const others = [anUnreadable('the reply is empty'), anUnreadable('the reply has no return code')];
    for (const reply of [...others, aReply(), anUnanswered(), anUnsent()]) expect(describeBlock(reply)).toBeUndefined();
  });

  test('is mostly of its row by some statuses, else of the server', () => {
    expect([200, 400, 413, 431].map(isMostlyOfRow)).toEqual([true, true, true, true]);
    expect([201, 302, 404, 500, 503, undefined].map(isMostlyOfRow)).toEqual(Array<boolean>(6).fill(false));
  });

  test('says what its page says', () => {
    const reply = { ...aStatus(400), page: PAGE };
    expect(describeBlock(reply)).toBe('HTTP status 400 (text/html, "Request Rejected", support ID 4711)');
    expect(describePageReply(reply)).toBe(describeBlock(reply));
    const bare = { contentType: 'text/plain', title: undefined };
    expect(describePageReply({ ...aStatus(400), page: bare })).toBeUndefined();
    const said = 'HTTP status 400 (text/plain, support ID 4711)';
    expect(describePageReply({ ...aStatus(400), page: { ...bare, incident: 'support ID 4711' } })).toBe(said);
    expect(describePageReply(aReply())).toBeUndefined();
    expect(describePageReply(undefined)).toBeUndefined();
  });
});

test('a row whose last send was answered with no return code may be blocked', () => {
  const sent = aSettlement({ outcome: 'unavailable', returnCode: '', attempts: 1 });
  expect(mayBeBlocked(sent)).toBe(true);
  for (const past of [undefined, { ...sent, attempts: 0 }, { ...sent, returnCode: '22002' }]) {
    expect(mayBeBlocked(past)).toBe(false);
  }
});

describe('a row was blocked by an earlier run', () => {
  const past = aSettlement({
    outcome: 'unknown',
    httpStatus: 400,
    detail: `${toRowsOwn('HTTP status 400')} (after 4 tries)`,
  });

  test('with the same answer, or another that is about the row', () => {
    expect([400, 413, 431].map((status) => wasBlocked(past, aStatus(status)))).toEqual([true, true, true]);
    expect([302, 404, 500].map((status) => wasBlocked(past, aStatus(status)))).toEqual([false, false, false]);
    expect(wasBlocked(past, anUnanswered())).toBe(false);
  });

  test('with a page of the same title, whatever its case', () => {
    const reply = { ...aStatus(503), page: PAGE };
    const blocked = { ...past, httpStatus: 503, detail: toRowsOwn(describeBlock(reply) ?? '') };
    expect(wasBlocked(blocked, { ...reply, page: { ...PAGE, incident: 'support ID 4712' } })).toBe(true);
    expect(wasBlocked(blocked, { ...reply, page: { ...PAGE, title: 'Down for maintenance' } })).toBe(false);
  });

  test('where its detail says that it was for the row alone', () => {
    expect(wasBlocked(undefined, aStatus(400))).toBe(false);
    expect(wasBlocked({ ...past, detail: 'HTTP status 400 (after 4 tries)' }, aStatus(400))).toBe(false);
    expect(wasBlocked({ ...past, outcome: 'not_sent' }, aStatus(400))).toBe(false);
  });
});
