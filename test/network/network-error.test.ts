import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALERTS, describeNetworkError, HEALING, LASTING } from '../../src/network/network-error.js';
import { ProxyFailure } from '../../src/network/proxy-failure.js';

const SECRET = 'cenToken=5ecre7';

function anError(code: string | undefined, cause?: unknown): Error {
  return Object.assign(new Error(`failed with ${SECRET}`, { cause }), code === undefined ? {} : { code });
}

const UNLISTED = (code: string): string =>
  `the connection fails for a reason that is not known to pass (${code}): ask those who run the server and the network between`;

describe('what the network did', () => {
  test.each([
    ['ENOTFOUND', 'the server name is not known to DNS'],
    ['EAI_AGAIN', 'DNS gave no answer'],
    ['ECONNREFUSED', 'the connection was refused'],
    ['ECONNRESET', 'the connection was reset'],
    ['EPIPE', 'the connection was closed'],
    ['ETIMEDOUT', 'the connection timed out'],
    ['EHOSTUNREACH', 'there is no route to the server'],
    ['ENETUNREACH', 'there is no route to the server'],
    ['UND_ERR_CONNECT_TIMEOUT', 'no connection in time'],
    ['UND_ERR_SOCKET', 'the connection was closed'],
  ])('%s: %s, and it may pass', (code, why) => {
    expect(describeNetworkError(anError(code))).toEqual({ why, isTooLong: false, canHeal: true });
  });

  test.each([
    ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'the reply is shorter than it says', false],
    ['UND_ERR_HEADERS_OVERFLOW', 'the reply has too many headers', false],
    ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'the reply is over 1 MiB', true],
  ])('%s: %s, and something else may be there', (code, why, isTooLong) => {
    expect(describeNetworkError(anError(code))).toEqual({ why, isTooLong, canHeal: true, isStrange: true });
  });

  test.each([
    ['CERT_NOT_YET_VALID', "the server's certificate is not valid yet: look at this machine's clock"],
    ['CERT_HAS_EXPIRED', "the server's certificate has expired: have it renewed"],
    [
      'ERR_TLS_CERT_ALTNAME_INVALID',
      "the server's certificate is for another name: write --server as the certificate does, or have it made anew",
    ],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', "the server's certificate is self-signed: give its issuer with --ca"],
    ['SELF_SIGNED_CERT_IN_CHAIN', "the issuer of the server's certificate is not trusted: give it with --ca"],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', "the issuer of the server's certificate is not known: give it with --ca"],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', "the issuer of the server's certificate is not known: give it with --ca"],
    [
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      'the server asks for a certificate of ours: give --client-cert and --client-key',
    ],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'the server speaks no TLS at this port: check the port of --server'],
    ['EPROTO', UNLISTED('EPROTO')],
    ['HPE_INVALID_CONSTANT', UNLISTED('HPE_INVALID_CONSTANT')],
  ])('%s: %s, and trying again changes nothing', (code, why) => {
    expect(describeNetworkError(anError(code))).toEqual({ why, isTooLong: false, canHeal: false });
  });

  test('is found one cause deep', () => {
    const error = anError(undefined, anError('ECONNREFUSED'));
    expect(describeNetworkError(error)?.why).toBe('the connection was refused');
  });

  test('is said by the cause of a socket error, where it has one', () => {
    expect(describeNetworkError(anError('UND_ERR_SOCKET', anError('ECONNRESET')))?.why).toBe(
      'the connection was reset',
    );
    expect(describeNetworkError(anError('EPROTO', anError('ECONNRESET')))?.why).toBe(UNLISTED('EPROTO'));
  });

  test('may be that every address of a name refused', () => {
    const error = Object.assign(new AggregateError([anError('ECONNREFUSED')]), { code: 'ECONNREFUSED' });
    expect(describeNetworkError(error)?.why).toBe('the connection was refused');
  });

  test('may be that we cut it off', () => {
    expect(describeNetworkError(new DOMException('aborted', 'AbortError'))).toEqual({
      why: 'cut off',
      isTooLong: false,
      canHeal: true,
    });
  });
});

