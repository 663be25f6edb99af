import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Exchange, HttpRequest } from '../../src/server/exchange.js';
import { Secrets } from '../../src/server/secrets.js';
import type { Session } from '../../src/server/session.js';
import { AdminAccount } from '../../src/server/admin-account.js';
import type { AccountSettings } from '../../src/server/admin-account.js';
import { Endpoint } from '../../src/server/endpoint.js';
import { HttpClient } from '../../src/server/http-client.js';
import { makeSession } from '../../src/server/session.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { anExchange } from '../support/builders.js';
import { TestClock } from '../support/lab.js';

const LOGIN = { password: 'pä"s\\s', integrationKey: 'the-key', integrationSecret: 'the-secret' };
const NEVER = new AbortController().signal;

let clock: TestClock;
beforeEach(() => (clock = new TestClock()));

function anAccount(exchange: AccountSettings['exchange'], changes: Partial<AccountSettings> = {}): AdminAccount {
  const openSession: AccountSettings['openSession'] = (tokens) => makeSession('root', tokens);
  const secrets = new Secrets();
  return new AdminAccount({ admin: 'root', ...LOGIN, authBase: '', secrets, exchange, openSession, ...changes }, clock);
}

describe('against a strict server', () => {
  let simulator: Simulator;
  let client: HttpClient;
  beforeEach(async () => {
    simulator = await startSimulator({ admin: 'root', authToken: 'a', secretCode: 'b', login: LOGIN });
    const settings = { origin: simulator.url, concurrency: 1, timeoutMs: 30_000, tls: undefined, proxy: undefined };
    client = new HttpClient({ ...settings, secrets: new Secrets() }, clock);
  });
  afterEach(async () => {
    await client.close();
    await simulator.close();
    expect(clock.delays).toEqual([]);
  });

  test.each(['', '/v2'])('a login behind "%s" opens a session, and a logout ends it', async (authBase) => {
    const account = anAccount(client.exchange, { authBase });
    const endpoint = new Endpoint({ timestampUnit: 'ms', exchange: client.exchange, secrets: new Secrets() }, clock);
    const login = await account.logIn(NEVER);
    if (login.kind !== 'opened') throw new Error(login.reason);
    expect(await endpoint.checkSession(login.session, NEVER)).toBe('good');
    await account.logOut(login.session);
    expect(await endpoint.checkSession(login.session, NEVER)).toBe('over');
    expect([simulator.logins, simulator.logouts]).toEqual([1, 1]);
  });

  test('a wrong password is refused, and stands in no word of it', async () => {
    const login = await anAccount(client.exchange, { password: 'wrong-one' }).logIn(NEVER);
    expect(login).toMatchObject({ kind: 'refused', reason: expect.stringContaining('23001') as string });
    expect(JSON.stringify(login)).not.toContain('wrong-one');
  });

  test('a login that finds no server never left', async () => {
    await simulator.close();
    expect(await anAccount(client.exchange).logIn(NEVER)).toMatchObject({ kind: 'failed', hasLeft: false });
  });

  test('a session of somebody else is not logged out of', async () => {
    await anAccount(client.exchange).logOut(makeSession('root', { authToken: 'a', secretCode: 'b' }));
    expect(simulator.logouts).toBe(0);
  });
});

test('timestamp and HMAC are made when the bytes leave, however long the login waited for its connection', async () => {
  let left = '';
  let now = 1_767_323_045_000;
  clock.now = () => now;
  const exchange = (request: HttpRequest): Promise<Exchange> => {
    now += 600_000;
    request.onDeparture?.(0, 1);
    left = Buffer.from(request.body ?? []).toString();
    return Promise.resolve({ kind: 'cut', why: 'no whole reply within 30 s' });
  };
  expect(await anAccount(exchange).logIn(NEVER)).toMatchObject({ kind: 'failed', hasLeft: true });
  const sent = JSON.parse(left) as Record<string, string>;
  expect(sent).toMatchObject({ unixTimestamp: '1767323645', password: LOGIN.password });
  const text = `root${LOGIN.password}${LOGIN.integrationKey}1767323645`;
  expect(sent['hmac']).toBe(createHmac('sha256', LOGIN.integrationSecret).update(text).digest('hex'));
});

test('the secret key is never sent', async () => {
  const bodies: string[] = [];
  const object = JSON.stringify({ authToken: 't', secretCode: 'c' });
  const exchange = (request: HttpRequest): Promise<Exchange> => {
    request.onDeparture?.(0, 1);
    bodies.push(request.path, Buffer.from(request.body ?? []).toString());
    const body = JSON.stringify({ code: '0', object });
    return Promise.resolve(anExchange({ body }));
  };
  const account = anAccount(exchange);
  const login = await account.logIn(NEVER);
  await account.logOut((login as { session: Session }).session);
  expect(bodies).toHaveLength(4);
  expect(bodies.join()).not.toContain(LOGIN.integrationSecret);
});

test('a logout that gets no answer is given up after five seconds', async () => {
  const object = JSON.stringify({ authToken: 't', secretCode: 'c' });
  const answers: Promise<Exchange>[] = [Promise.resolve(anExchange({ body: JSON.stringify({ code: '0', object }) }))];
  const exchange = (_: HttpRequest, signal: AbortSignal): Promise<Exchange> =>
    answers.shift() ??
    new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'cut', why: 'cut off' })));
  const account = anAccount(exchange);
  const login = await account.logIn(NEVER);
  const ended = account.logOut((login as { session: Session }).session);
  expect(clock.delays).toEqual([5000]);
  clock.ring();
  await ended;
});
