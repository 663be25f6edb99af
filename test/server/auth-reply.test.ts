import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/server/exchange.js';
import { readLogin, readLogout } from '../../src/server/auth-reply.js';
import { LEFT_OUT, Secrets } from '../../src/server/secrets.js';
import { lastingFailure, plainFailure, strangeFailure } from '../../src/network/network-error.js';
import { anExchange } from '../support/builders.js';

const SECRETS = ['pass word', 'int key', 'p"w\\s', 'one-word'];

const aStatus = (status: number): Exchange => anExchange({ status });
const aBody = (body: unknown): Exchange => anExchange({ body: typeof body === 'string' ? body : JSON.stringify(body) });
const anObject = (object: object): Exchange => aBody({ code: '0', message: 'Success', object: JSON.stringify(object) });
const read = (exchange: Exchange, hasLeft = true) =>
  readLogin(exchange, { hasLeft, now: () => 0, secrets: new Secrets(...SECRETS) });

const TOKENS = { authToken: ' token ', secretCode: 'code' };

describe('a login', () => {
  test.each([
    ['in a string', anObject({ ...TOKENS, sessionTimeout: 1_800_000, passwordExpired: false })],
    ['as an object', aBody({ code: 0, object: TOKENS })],
    ['with "false" in a string', anObject({ ...TOKENS, passwordExpired: 'false' })],
    ['with null', anObject({ ...TOKENS, passwordExpired: null })],
  ])('opens a session with the tokens as they are (%s)', (_, exchange) => {
    expect(read(exchange)).toEqual({ kind: 'opened', session: TOKENS });
  });

  test.each<[string, Exchange, string]>([
    ['an empty secretCode', anObject({ ...TOKENS, secretCode: '' }), 'second factor'],
    ['no secretCode', anObject({ authToken: 'token' }), 'second factor'],
    ['an expired password', anObject({ ...TOKENS, passwordExpired: true }), 'password has expired'],
    ['an expired password, in a string', anObject({ secretCode: '', passwordExpired: 'true' }), 'password has expired'],
    ['no authToken', anObject({ secretCode: 'code' }), 'no authToken'],
    ['an object that is no JSON', aBody({ code: '0', object: 'token' }), 'no authToken'],
    ['wrong credentials', aBody({ code: '23001' }), 'accounts lock'],
    ['a wrong HMAC', aBody({ code: '23022' }), '--integration-secret-file'],
    ['an unknown integration key', aBody({ code: '23024' }), 'integration key'],
    ['a stale timestamp', aBody({ code: 23023 }), 'clock'],
    ['an address that is not allowed', aBody({ code: '23020' }), 'allowed address'],
    [
      'a code that nobody lists',
      aBody({ code: '23055', message: 'Session limit' }),
      '"Session limit"). No document lists',
    ],
    ['an HTML page', aBody('<html>'), 'not the JSON of the web API'],
    ['nothing', aBody(''), 'not the JSON of the web API'],
    ['no code', aBody({ message: 'Success' }), 'not the JSON of the web API'],
    ['a list', aBody([]), 'not the JSON of the web API'],
    ['HTTP 401', aStatus(401), 'accounts lock'],
    ['HTTP 403', aStatus(403), 'accounts lock'],
    ['HTTP 404', aStatus(404), '--auth-base'],
    ['a redirect', aStatus(302), '--auth-base'],
  ])('is refused for good by %s, with words of its own', (_, exchange, words) => {
    expect(read(exchange)).toEqual({
      kind: 'refused',
      reason: expect.stringMatching(/^the administrator could not log in: /) as string,
    });
    expect(read(exchange)).toMatchObject({ reason: expect.stringContaining(words) as string });
  });

  test.each<[string, Exchange, boolean, boolean]>([
    ['no connection', { kind: 'failed', ...plainFailure('the connection was refused') }, false, false],
    ['a cut connection', { kind: 'failed', ...plainFailure('the connection was reset') }, true, true],
    ['a deadline', { kind: 'cut', why: 'no whole reply within 30 s' }, true, true],
    ['HTTP 429', aStatus(429), true, true],
    ['HTTP 503', aStatus(503), true, true],
    ['a database that is away', aBody({ code: '10004' }), true, true],
  ])('may be tried again after %s', (...[, exchange, hasLeft, hasBeenSeen]) => {
    expect(read(exchange, hasLeft)).toMatchObject({ kind: 'failed', hasLeft: hasBeenSeen });
  });

  test('is not made again where no waiting heals what failed', () => {
    const exchange: Exchange = { kind: 'failed', ...lastingFailure('the proxy p:1 says no: ask it') };
    const reason = 'the administrator could not log in: the proxy p:1 says no: ask it.';
    expect(read(exchange, false)).toEqual({ kind: 'refused', reason });
  });

  test('is not made again where something else is there', () => {
    const exchange: Exchange = { kind: 'failed', ...strangeFailure('the reply is no HTTP') };
    const reason = 'the administrator could not log in: the reply is no HTTP. Check --server and --auth-base.';
    expect(read(exchange)).toEqual({ kind: 'refused', reason });
  });

  test('that is refused for its rate says how long to wait', () => {
    expect(read(anExchange({ status: 429, retryAfter: '7' }))).toMatchObject({ kind: 'failed', retryAfterMs: 7000 });
    expect(read(anExchange({ status: 503 }))).toMatchObject({ kind: 'failed', retryAfterMs: undefined });
  });

  test('says what the server says, harmless and without what it quotes of us', () => {
    const said = (message: string) => (read(aBody({ code: '23001', message })) as { reason: string }).reason;
    expect(said('no: pass word \u001b[31m')).toContain('the server says "no: [secret] \\x1b[31m"');
    for (const secret of SECRETS) expect(said(`no: ${secret}`)).not.toContain(secret);
    for (const secret of SECRETS) {
      expect(said(`no: ${Buffer.from(secret).toString('hex')}`)).toContain(`the server says "${LEFT_OUT}"`);
    }
    const { reason } = read(aBody({ code: 'one-word', message: '' })) as { reason: string };
    expect(reason).toContain('return code [secret] (not listed)');
  });
});

