import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeReturnCode } from '../../src/row/return-code.js';
import { openDirectory, type SimulatorUser } from '../../src/simulator/directory.js';
import { register, type DeskRules, type TimestampUnit } from '../../src/simulator/registration-desk.js';
import type { RegistrationRequest } from '../../src/simulator/registration-request.js';
import { Sessions } from '../../src/simulator/sessions.js';
import { anOtpBody, aPkiBody, CEN_TOKEN, HEADERS, SECRETS } from './client.js';
import { asVendorWrites, Openssl } from './openssl.js';

const NOW = Date.UTC(2026, 10, 20, 12, 0, 0, 500);
const openssl = new Openssl();
let signature: Buffer;
let sha1Signature: Buffer;
let detachedSignature: Buffer;

beforeAll(() => {
  const owner = openssl.makeOwner('ec-p256');
  signature = openssl.sign(owner);
  detachedSignature = openssl.signDetached(owner);
  sha1Signature = asVendorWrites(openssl.sign(openssl.makeOwner('rsa'), '-md', 'sha1', '-noattr'));
});
afterAll(() => openssl.remove());

const ann: SimulatorUser = { username: 'ann', active: true, hasOtp: false, hasCertificate: false };

function someRules(changes: Partial<DeskRules> = {}): DeskRules {
  const session = new Sessions(SECRETS.admin);
  session.open(SECRETS);
  return {
    session,
    directory: openDirectory([ann]),
    timestampUnit: 'ms',
    drawKey: () => 'AAAA-BBBB-CCCC-DDDD',
    ...changes,
  };
}

function anOtpRequest(changes: object = {}, request: Partial<RegistrationRequest> = {}): RegistrationRequest {
  return { tokenType: 'otp', admin: SECRETS.admin, headers: HEADERS, body: anOtpBody(changes), at: NOW, ...request };
}

function aPkiRequest(changes: object = {}, signed = signature): RegistrationRequest {
  const body = aPkiBody(signed, { timestamp: String(NOW), ...changes });
  return { tokenType: 'pki', admin: SECRETS.admin, headers: HEADERS, body, at: NOW };
}

/** The code and the part of the message after the documented meaning. */
function judge(request: RegistrationRequest, rules = someRules()): [code: string, problem?: string] {
  const { reply, applied, key } = register(request, rules);
  expect([applied, key, reply.object]).toEqual([false, undefined, '']);
  const meaning = describeReturnCode(reply.code)?.meaning ?? 'undocumented';
  expect(reply.message.startsWith(meaning)).toBe(true);
  return reply.message === meaning ? [reply.code] : [reply.code, reply.message.slice(meaning.length + 2)];
}

describe('a registration that is in order', () => {
  test('OTP answers with the activation key as JSON in a string', () => {
    const rules = someRules();
    expect(register(anOtpRequest(), rules)).toEqual({
      reply: { code: '0', message: 'Success', object: '{"key":"AAAA-BBBB-CCCC-DDDD"}' },
      applied: true,
      key: 'AAAA-BBBB-CCCC-DDDD',
    });
    expect(rules.directory.find('ann')).toEqual({ ...ann, hasOtp: true });
  });

  test('PKI answers with nothing but the code', () => {
    const rules = someRules();
    expect(register(aPkiRequest(), rules)).toEqual({
      reply: { code: '0', message: 'Success', object: '' },
      applied: true,
    });
    expect(rules.directory.find('ann')).toMatchObject({ ...ann, hasCertificate: true });
  });

  test.each(['1', '2', '3', '4'])('status %s is taken', (status) => {
    expect(register(aPkiRequest({ status }), someRules()).applied).toBe(true);
  });

  test("the vendor's own kind of signature is taken, named or not", () => {
    expect(register(aPkiRequest({ algorithm: '0' }, sha1Signature), someRules()).applied).toBe(true);
    expect(register(aPkiRequest({ algorithm: undefined }, sha1Signature), someRules()).reply.code).toBe('10002');
    const body: Record<string, unknown> = { ...aPkiBody(sha1Signature, { timestamp: String(NOW) }) };
    delete body.algorithm;
    expect(register({ ...aPkiRequest(), body }, someRules()).applied).toBe(true);
  });

  test('both kinds of token can be registered to one user', () => {
    const rules = someRules();
    expect([register(anOtpRequest(), rules), register(aPkiRequest(), rules)].map(({ applied }) => applied)).toEqual([
      true,
      true,
    ]);
  });
});

