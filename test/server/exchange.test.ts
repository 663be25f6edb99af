import { describe, expect, test } from 'vitest';
import { maskSecrets, toReply } from '../../src/server/exchange.js';
import type { Exchange } from '../../src/server/exchange.js';
import { plainFailure } from '../../src/network/network-error.js';
import { anExchange, NOON } from '../support/builders.js';

const FAILED = { kind: 'failed', ...plainFailure('the connection was reset') } as const;
const CUT: Exchange = { kind: 'cut', why: 'no whole reply within 30 s' };

describe('a reply', () => {
  test('is unanswered when the request left, and unsent when it surely did not', () => {
    expect(toReply(FAILED, true, NOON)).toEqual({ kind: 'unanswered', why: 'the connection was reset' });
    expect(toReply(FAILED, false, NOON)).toEqual({ kind: 'unsent', why: 'the connection was reset' });
    expect(toReply(CUT, true, NOON)).toEqual({ kind: 'unanswered', why: 'no whole reply within 30 s' });
    expect(toReply(CUT, false, NOON)).toEqual({
      kind: 'unsent',
      why: 'no connection: no whole reply within 30 s',
    });
  });

  test('that was cut off at our own limit came, and says nothing', () => {
    const reply = toReply({ ...FAILED, isTooLong: true }, true, NOON);
    expect(reply).toMatchObject({ kind: 'unreadable', why: 'the reply is over 1 MiB' });
  });

  test('has a body that counts with status 200 alone', () => {
    const body = '{"code":"0","message":"","object":""}';
    expect(toReply(anExchange({ body }), true, NOON)).toMatchObject({ kind: 'answer', code: '0' });
    expect(toReply(anExchange({ body, status: 503, retryAfter: '2' }), true, NOON)).toEqual({
      kind: 'status',
      httpStatus: 503,
      retryAfterMs: 2000,
    });
  });
});

test('a secret that a server quotes is masked wherever it stands, and nothing else', () => {
  expect(maskSecrets('no ab for cd, ab', ['ab', 'x'])).toBe('no [secret] for cd, [secret]');
});
