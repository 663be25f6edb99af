import { describe, expect, test } from 'vitest';
import { Sentinel } from '../../src/server/sentinel.js';

const NOT_ALLOWED = { status: 405, body: '' };
const OF_A_ROW = { status: 200, body: '{"code":"22002"}' };

/** One that has seen how this server answers a look. */
function aSentinel(first = NOT_ALLOWED): Sentinel {
  const sentinel = new Sentinel();
  sentinel.judge(first);
  return sentinel;
}

describe('the answer to a look', () => {
  test.each([
    ['own', 'as the first was', NOT_ALLOWED],
    ['foreign', 'with a return code', OF_A_ROW],
    ['foreign', 'with a success', { status: 200, body: '{"code":"0","object":"{\\"key\\":\\"K\\"}"}' }],
    ['odd', 'of a server in trouble', { status: 503, body: '' }],
    ['odd', 'of one that is asked too much', { status: 429, body: '' }],
    ['odd', 'of an application that is being started', { status: 404, body: '' }],
    ['odd', 'without a return code', { status: 200, body: '<html>' }],
  ])('is %s: %s', (verdict, _, reply) => {
    expect(aSentinel().judge(reply)).toBe(verdict);
  });

  test.each([
    { status: 404, body: '' },
    { status: 401, body: '' },
    { status: 200, body: '<html>Welcome</html>' },
  ])('may be of any kind that is not a row’s: $status', (first) => {
    const sentinel = aSentinel(first);
    expect([sentinel.judge(first), sentinel.judge(OF_A_ROW)]).toEqual(['own', 'foreign']);
  });

  test.each([503, 500, 429])('of a server in trouble (%i) is not how it answers', (status) => {
    const sentinel = aSentinel({ status, body: '' });
    expect([sentinel.judge(NOT_ALLOWED), sentinel.judge({ status, body: '' })]).toEqual(['own', 'odd']);
  });
});

describe('a first answer as a row’s', () => {
  test('is asked for again: twice, and looks prove nothing at this server', () => {
    const sentinel = new Sentinel();
    expect([sentinel.judge(OF_A_ROW), sentinel.isMute]).toEqual(['again', false]);
    expect([sentinel.judge(OF_A_ROW, true), sentinel.isMute]).toEqual(['odd', true]);
    expect(sentinel.judge(OF_A_ROW)).toBe('odd');
  });

  test('was another one’s where the second is none', () => {
    const sentinel = new Sentinel();
    sentinel.judge(OF_A_ROW);
    expect(sentinel.judge(NOT_ALLOWED, true)).toBe('foreign');
  });

  test('stays open where the server is in trouble then', () => {
    const sentinel = new Sentinel();
    sentinel.judge(OF_A_ROW);
    expect([sentinel.judge({ status: 503, body: '' }, true), sentinel.isMute]).toEqual(['odd', false]);
  });
});
