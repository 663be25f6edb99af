import { describe, expect, test } from 'vitest';
import { parseRegistration } from '../../src/row/registration.js';
import { damageOf, isNoName } from '../../src/row/odd-cell.js';
import { aHeader, someCells } from '../support/builders.js';

const DAMAGED = [
  ...['6.01235E+11', '6,01235E+11', '1E-05', '6.01235e+11', '1e+5', '601235000000.0', '601235,0', 'Jos\ufffd'],
  ...[
    '#N/A',
    '#REF!',
    '#NAME?',
    '#DIV/0!',
    '#GETTING_DATA',
    '#n/a',
    '#ref!',
    '#Name?',
    '#nv',
    '#######',
    '#NV',
    '#BEZUG!',
    '#ÜBERLAUF!',
    '#N/D',
    '#NOM?',
  ],
  ...['#VALEUR!', '#¡REF!', '#¿NOMBRE?', '#CAMPO!', '#RIF!', '#NÚM!'],
];
const FINE = [
  ...['601235', 'e11', '1e5', '1E5', '1e', 'ann#1', '#ann', '#Ann!', '#1!', '#', 'a1E+5', '1E5x', '007', 'josé'],
  ...['ann.0', '2.0', '601235.5', '192.168.0.0', 'anne-marie'],
];

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
