import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { Sessions } from '../../src/simulator/sessions.js';
import type { SessionLimits } from '../../src/simulator/sessions.js';

const ADMIN = 'jörg';
const SECRETS = { authToken: 'tökен', secretCode: 'geheim-ß' };
const cenTokenOf = (secrets: typeof SECRETS): string =>
  createHmac('sha256', Buffer.from(secrets.secretCode, 'utf8'))
    .update(Buffer.from(ADMIN + secrets.authToken, 'utf8'))
    .digest('hex');
const cenToken = cenTokenOf(SECRETS);

function anOpenOne(limits: SessionLimits = {}, now = () => 0): Sessions {
  const sessions = new Sessions(ADMIN, limits, now);
  sessions.open(SECRETS);
  return sessions;
}

test('the cenToken is the HMAC of administrator and authToken under the secret code, all in UTF-8', () => {
  expect(anOpenOne().permits(ADMIN, cenToken)).toBe(true);
});

test.each([
  ['no cenToken', ADMIN, undefined],
  ['an empty cenToken', ADMIN, ''],
  ['a cenToken in capitals', ADMIN, cenToken.toUpperCase()],
  ['a cenToken that is too long', ADMIN, `${cenToken}0`],
  ['another cenToken', ADMIN, cenToken.replace(/.$/, (last) => (last === '0' ? '1' : '0'))],
  ['another administrator', 'joerg', cenToken],
  ['no administrator', undefined, cenToken],
])('%s is not permitted', (_what, admin, token) => {
  expect(anOpenOne().permits(admin, token)).toBe(false);
});

test('nobody is permitted before a session is open, or after it has ended', () => {
  expect(new Sessions(ADMIN).permits(ADMIN, cenToken)).toBe(false);
  const sessions = anOpenOne();
  sessions.end();
  expect(sessions.permits(ADMIN, cenToken)).toBe(false);
  expect(sessions.deaths).toBe(0);
});

test('a new session ends the one before', () => {
  const sessions = anOpenOne();
  const others = { authToken: 'other', secretCode: 'other' };
  sessions.open(others);
  expect([sessions.permits(ADMIN, cenToken), sessions.permits(ADMIN, cenTokenOf(others))]).toEqual([false, true]);
  expect([sessions.isOf(SECRETS.authToken), sessions.isOf('other')]).toEqual([false, true]);
});

test('a session ends with its time, and stays dead', () => {
  const times = [0, 0, 999, 1000, 0];
  const sessions = anOpenOne({ ttlMs: 1000 }, () => times.shift() ?? 0);
  expect([1, 2, 3, 4].map(() => sessions.permits(ADMIN, cenToken))).toEqual([true, true, false, false]);
  expect(sessions.deaths).toBe(1);
});

test('a session ends with its number of calls; those that it never permitted do not count', () => {
  const sessions = anOpenOne({ requests: 2 });
  sessions.permits(ADMIN, 'wrong');
  expect([1, 2, 3, 4].map(() => sessions.permits(ADMIN, cenToken))).toEqual([true, true, false, false]);
  expect(sessions.deaths).toBe(1);
});

test('a denied user is denied alone, a revoked right is that over all users; the session stays good', () => {
  const sessions = anOpenOne();
  sessions.denyUser('ann');
  expect([sessions.permitsUser('ann'), sessions.permitsUser('bob')]).toEqual([false, true]);
  sessions.revokeRight();
  expect(sessions.permitsUser('bob')).toBe(false);
  expect(sessions.permits(ADMIN, cenToken)).toBe(true);
});