describe('what is not known to heal is not waited for', () => {
  const tables = { ...HEALING, ...LASTING, ...ALERTS };
  const anyCode = fc.oneof(
    fc.stringMatching(/^[A-Z][A-Z0-9_]{2,40}$/),
    fc.stringMatching(/^ERR_SSL_[A-Z0-9_]{2,40}$/),
    fc.stringMatching(/^(UND_ERR|HPE|ERR_TLS|EAI)_[A-Z]{2,20}$/),
    fc.constantFrom('toString', 'constructor', '__proto__', 'hasOwnProperty', ''),
    fc.constantFrom(...Object.keys(tables)),
  );

  test('whatever the code, as itself or as a cause', () => {
    fc.assert(
      fc.property(anyCode, fc.boolean(), (code, isCause) => {
        const failure = describeNetworkError(isCause ? anError(undefined, anError(code)) : anError(code));
        if (failure === undefined) return;
        expect(failure.canHeal).toBe(Object.hasOwn(HEALING, code));
      }),
      { numRuns: 2_000 },
    );
  });

  test('and is told as a sentence with what to do, never as a bare code', () => {
    fc.assert(
      fc.property(anyCode, (code) => {
        const { why, canHeal } = describeNetworkError(anError(code)) ?? { why: '', canHeal: true };
        if (canHeal) return;
        expect(why).toMatch(/^[a-z][^:]{20,}: [a-z].{10,}/);
        expect(why).not.toContain(SECRET);
      }),
      { numRuns: 2_000 },
    );
  });

  test('no code stands in two tables', () => {
    const codes = [HEALING, LASTING, ALERTS].flatMap((table) => Object.keys(table));
    expect(codes.length).toBe(new Set(codes).size);
  });

  test.each(['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'ERR_SSL_SSL/TLS_ALERT_UNKNOWN_CA', 'ERR_SSL_SSLV3_ALERT_UNKNOWN_CA'])(
    'an alert is known whatever the version of OpenSSL calls it: %s',
    (code) => {
      expect(describeNetworkError(anError(code))?.why).toBe(ALERTS['UNKNOWN_CA']);
    },
  );

  test('a proxy says by itself whether it may', () => {
    for (const canHeal of [true, false]) {
      expect(describeNetworkError(new ProxyFailure('the proxy p:1 said no', canHeal))).toEqual({
        why: 'the proxy p:1 said no',
        isTooLong: false,
        canHeal,
      });
    }
  });
});

describe('what no network can do is a bug, and must be seen', () => {
  test.each([
    ['a mistake in a program', new TypeError('x is not a function')],
    ['an error without a code', new Error('no')],
    ['an error with a number for a code', Object.assign(new Error('no'), { code: 7 })],
    ['an argument that undici does not take', anError('UND_ERR_INVALID_ARG')],
    ['what undici does not support', anError('UND_ERR_NOT_SUPPORTED')],
    ['a handler that returns nonsense', anError('UND_ERR_INVALID_RETURN_VALUE')],
    ['an argument that Node does not take', anError('ERR_INVALID_ARG_TYPE')],
    ['a character that no header may have', anError('ERR_INVALID_CHAR')],
    ['an assertion', anError('ERR_ASSERTION')],
    ['such a thing one cause deep', anError(undefined, anError('ERR_INVALID_URL'))],
    ['another abort than ours', new DOMException('no', 'DataCloneError')],
    ['a text', 'ECONNRESET'],
    ['nothing', undefined],
    ['no error at all', { code: 'ECONNRESET' }],
  ])('%s', (_, error) => {
    expect(describeNetworkError(error)).toBeUndefined();
  });
});

test('the message of an error is never passed on: it may quote what must not be shown', () => {
  for (const code of ['ECONNRESET', 'EPROTO', 'UND_ERR_SOCKET', 'UND_ERR_RES_EXCEEDED_MAX_SIZE']) {
    expect(JSON.stringify(describeNetworkError(anError(code, anError('EPIPE'))))).not.toContain('5ecre7');
  }
});