describe('a logout', () => {
  const readOut = (exchange: Exchange) => readLogout(exchange, new Secrets(...SECRETS));

  test.each<[string, Exchange, string]>([
    ['code 0', aBody({ code: 0 }), 'ended'],
    ['an unknown session', aBody({ code: '23018' }), 'over'],
    ['no permission, as an old session gets it', aBody({ code: '10001' }), 'over'],
    ['a database error', aBody({ code: '10004' }), 'failed'],
    ['HTTP 503', aStatus(503), 'failed'],
    ['HTTP 429', aStatus(429), 'failed'],
    ['a cut', { kind: 'cut', why: 'no whole reply within 30 s' }, 'failed'],
    ['no connection', { kind: 'failed', ...plainFailure('refused') }, 'failed'],
    ['a certificate that nobody trusts', { kind: 'failed', ...lastingFailure('distrust') }, 'refused'],
    ['what is no HTTP', { kind: 'failed', ...strangeFailure('the reply is no HTTP') }, 'refused'],
    ['a wrong HMAC', aBody({ code: '23022' }), 'refused'],
    ['a code that nobody lists', aBody({ code: '23055' }), 'refused'],
    ['HTTP 404', aStatus(404), 'refused'],
    ['a page', aBody('<html>'), 'refused'],
    ['no code', aBody({ message: 'Success' }), 'refused'],
  ])('by %s', (_, exchange, kind) => {
    expect(readOut(exchange).kind).toBe(kind);
  });

  test('says why there was none, and no secret that the server quotes', () => {
    expect(readOut(aStatus(404))).toMatchObject({ reason: expect.stringContaining('--auth-base') as string });
    const quoted = readOut(aBody({ code: '23022', message: 'int key' }));
    expect(quoted).toMatchObject({ reason: expect.stringContaining('--integration-secret-file') as string });
    expect(JSON.stringify(quoted)).not.toContain('int key');
  });
});