describe('10002: the input is not as documented', () => {
  test('the form comes first', () => {
    expect(judge(anOtpRequest({ extra: '1', cenToken: 'wrong' }))).toEqual([
      '10002',
      'the only fields are username, cenToken',
    ]);
    expect(judge(anOtpRequest({}, { headers: {} }))).toEqual(['10002', 'Content-Type must be application/json']);
  });

  test.each(['0', '5', '', '02', 'valid', ' 2', '__proto__'])('status "%s"', (status) => {
    expect(judge(aPkiRequest({ status }))).toEqual(['10002', 'status must be 1, 2, 3 or 4']);
  });

  test.each(['4', '', '01', 'sha256', '-1', 'toString'])('algorithm "%s"', (algorithm) => {
    expect(judge(aPkiRequest({ algorithm }))).toEqual(['10002', 'algorithm must be 0, 1, 2 or 3']);
  });

  test('a signature that is not standard base64 in one line', () => {
    const base64 = signature.toString('base64');
    const spoiled = [
      '',
      ' ',
      `${base64}\n`,
      ` ${base64}`,
      base64.replace(/.{64}/g, '$&\n'),
      `-----BEGIN PKCS7-----\n${base64}\n-----END PKCS7-----`,
      'AA',
      'AA=',
      'AB==',
      'A===',
      '-_-_',
      `${base64}=`,
    ];
    for (const text of spoiled) {
      expect(judge(aPkiRequest({ signature: text }))).toEqual([
        '10002',
        'signature must be standard base64, padded, in one line',
      ]);
    }
  });
});

describe('the timestamp', () => {
  const at = (timestamp: string, timestampUnit: TimestampUnit = 'ms'): string | undefined => {
    const { reply } = register(aPkiRequest({ timestamp }), someRules({ timestampUnit }));
    return reply.code === '0' ? undefined : `${reply.code} ${reply.message}`;
  };

  test.each([0, -299_999, 299_999, -1000])('%i ms off the server clock is taken', (offset) => {
    expect(at(String(NOW + offset))).toBeUndefined();
  });

  test.each([
    [-300_000, '300 s behind'],
    [300_000, '300 s ahead of'],
    [-86_400_000, '86400 s behind'],
  ])('stale or early by %i ms is refused', (offset, off) => {
    expect(at(String(NOW + offset))).toBe(
      `10002 Invalid input: timestamp is ${off} the server's clock, less than 300 s is allowed`,
    );
  });

  test.each([
    '',
    'now',
    `${NOW}0`,
    `-${String(NOW).slice(1)}`,
    `${String(NOW).slice(0, 10)}.12`,
    ` ${NOW}`.slice(0, 13),
  ])('"%s" is not 13 digits', (timestamp) => {
    expect(at(timestamp)).toBe('10002 Invalid input: timestamp must be 13 digits (ms)');
  });

  test('seconds are refused where milliseconds are expected, and the other way round', () => {
    const seconds = String(Math.floor(NOW / 1000));
    expect(at(seconds)).toBe('10002 Invalid input: timestamp must be 13 digits (ms)');
    expect(at(String(NOW), 's')).toBe('10002 Invalid input: timestamp must be 10 digits (s)');
    expect(at(seconds, 's')).toBeUndefined();
  });

  test('seconds too are 5 minutes off at most', () => {
    const seconds = Math.floor(NOW / 1000);
    expect(at(String(seconds - 299), 's')).toBeUndefined();
    expect(at(String(seconds - 300), 's')).toContain('300 s behind');
    expect(at(String(seconds + 301), 's')).toContain('ahead of');
  });
});

