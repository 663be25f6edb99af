import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toAuthTimestamp, toLoginBody, toLogoutBody } from '../../src/server/auth-body.js';
import type { AuthBody } from '../../src/server/auth-body.js';

/** The body as it leaves, with these in their places. */
function filled({ text, timestampAt, hmacAt }: AuthBody, timestamp: string, hmac: string): unknown {
  const bytes = Buffer.from(text);
  bytes.write(timestamp, timestampAt, 'latin1');
  bytes.write(hmac, hmacAt, 'latin1');
  return JSON.parse(bytes.toString());
}

const HMAC = 'f'.repeat(64);

test('a login has the documented keys, all strings, and the four that sources disagree on are empty', () => {
  const body = toLoginBody({ username: 'admin', password: 'pass', integrationKey: 'key' });
  expect(filled(body, '1767323045', HMAC)).toEqual({
    username: 'admin',
    password: 'pass',
    integrationKey: 'key',
    unixTimestamp: '1767323045',
    supportFido: '',
    ipAddress: '',
    userAgent: '',
    browserFp: '',
    hmac: HMAC,
  });
  expect(body.signedText('1767323045')).toBe('adminpasskey1767323045');
});

test('a logout has its own keys, signed in its own order', () => {
  const body = toLogoutBody({ username: 'admin', integrationKey: 'key', authToken: 'token' });
  expect(filled(body, '1767323045', HMAC)).toEqual({
    username: 'admin',
    integrationKey: 'key',
    unixTimestamp: '1767323045',
    authToken: 'token',
    hmac: HMAC,
  });
  expect(body.signedText('1767323045')).toBe('adminkey1767323045token');
});

test('timestamp and HMAC find their places, whatever the credentials hold', () => {
  const any = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(any, any, any, (username, password, integrationKey) => {
      const body = toLoginBody({ username, password, integrationKey });
      expect(filled(body, '0123456789', HMAC)).toMatchObject({
        username,
        password,
        integrationKey,
        unixTimestamp: '0123456789',
        hmac: HMAC,
      });
    }),
  );
});

test('the timestamp is in whole seconds, and has ten digits on a clock that was never set', () => {
  expect(toAuthTimestamp(1_767_323_045_999)).toBe('1767323045');
  expect(toAuthTimestamp(0)).toBe('0000000000');
});
