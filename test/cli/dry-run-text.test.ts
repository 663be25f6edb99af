import { describe, expect, it } from 'vitest';
import { toDryRunLines } from '../../src/cli/dry-run-text.js';
import { showRegistration } from '../../src/checks/shown-request.js';
import { anOtpRegistration } from '../support/builders.js';

const TARGET = { server: 'https://centagate.example', admin: 'alice', timestampUnit: 'ms' } as const;
const OTP = 'https://centagate.example/CentagateWS/webresources/token/register/otp/offline/alice';
const PKI = 'https://centagate.example/CentagateWS/webresources/cert/register/pkcs7/alice';
const REST = 'This was a dry run: nothing was sent.\n';

function request(username: string): ReturnType<typeof showRegistration> {
  return showRegistration({ line: 2, registration: anOtpRegistration({ username }), signature: undefined }, TARGET);
}

describe('what a dry run says', () => {
  it.each([
    [{ otp: 0, pki: 0 }, 'A run would send nothing.'],
    [{ otp: 1, pki: 0 }, `A run would send 1 OTP row to ${OTP}.`],
    [{ otp: 2, pki: 1 }, `A run would send 2 OTP rows to ${OTP}, 1 PKI row to ${PKI}.`],
  ])('is how many rows would go where: %j', (toSend, text) => {
    expect(toDryRunLines({ to_send: toSend, found: {} }, [], TARGET)).toBe(`${text}\n${REST}`);
  });

  it('is how the first of them would look, harmless on a terminal', () => {
    const text = toDryRunLines({ to_send: { otp: 1, pki: 0 }, found: {} }, [request('a\u202eb')], TARGET);
    expect(text).toContain(
      `Line 2:\n  PUT ${OTP}\n  accept: application/json\n  content-type: application/json\n  {"username":"a\\u202eb"`,
    );
  });

  it('is nothing of a file that breaks', () => {
    const found = { file: { severity: 'error', count: 1, first_line: 3 } } as const;
    const text = toDryRunLines({ to_send: { otp: 1, pki: 0 }, found }, [request('ann')], TARGET);
    expect(text).toBe(`A run would send nothing.\n${REST}`);
  });
});
