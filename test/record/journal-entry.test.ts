import { describe, expect, test } from 'vitest';
import { contentOf, settlementOfIntent } from '../../src/record/journal-entry.js';
import { aRegistration, NOON } from '../support/builders.js';

test('an intent at the end of a journal may have been sent: it is unknown, and counts', () => {
  expect(settlementOfIntent({ type: 'intent', key: 'otp:ann', attempt: 6, at: NOON })).toMatchObject({
    outcome: 'unknown',
    attempts: 6,
    sentAt: NOON,
  });
});

describe('what was sent', () => {
  test('is the signature, the status and the algorithm, as they are sent', () => {
    const registration = aRegistration({ status: '3', algorithm: undefined });
    const signature = { bytes: Buffer.from('0'), algorithm: '2', digest: 'd1' } as const;
    expect(contentOf(registration, signature)).toEqual({ signature: 'd1', status: '3', algorithm: '2' });
    expect(contentOf(aRegistration({ algorithm: '1' }), signature)).toMatchObject({ algorithm: '1' });
    expect(contentOf(registration, { ...signature, algorithm: undefined })).toMatchObject({ algorithm: '' });
  });

  test('of an OTP row its key says all', () => {
    expect(contentOf({ tokenType: 'otp', username: 'ann' }, undefined)).toBeUndefined();
  });
});
