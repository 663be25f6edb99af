import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeSession } from '../../src/server/session.js';

test('cenToken is the HMAC-SHA256 that openssl makes', () => {
  // printf %s 'adminauth-token' | openssl dgst -sha256 -hmac 'secret-code'
  expect(makeSession('admin', { authToken: 'auth-token', secretCode: 'secret-code' })).toMatchObject({
    admin: 'admin',
    cenToken: '33ab5e0ba9c01e21b41339ed1d748c7328040ecc95453eb91605c1cd33fbdb91',
  });
});

test('cenToken is 64 lower-case hex digits over UTF-8, whatever the credentials hold', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.string(),
      fc.string({ unit: 'grapheme' }),
      (admin, authToken, secretCode) => {
        const { cenToken } = makeSession(admin, { authToken, secretCode });
        const hmac = createHmac('sha256', Buffer.from(secretCode, 'utf8'));
        expect(cenToken).toBe(hmac.update(Buffer.from(admin + authToken, 'utf8')).digest('hex'));
        expect(cenToken).toMatch(/^[0-9a-f]{64}$/);
      },
    ),
  );
});
