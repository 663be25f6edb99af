import { describe, expect, test } from 'vitest';
import { toReply } from '../../src/server/exchange.js';
import type { Exchange } from '../../src/server/exchange.js';
import { LEFT_OUT, Secrets } from '../../src/server/secrets.js';
import { plainFailure, strangeFailure } from '../../src/network/network-error.js';
import { anExchange, NOON } from '../support/builders.js';

const FAILED = { kind: 'failed', ...plainFailure('the connection was reset') } as const;
const SECRETS = new Secrets('the password', 'the integration key');
const SENT = { hasLeft: true, now: () => NOON, secrets: SECRETS };
const UNSENT = { ...SENT, hasLeft: false };
const CUT: Exchange = { kind: 'cut', why: 'no whole reply within 30 s' };

describe('a reply', () => {
  test('is unanswered when the request left, and unsent when it surely did not', () => {
    expect(toReply(FAILED, SENT)).toEqual({ kind: 'unanswered', why: 'the connection was reset' });
    expect(toReply(FAILED, UNSENT)).toEqual({ kind: 'unsent', why: 'the connection was reset' });
    expect(toReply(CUT, SENT)).toEqual({ kind: 'unanswered', why: 'no whole reply within 30 s' });
    expect(toReply(CUT, UNSENT)).toEqual({
      kind: 'unsent',
      why: 'no connection: no whole reply within 30 s',
    });
  });

  test('is strange when something came that is none', () => {
    const strange = { kind: 'failed', ...strangeFailure('the reply is no HTTP') } as const;
    const why = 'the reply is no HTTP';
    expect(toReply(strange, SENT)).toEqual({ kind: 'unanswered', why, isStrange: true });
    expect(toReply(strange, UNSENT)).toEqual({ kind: 'unsent', why });
  });

  test('that was cut off at our own limit came, and says nothing', () => {
    const reply = toReply({ ...FAILED, isTooLong: true }, SENT);
    expect(reply).toMatchObject({ kind: 'unreadable', why: 'the reply is over 1 MiB' });
    const page = { contentType: 'text/html', title: 'Sign in', incident: undefined };
    expect(toReply({ ...FAILED, isTooLong: true, ...page }, SENT)).toMatchObject({ kind: 'unreadable', page });
  });

  test('has a body that counts with status 200 alone', () => {
    const body = '{"code":"0","message":"","object":""}';
    expect(toReply(anExchange({ body }), SENT)).toMatchObject({ kind: 'answer', code: '0' });
    expect(toReply(anExchange({ body, status: 503, retryAfter: '2' }), SENT)).toEqual({
      kind: 'status',
      httpStatus: 503,
      retryAfterMs: 2000,
    });
  });
});

describe('an answer that quotes what is secret', () => {
  const answer = (fields: object) => toReply(anExchange({ body: JSON.stringify({ code: '0', ...fields }) }), SENT);

  test('keeps the key, and leaves out what came beside it', () => {
    const quoting = { Key: 'K1-8F3A', from: 'the password' };
    expect(answer({ object: quoting })).toMatchObject({
      key: { text: 'K1-8F3A', raw: { text: '', form: 'left_out', isOdd: true } },
    });
    expect(answer({ object: { Key: 'K1-8F3A' } })).toMatchObject({ key: { raw: { text: '{"Key":"K1-8F3A"}' } } });
  });

  test('keeps what came, with a mark for each whole secret, where nothing was taken for the key', () => {
    const rawOf = (object: unknown, secrets = SECRETS) => {
      const reply = toReply(anExchange({ body: JSON.stringify({ code: '0', object }) }), { ...SENT, secrets });
      return reply.kind === 'answer' ? reply.key : undefined;
    };
    // Words that a secret of ours has too.
    const own = new Secrets('my-secret-code-1');
    const link = 'https://c.example/activate?secret=JBSWY3DPEHPK3PXP&user=ann%40c.example';
    expect(rawOf({ link }, own)).toMatchObject({ text: '', raw: { text: JSON.stringify({ link }), form: 'json' } });
    expect(rawOf({ secret: 'JBSWY3DPEHPK3PXP' }, own)).toMatchObject({
      raw: { text: '{"secret":"JBSWY3DPEHPK3PXP"}' },
    });
    expect(rawOf({ x: 'AB-12', from: 'the password' })).toMatchObject({
      text: '',
      raw: { text: '{"x":"AB-12","from":"[secret]"}', form: 'json', isOdd: true },
    });
    const [lines, masked] = ['the password', '[secret]'].map((said) => `{\n"x":"AB-12","from":"${said}"}`);
    expect(rawOf(lines)?.raw).toMatchObject({ form: 'json' });
    const body = `{"code":"0","object":${lines}}`;
    expect(toReply(anExchange({ body }), SENT)).toMatchObject({
      key: { raw: { text: Buffer.from(masked ?? '').toString('base64'), form: 'base64' } },
    });
    const hex = Buffer.from('the password').toString('hex');
    expect(rawOf({ x: 'AB-12', from: hex })).toMatchObject({ text: '', raw: { text: '', form: 'left_out' } });
  });

  test('has a mark in its place', () => {
    expect(answer({ message: 'no: the password' })).toMatchObject({ message: 'no: [secret]' });
  });

  test('is looked through as it reads when it is decoded', () => {
    const body = String.raw`{"code":"0","message":"no: \u0074he\u0020password"}`;
    expect(toReply(anExchange({ body }), SENT)).toMatchObject({ message: 'no: [secret]' });
    const twice = body.replaceAll('\\', '\\\\');
    expect(toReply(anExchange({ body: twice }), SENT)).toMatchObject({ message: LEFT_OUT });
  });

  test('keeps its activation key, and does not tell it in its message', () => {
    const object = JSON.stringify({ key: 'KEY-0001-ABCD' });
    const key = { text: 'KEY-0001-ABCD', bare: false };
    expect(answer({ message: 'Key KEY-0001-ABCD', object })).toMatchObject({ message: 'Key [secret]', key });
    expect(answer({ message: 'Key key 0001 abcd', object })).toMatchObject({ message: LEFT_OUT, key });
    expect(answer({ message: 'Success', object })).toMatchObject({ message: 'Success', key });
  });

  test('has no code either that does, but a listed one stays', () => {
    const sent = { ...SENT, secrets: new Secrets('22002', 'one-word') };
    expect(toReply(anExchange({ body: '{"code":"one-word"}' }), sent)).toMatchObject({ code: '[secret]' });
    const listed = anExchange({ body: '{"code":"22002","message":"22002 it is"}' });
    expect(toReply(listed, sent)).toMatchObject({ code: '22002', message: LEFT_OUT });
  });
});
