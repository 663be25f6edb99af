import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toRequestBody, toTimestamp, toUndoBody } from '../../src/server/request-body.js';
import type { RequestBody, RequestSecrets, TimestampUnit } from '../../src/server/request-body.js';
import { anOtpRegistration, anyText, anyUnits, aRegistration, NOON } from '../support/builders.js';

const CEN_TOKEN = 'c0ffee'.repeat(10) + '0123';
const UNITS: readonly TimestampUnit[] = ['ms', 's'];

function someSecrets(changes: Partial<RequestSecrets> = {}): RequestSecrets {
  return { cenToken: CEN_TOKEN, signature: { bytes: Buffer.from('MIIB+/8=', 'base64'), algorithm: '1' }, ...changes };
}

/** The bytes that leave, as the endpoint makes them. */
function sentBytes({ text, timestampAt }: RequestBody, unit: TimestampUnit, nowMs = NOON): Buffer {
  const bytes = Buffer.from(text);
  if (timestampAt !== undefined) bytes.write(toTimestamp(nowMs, unit), timestampAt, 'latin1');
  return bytes;
}

function fieldsOf(bytes: Buffer): Record<string, unknown> {
  return JSON.parse(bytes.toString()) as Record<string, unknown>;
}

describe('the request for an OTP token', () => {
  test('holds the two documented keys and no timestamp', () => {
    const body = toRequestBody(anOtpRegistration(), { cenToken: CEN_TOKEN, signature: undefined }, 'ms');
    expect(body).toEqual({ text: `{"username":"ann","cenToken":"${CEN_TOKEN}"}`, timestampAt: undefined });
  });

  test('has no signature, though there is one', () => {
    expect(toRequestBody(anOtpRegistration(), someSecrets(), 's').text).not.toContain('MIIB');
  });
});

describe('the request that takes a token back', () => {
  test('holds the documented keys, as strings, and a status only where one is set', () => {
    const row = anOtpRegistration({ username: 'zoë' });
    expect(toUndoBody(row, { type: '4', status: '3' }, { cenToken: 'c' })).toBe(
      '{"username":"zoë","type":"4","status":"3","cenToken":"c"}',
    );
    expect(toUndoBody(row, { type: '1', status: undefined }, { cenToken: 'c' })).toBe(
      '{"username":"zoë","type":"1","cenToken":"c"}',
    );
  });
});

describe('the request for a PKI token', () => {
  test('holds the six documented keys, in lower camel case and in the order of the sample code', () => {
    const fields = fieldsOf(sentBytes(toRequestBody(aRegistration({ status: '3' }), someSecrets(), 'ms'), 'ms'));
    expect(Object.entries(fields)).toEqual([
      ['username', 'ann'],
      ['signature', 'MIIB+/8='],
      ['algorithm', '1'],
      ['timestamp', '1769860800250'],
      ['status', '3'],
      ['cenToken', CEN_TOKEN],
    ]);
  });

  test('holds the signature whole, also as plain bytes that a thread has sent', () => {
    const bytes = new Uint8Array([0, 0x30, 0x82, 0x01, 0xfb, 0xff, 0]).subarray(1, -1);
    const body = toRequestBody(aRegistration(), someSecrets({ signature: { bytes, algorithm: '1' } }), 'ms');
    expect(fieldsOf(sentBytes(body, 'ms'))['signature']).toBe('MIIB+/8=');
  });

  test('names seconds where the setting says so', () => {
    const fields = fieldsOf(sentBytes(toRequestBody(aRegistration(), someSecrets(), 's'), 's'));
    expect(fields['timestamp']).toBe('1769860800');
  });

  test('names the algorithm of the CSV before that of the signature', () => {
    const body = toRequestBody(aRegistration({ algorithm: '3' }), someSecrets(), 'ms');
    expect(fieldsOf(sentBytes(body, 'ms'))['algorithm']).toBe('3');
  });

  test('names no algorithm where neither says one', () => {
    const secrets = someSecrets({ signature: { bytes: Buffer.from('MIIB', 'base64'), algorithm: undefined } });
    const fields = fieldsOf(sentBytes(toRequestBody(aRegistration(), secrets, 'ms'), 'ms'));
    expect(Object.keys(fields)).toEqual(['username', 'signature', 'timestamp', 'status', 'cenToken']);
  });

  test('says that there is no signature, and leaves it to the server to refuse that', () => {
    const body = toRequestBody(aRegistration(), someSecrets({ signature: undefined }), 'ms');
    expect(fieldsOf(sentBytes(body, 'ms'))).toMatchObject({ signature: '', status: '2' });
  });

  test.each(UNITS)('leaves before it has a time: zeros stand there (%s)', (unit) => {
    const { text } = toRequestBody(aRegistration(), someSecrets(), unit);
    expect(fieldsOf(Buffer.from(text))['timestamp']).toMatch(unit === 'ms' ? /^0{13}$/ : /^0{10}$/);
  });

  test.each(UNITS)('takes the time in the right bytes, whatever the user is called (%s)', (unit) => {
    const usernames = fc.oneof(anyText, anyUnits, fc.constantFrom('"timestamp":"', 'Grüße', '日本', '👩‍🚀', '\\"'));
    fc.assert(
      fc.property(usernames, fc.integer({ min: NOON, max: 2 * NOON }), (username, nowMs) => {
        const registration = aRegistration({ username });
        const body = toRequestBody(registration, someSecrets(), unit);
        const before = Buffer.from(body.text);
        const bytes = sentBytes(body, unit, nowMs);
        expect(bytes).toHaveLength(before.length);
        expect(fieldsOf(bytes)).toEqual({
          ...fieldsOf(before),
          timestamp: String(unit === 'ms' ? nowMs : Math.floor(nowMs / 1000)),
        });
        expect(fieldsOf(bytes)['username']).toBe(username);
      }),
    );
  });
});

test('every value is a string, of known keys alone', () => {
  const KEYS = ['username', 'signature', 'algorithm', 'timestamp', 'status', 'cenToken'];
  for (const registration of [anOtpRegistration(), aRegistration(), aRegistration({ algorithm: '0', status: '4' })]) {
    const fields = fieldsOf(sentBytes(toRequestBody(registration, someSecrets(), 'ms'), 'ms'));
    for (const [key, value] of Object.entries(fields)) {
      expect(KEYS).toContain(key);
      expect(typeof value).toBe('string');
    }
  }
});

describe('a timestamp', () => {
  test.each<[number, TimestampUnit, string]>([
    [NOON, 'ms', '1769860800250'],
    [NOON, 's', '1769860800'],
    [NOON + 999.9, 'ms', '1769860801249'],
    [Date.UTC(2001, 8, 9, 1, 46, 40), 'ms', '1000000000000'],
  ])('of %d in %s is %s', (nowMs, unit, digits) => {
    expect(toTimestamp(nowMs, unit)).toBe(digits);
  });

  test('of a clock that was never set is as old as it says, not a far future', () => {
    expect(toTimestamp(0, 'ms')).toBe('0000000000000');
    expect(toTimestamp(86_400_000, 'ms')).toBe('0000086400000');
    expect(toTimestamp(86_400_000, 's')).toBe('0000086400');
    const body = toRequestBody(aRegistration(), someSecrets(), 'ms');
    expect(fieldsOf(sentBytes(body, 'ms', 86_400_000))['timestamp']).toBe('0000086400000');
  });
});
