import { describe, expect, test } from 'vitest';
import { describeReturnCode, RETURN_CODES, verdictOf } from '../../src/row/return-code.js';
import type { Verdict } from '../../src/row/return-code.js';

type Line = [code: string, meaning: string, otp: Verdict, pki: Verdict, source: string, remedySays: string];

const SEEDS = 'OTP seed, PKI seed';
const VENDOR = 'vendor documentation';
const AUTH_API = 'Authentication API error';

/** The whole table, once more and by hand: what centagate-facts.md says of each code. */
const TABLE: readonly Line[] = [
  ['0', 'Success', 'success', 'success', SEEDS, 'Nothing to do'],
  ['10001', 'Permission is not allowed', 'session', 'session', 'OTP seed, API 2018 (PKI)', 'make a new session'],
  ['10002', 'Invalid input', 'refused', 'refused', SEEDS, '--timestamp-unit'],
  ['10003', 'DB protection error', 'once_more', 'once_more', SEEDS, 'Rerun once'],
  ['10004', 'DB error', 'temporary', 'temporary', SEEDS, "look at the server's database"],
  ['10011', 'Crypto error', 'temporary', 'refused', SEEDS, 'sign again'],
  ['20007', 'Company is inactive', 'stop', 'stop', VENDOR, 'Have the company activated'],
  ['22002', 'User not found', 'refused', 'refused', SEEDS, 'Correct the username'],
  ['22004', 'User is not active', 'refused', 'refused', 'PKI seed', 'Activate the user'],
  ['22013', 'User limit reached', 'stop', 'stop', VENDOR, 'have it extended'],
  [
    '22027',
    'User already bound with a token',
    'already',
    'already',
    'PKI seed',
    'unregister it in the console of CENTAGATE first',
  ],
  ['22029', 'User edit is pending approval', 'later', 'later', VENDOR, 'approved or rejected'],
  ['23001', 'Invalid credentials', 'stop', 'stop', VENDOR, 'accounts lock'],
  ['23016', AUTH_API, 'stop', 'stop', VENDOR, 'check the session'],
  ['23017', AUTH_API, 'stop', 'stop', VENDOR, 'check the session'],
  ['23018', 'Invalid session', 'session', 'session', VENDOR, 'make a new one'],
  ['23019', AUTH_API, 'stop', 'stop', VENDOR, 'check the session'],
  ['23020', "Caller's IP address is not allowed", 'stop', 'stop', VENDOR, 'Run from an allowed address'],
  ['23021', 'Group is not allowed', 'stop', 'stop', VENDOR, 'group allowed'],
  ['23022', 'Wrong HMAC', 'stop', 'stop', VENDOR, 'make a new session'],
  ['23023', 'Request expired', 'stop', 'stop', VENDOR, "Set this machine's clock"],
  ['23024', 'Unknown integration key', 'stop', 'stop', VENDOR, 'Check the integration key'],
  ['23025', 'Web API error', 'temporary', 'temporary', VENDOR, 'look at the server'],
  ['26011', 'Certificate not found', 'refused', 'refused', 'API 2018 (undo)', 'verify tells'],
  ['27001', 'Licence error', 'stop', 'stop', VENDOR, 'licence renewed'],
  ['29001', 'Token not found', 'refused', 'refused', 'API 2018 (OTP)', 'no soft token is free'],
  [
    '29008',
    'An OTP token already registered to this user',
    'already',
    'already',
    'OTP seed',
    'activation key is missing',
  ],
  ['230001', 'Transaction quota is used up', 'stop', 'stop', VENDOR, 'Have the quota raised'],
];

/** The tables of error codes at the foot of the seed pages. */
const OTP_SEED = ['0', '10001', '10002', '10003', '10004', '10011', '22002', '29008'];
const PKI_SEED = ['0', '10002', '10003', '10004', '10011', '22002', '22004', '22027'];

describe('the table of return codes', () => {
  test('holds these codes and no other', () => {
    expect(Object.keys(RETURN_CODES).sort()).toEqual(TABLE.map(([code]) => code).sort());
  });

  test.each(TABLE)('%s: %s', (code, meaning, ...[otp, pki, source, remedySays]) => {
    expect(verdictOf(code, 'otp')).toBe(otp);
    expect(verdictOf(code, 'pki')).toBe(pki);
    expect(describeReturnCode(code)).toMatchObject({ meaning, source, verdict: otp === pki ? otp : { otp, pki } });
    expect(describeReturnCode(code)?.remedy).toContain(remedySays);
  });

  test.each(Object.entries(RETURN_CODES))('%s has a remedy of whole sentences', (_, { remedy, meaning }) => {
    expect(remedy).toMatch(/^[A-Z][^\n]*[a-z)]\.$/);
    expect(meaning).toMatch(/^[A-Z][^\n]*[^.]$/);
  });

  test('knows what some codes say beside the row', () => {
    const codesOf = (fact: 'isForStamp' | 'isStrain' | 'isNoUser' | 'loginRemedy') =>
      Object.keys(RETURN_CODES).filter((code) => describeReturnCode(code)?.[fact] !== undefined);
    expect(codesOf('isForStamp')).toEqual(['10002', '23023']);
    expect(codesOf('isStrain')).toEqual(['10004']);
    expect(codesOf('isNoUser')).toEqual(['22002']);
    expect(codesOf('loginRemedy')).toEqual(['10001', '23001', '23022', '23023']);
  });

  test.each(OTP_SEED)('the OTP page lists %s', (code) => {
    expect(describeReturnCode(code)?.source).toContain('OTP seed');
  });

  test.each(PKI_SEED)('the PKI page lists %s', (code) => {
    expect(describeReturnCode(code)?.source).toContain('PKI seed');
  });

  test('claims for no other code that a seed lists it', () => {
    const claiming = (seed: string) => TABLE.filter(([, , , , source]) => source.includes(seed)).map(([code]) => code);
    expect(claiming('OTP seed')).toEqual(OTP_SEED);
    expect(claiming('PKI seed')).toEqual(PKI_SEED);
  });
});

describe('a verdict', () => {
  test('success is the word for code 0 alone', () => {
    const successes = Object.keys(RETURN_CODES).filter((code) => verdictOf(code, 'otp') === 'success');
    expect(successes).toEqual(['0']);
    expect(verdictOf('0', 'pki')).toBe('success');
  });

  test.each(['1', '-1', '00', '0.0', '+0', 'success', 'OK', '', ' 0', '10005', '99999', 'constructor', '__proto__'])(
    'an unlisted code (%j) is refused, never a success',
    (code) => {
      expect(verdictOf(code, 'otp')).toBe('refused');
      expect(verdictOf(code, 'pki')).toBe('refused');
      expect(describeReturnCode(code)).toBeUndefined();
    },
  );

  test.each(Object.keys(RETURN_CODES))('of %s on a call that registers nothing is never about a signature', (code) => {
    expect(verdictOf(code, 'noToken')).toBe(verdictOf(code, 'otp'));
  });

  test('a crypto error is about the signature for PKI, about the key store for OTP', () => {
    expect(verdictOf('10011', 'pki')).toBe('refused');
    expect(verdictOf('10011', 'otp')).toBe('temporary');
  });
});
