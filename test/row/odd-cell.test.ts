import { describe, expect, test } from 'vitest';
import { parseRegistration } from '../../src/row/registration.js';
import { damageOf, isNoName } from '../../src/row/odd-cell.js';
import { aHeader, someCells } from '../support/builders.js';

const DAMAGED = ['6.01235E+11', '6,01235E+11', '1E-05', '#N/A', '#REF!', '#NAME?', '#######', '#NV', 'Jos\ufffd'];
const FINE = ['601235', 'e11', '1e5', '1E5', '1e+5', '1e', 'ann#1', '#ann', 'a1E+5', '1E5x', '007', 'josé'];

describe('a damaged cell', () => {
  test.each(DAMAGED)('is known: %s', (cell) => expect(damageOf(cell)).toBeTypeOf('string'));
  test.each(FINE)('is none: %s', (cell) => expect(damageOf(cell)).toBeUndefined());

  test.each(DAMAGED)('keeps its row back, unless that is allowed: %s', (cell) => {
    for (const column of ['username', 'signature_path'] as const) {
      const cells = someCells({ [column]: cell });
      const parsed = parseRegistration(aHeader(), cells, { defaultStatus: undefined });
      expect(parsed).toMatchObject({ rejections: [{ column }] });
      expect(JSON.stringify(parsed)).toContain('--allow odd-usernames');
      const allowed = ['odd-usernames'] as const;
      expect(parseRegistration(aHeader(), cells, { defaultStatus: undefined, allowed })).toHaveProperty('registration');
    }
  });

  test('is nothing to an OTP row where that reads no path', () => {
    const cells = someCells({ token_type: 'otp', signature_path: '#N/A' });
    expect(parseRegistration(aHeader(), cells, { defaultStatus: undefined })).toHaveProperty('registration');
  });
});

describe('what programs write for no value', () => {
  test.each(['NULL', 'null', 'nan', 'NaN', 'None', 'undefined', 'N/A'])('is known: %s', (name) => {
    expect(isNoName(name)).toBe(true);
  });
  test.each(['', 'nullmann', 'ann', 'nani'])('is not: %j', (name) => expect(isNoName(name)).toBe(false));
});
