import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { openSession } from '../../src/simulator/session.js';

const secrets = { admin: 'jörg', authToken: 'tökен', secretCode: 'geheim-ß' };
const cenToken = createHmac('sha256', Buffer.from(secrets.secretCode, 'utf8'))
  .update(Buffer.from(secrets.admin + secrets.authToken, 'utf8'))
  .digest('hex');

test('the cenToken is the HMAC of administrator and authToken under the secret code, all in UTF-8', () => {
  expect(openSession(secrets).permits('jörg', cenToken)).toBe(true);
});

test.each([
  ['no cenToken', 'jörg', undefined],
  ['an empty cenToken', 'jörg', ''],
  ['a cenToken in capitals', 'jörg', cenToken.toUpperCase()],
  ['a cenToken that is too long', 'jörg', `${cenToken}0`],
  ['another cenToken', 'jörg', cenToken.replace(/.$/, (last) => (last === '0' ? '1' : '0'))],
  ['another administrator', 'joerg', cenToken],
  ['no administrator', undefined, cenToken],
])('%s is not permitted', (_what, admin, token) => {
  expect(openSession(secrets).permits(admin, token)).toBe(false);
});

test('an ended session permits nobody', () => {
  const session = openSession(secrets);
  session.end();
  expect(session.permits('jörg', cenToken)).toBe(false);
});

test('a denied user is denied alone, and the session stays good', () => {
  const session = openSession(secrets);
  session.denyUser('ann');
  expect([session.permitsUser('ann'), session.permitsUser('bob')]).toEqual([false, true]);
  expect(session.permits('jörg', cenToken)).toBe(true);
});
