import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { AdminDesk } from '../../src/simulator/admin-desk.js';
import type { AdminLogin } from '../../src/simulator/admin-desk.js';
import { Sessions } from '../../src/simulator/sessions.js';

const LOGIN: AdminLogin = { password: 'pass', integrationKey: 'key', integrationSecret: 'secret' };
const NOW = 1_767_323_045_000;

function aDesk(login: AdminLogin | undefined = LOGIN) {
  const sessions = new Sessions('root');
  return { desk: new AdminDesk('root', login, sessions), sessions };
}

function sign(fields: Record<string, string>, order: readonly string[], secret = 'secret'): Record<string, string> {
  const text = order.map((name) => fields[name]).join('');
  return { ...fields, hmac: createHmac('sha256', secret).update(text).digest('hex') };
}

function aLogin(changes: Record<string, string> = {}, secret?: string): Record<string, string> {
  const fields = {
    ...{ username: 'root', password: 'pass', integrationKey: 'key', unixTimestamp: String(NOW / 1000) },
    ...{ supportFido: '', ipAddress: '', userAgent: '', browserFp: '' },
    ...changes,
  };
  return sign(fields, Object.keys(fields), secret);
}

function tokensOf(object: string): { authToken: string; secretCode: string; passwordExpired: boolean } {
  return JSON.parse(object) as { authToken: string; secretCode: string; passwordExpired: boolean };
}

describe('a login', () => {
  test('opens a session that permits its calls', () => {
    const { desk, sessions } = aDesk();
    const { code, object } = desk.logIn(aLogin(), NOW);
    expect(code).toBe('0');
    const { authToken, secretCode } = tokensOf(object);
    const cenToken = createHmac('sha256', secretCode).update(`root${authToken}`).digest('hex');
    expect(sessions.permits('root', cenToken)).toBe(true);
    expect(desk.logins).toBe(1);
  });

  test.each<[string, string, unknown]>([
    ['no JSON', '10002', undefined],
    ['a missing field', '10002', Object.fromEntries(Object.entries(aLogin()).slice(1))],
    ['a field too many', '10002', { ...aLogin(), more: '' }],
    ['a number', '10002', { ...aLogin(), unixTimestamp: NOW / 1000 }],
    ['another integration key', '23024', aLogin({ integrationKey: 'other' })],
    ['another secret key', '23022', aLogin({}, 'other')],
    ['a timestamp in ms', '23023', aLogin({ unixTimestamp: String(NOW) })],
    ['a timestamp of five minutes ago', '23023', aLogin({ unixTimestamp: String(NOW / 1000 - 300) })],
    ['another administrator', '23001', aLogin({ username: 'toor' })],
    ['a wrong password', '23001', aLogin({ password: 'Pass' })],
  ])('with %s is %s', (_, code, body) => {
    expect(aDesk().desk.logIn(body, NOW).code).toBe(code);
  });

  test('after three wrong passwords the right one is wrong too', () => {
    const { desk } = aDesk();
    for (let n = 0; n < 2; n += 1) desk.logIn(aLogin({ password: 'x' }), NOW);
    expect(desk.logIn(aLogin(), NOW).code).toBe('0');
    for (let n = 0; n < 3; n += 1) desk.logIn(aLogin({ password: 'x' }), NOW);
    expect(desk.logIn(aLogin(), NOW)).toMatchObject({
      code: '23001',
      message: expect.stringContaining('locked') as string,
    });
  });

  test('that needs a second factor has no secret code, an expired password says so; neither opens a session', () => {
    for (const state of ['step-up', 'expired'] as const) {
      const { desk, sessions } = aDesk({ ...LOGIN, state });
      const tokens = tokensOf(desk.logIn(aLogin(), NOW).object);
      expect([tokens.secretCode === '', tokens.passwordExpired]).toEqual([state === 'step-up', state === 'expired']);
      expect(sessions.isOf(tokens.authToken)).toBe(false);
    }
  });

  test('is for nobody where none is set up', () => {
    const sessions = new Sessions('root');
    expect(new AdminDesk('root', undefined, sessions).logIn(aLogin(), NOW).code).toBe('23024');
  });
});

describe('a logout', () => {
  const ORDER = ['username', 'integrationKey', 'unixTimestamp', 'authToken'];

  test('ends the session of its authToken, once', () => {
    const { desk, sessions } = aDesk();
    const { authToken } = tokensOf(desk.logIn(aLogin(), NOW).object);
    const fields = { username: 'root', integrationKey: 'key', unixTimestamp: String(NOW / 1000), authToken };
    expect(desk.logOut(sign({ ...fields, authToken: 'other' }, ORDER), NOW).code).toBe('23018');
    expect(desk.logOut(sign(fields, ORDER, 'other'), NOW).code).toBe('23022');
    expect(sessions.isOf(authToken)).toBe(true);
    expect(desk.logOut(sign(fields, ORDER), NOW).code).toBe('0');
    expect(sessions.isOf(authToken)).toBe(false);
    expect(desk.logOut(sign(fields, ORDER), NOW).code).toBe('23018');
    expect(desk.logouts).toBe(1);
  });
});
