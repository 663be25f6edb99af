import { describe, expect, test } from 'vitest';
import type { SignatureReading } from '../../src/signature/signature.js';
import { SignatureRemarks } from '../../src/plan/signature-remarks.js';
import { aRegistration } from '../support/builders.js';
import { SIGNATURE } from '../support/row-world.js';

const SHA1 = { kind: 'sha1', text: 'made with SHA-1', once: 'sha1' } as const;
const ODD: SignatureReading = { signature: SIGNATURE, remarks: { fingerprint: 'ab', names: [], warnings: [SHA1] } };

/** Reads the signatures of two rows, as often as told; these are the warnings. */
async function read(reading: SignatureReading, times: number) {
  const registrations = [aRegistration({ username: 'ann' }), aRegistration({ username: 'ben' })];
  const told: { readonly line: number; readonly kind: string }[] = [];
  const remarks = new SignatureRemarks(({ line, kind }) => told.push({ line, kind }));
  const readSignature = remarks.telling(() => reading);
  for (const [at, registration] of registrations.entries()) {
    remarks.note(registration, at + 12);
    for (let time = 0; time < times; time += 1) expect(await readSignature(registration)).toBe(reading);
  }
  return told;
}

describe('what a full check has to say of a signature', () => {
  test('is told once, with the line of the input, however often its row is tried', async () => {
    expect(await read(ODD, 3)).toEqual([
      { line: 12, kind: 'sha1' },
      { line: 13, kind: 'sha1' },
    ]);
  });

  test('is nothing for a signature without a remark, and for a row that is refused', async () => {
    expect(await read({ signature: SIGNATURE }, 2)).toEqual([]);
    expect(await read({ rejection: { reason: 'is no signature' } }, 2)).toEqual([]);
  });
});