describe('10001: the caller has no right', () => {
  test('a wrong cenToken, a wrong administrator, an ended session', () => {
    expect(judge(anOtpRequest({ cenToken: CEN_TOKEN.toUpperCase() }))).toEqual(['10001']);
    expect(judge(anOtpRequest({}, { admin: 'root' }))).toEqual(['10001']);
    expect(judge(anOtpRequest({}, { admin: undefined }))).toEqual(['10001']);
    const rules = someRules();
    rules.session.end();
    expect(judge(anOtpRequest(), rules)).toEqual(['10001']);
    expect(judge(aPkiRequest(), rules)).toEqual(['10001']);
  });

  test('a user that is out of bounds', () => {
    const rules = someRules();
    rules.session.denyUser('ann');
    expect(judge(anOtpRequest(), rules)).toEqual(['10001']);
    expect(judge(aPkiRequest(), rules)).toEqual(['10001']);
  });

  test('who has no right learns nothing about values or users', () => {
    expect(judge(aPkiRequest({ cenToken: '', status: '9', username: 'nobody' }))).toEqual(['10001']);
  });
});

describe('10011: the signature does not hold', () => {
  test('it says what is wrong', () => {
    expect(judge(aPkiRequest({}, detachedSignature))).toEqual([
      '10011',
      'it is detached: the signed content must be inside',
    ]);
    expect(judge(aPkiRequest({}, Buffer.concat([signature, Buffer.of(0)])))).toEqual([
      '10011',
      '1 bytes follow the PKCS#7 structure',
    ]);
    expect(judge(aPkiRequest({ signature: 'AAAA' }))).toEqual(['10011', 'it is not a PKCS#7 structure']);
  });

  test.each([
    ['0', 'sha1'],
    ['2', 'sha384'],
    ['3', 'sha512'],
  ])('algorithm %s does not stand for a SHA-256 signature', (algorithm, name) => {
    expect(judge(aPkiRequest({ algorithm }))).toEqual([
      '10011',
      `the signature is made with sha256, but algorithm ${algorithm} says ${name}`,
    ]);
  });

  test('a bad signature is found before an unknown user', () => {
    expect(judge(aPkiRequest({ username: 'nobody' }, detachedSignature))[0]).toBe('10011');
  });
});

describe('the user decides last', () => {
  const withUser = (changes: Partial<SimulatorUser>): DeskRules =>
    someRules({ directory: openDirectory([{ ...ann, ...changes }]) });

  test('22002: an unknown user', () => {
    expect(judge(anOtpRequest({ username: 'nobody' }))).toEqual(['22002']);
    expect(judge(aPkiRequest({ username: ' ann' }))).toEqual(['22002']);
  });

  test('22004: an inactive user, whatever is registered', () => {
    expect(judge(anOtpRequest(), withUser({ active: false, hasOtp: true }))).toEqual(['22004']);
    expect(judge(aPkiRequest(), withUser({ active: false, hasCertificate: true }))).toEqual(['22004']);
  });

  test('29008: an OTP token is there, and only that kind counts', () => {
    expect(judge(anOtpRequest(), withUser({ hasOtp: true }))).toEqual(['29008']);
    expect(register(aPkiRequest(), withUser({ hasOtp: true })).applied).toBe(true);
  });

  test('22027: a certificate is there, and only that kind counts', () => {
    expect(judge(aPkiRequest(), withUser({ hasCertificate: true }))).toEqual(['22027']);
    expect(register(anOtpRequest(), withUser({ hasCertificate: true })).applied).toBe(true);
  });

  test('a second registration finds the first', () => {
    const rules = someRules();
    const codes = [anOtpRequest(), anOtpRequest(), aPkiRequest(), aPkiRequest()].map(
      (request) => register(request, rules).reply.code,
    );
    expect(codes).toEqual(['0', '29008', '0', '22027']);
  });
});
