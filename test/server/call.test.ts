import { describe, expect, test } from 'vitest';
import { AdminAccount } from '../../src/server/admin-account.js';
import { Secrets } from '../../src/server/secrets.js';
import { BASE_PATH, CALLS, REGISTRATIONS, toPath } from '../../src/server/call.js';
import type { Call } from '../../src/server/call.js';
import { Endpoint } from '../../src/server/endpoint.js';
import type { Exchange, HttpRequest } from '../../src/server/exchange.js';
import { makeSession } from '../../src/server/session.js';
import { anExchange, anOtpRegistration, aRegistration, HandClock } from '../support/builders.js';

const SECRETS = {
  authToken: 'the-auth-token',
  secretCode: 'the-secret-code',
  password: 'the-pass-word',
  integrationKey: 'the-integration-key',
  integrationSecret: 'the-integration-secret',
};
const CALL_LIST: readonly (readonly [string, Call])[] = [...Object.entries(REGISTRATIONS), ...Object.entries(CALLS)];

describe('the table of calls', () => {
  test.each<[string, Call, string]>([
    ['an OTP registration', REGISTRATIONS.otp, 'PUT /token/register/otp/offline/a%20b%2Fc'],
    ['a PKI registration', REGISTRATIONS.pki, 'PUT /cert/register/pkcs7/a%20b%2Fc'],
    ['a listing', CALLS.listing, 'PUT /user/auth/list/a%20b%2Fc'],
    ['a session check', CALLS.sessionCheck, 'GET /auth/sessioncheck/a%20b%2Fc/c0ffee'],
    ['a login', CALLS.login, 'POST /auth/authBasic'],
    ['a logout', CALLS.logout, 'POST /auth/logout'],
    ['a look', CALLS.look, 'GET /token/register/otp/offline/a%20b%2Fc'],
  ])('has %s where the documents have it', (_, call, line) => {
    expect(BASE_PATH).toBe('/CentagateWS/webresources');
    expect(`${call.method} ${toPath(call, { admin: 'a b/c', cenToken: 'c0ffee' })}`).toBe(line);
  });

  test('has no secret in a URL but that of the session check', () => {
    const secretUrls = CALL_LIST.filter(([, { parameters, secrets }]) =>
      parameters.some((name) => secrets.includes(name)),
    );
    expect(secretUrls.map(([name]) => name)).toEqual(['sessionCheck']);
  });

  test('names every secret that leaves, where it leaves', async () => {
    const seen = await requests();
    expect([...seen.keys()].sort()).toEqual(['listing', 'login', 'logout', 'otp', 'pki', 'sessionCheck']);
    for (const [name, { path, body }] of seen) {
      const call = CALL_LIST.find(([listed]) => listed === name)?.[1];
      const secretValues = [...Object.values(SECRETS), session().cenToken];
      const parameters = path.slice(call?.path.length).split('/').slice(1);
      const fields = Object.entries(JSON.parse(Buffer.from(body ?? []).toString() || '{}') as Record<string, string>);
      const parts = [...fields, ...parameters.map((value, at) => [call?.parameters[at] ?? '', value] as const)];
      const secret = parts.filter(([part, value]) => part === 'hmac' || secretValues.includes(value));
      expect(secret.map(([part]) => part).sort(), name).toEqual([...(call?.secrets ?? [])].sort());
      // None in part, or where it has no name.
      expect(parts.filter(([, value]) => secretValues.some((its) => value.includes(its)))).toHaveLength(
        secret.filter(([part]) => part !== 'hmac').length,
      );
    }
  });
});

function session() {
  return makeSession('root', SECRETS);
}

/** What each call of ours sends, by the call's name. */
async function requests(): Promise<ReadonlyMap<string, HttpRequest>> {
  const seen = new Map<string, HttpRequest>();
  let calling = '';
  const exchange = (request: HttpRequest): Promise<Exchange> => {
    request.onDeparture?.(0, 1);
    seen.set(calling, request);
    const tokens = JSON.stringify({ code: '0', object: SECRETS });
    return Promise.resolve(anExchange({ body: tokens }));
  };
  const clock = new HandClock();
  const { signal } = new AbortController();
  const secrets = new Secrets();
  const endpoint = new Endpoint({ timestampUnit: 'ms', exchange, secrets }, clock);
  const account = new AdminAccount(
    {
      admin: 'root',
      ...SECRETS,
      authBase: '',
      secrets,
      exchange,
      openSession: (tokens) => makeSession('root', tokens),
    },
    clock,
  );
  calling = 'otp';
  await endpoint.register(
    { registration: anOtpRegistration(), signature: undefined, mayLeave: () => true },
    session(),
    signal,
  );
  calling = 'pki';
  await endpoint.register(
    { registration: aRegistration(), signature: undefined, mayLeave: () => true },
    session(),
    signal,
  );
  calling = 'sessionCheck';
  await endpoint.checkSession(session(), signal);
  calling = 'listing';
  await endpoint.listTokens('ann', session(), signal);
  calling = 'login';
  const login = await account.logIn(signal);
  if (login.kind !== 'opened') throw new Error('no session');
  calling = 'logout';
  await account.logOut(login.session);
  return seen;
}
