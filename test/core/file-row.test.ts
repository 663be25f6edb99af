import { describe, expect, test } from 'vitest';
import { contentText, isRepetition, keyText, lineOf, settlementOf } from '../../src/core/file-row.js';
import type { FileRow } from '../../src/core/file-row.js';
import { InputError } from '../../src/core/input-error.js';
import { addedCells, aFileRow, aHeader, aRowFile, aSettlement, someCells } from '../support/builders.js';

const FILE = aRowFile();
const HEADER = aHeader();

function anEarlierRow(changes: Partial<ReturnType<typeof addedCells>> = {}): FileRow {
  return aFileRow({ line: 9, added: { ...addedCells(aSettlement(), 4), ...changes } });
}

describe('a row of a first input', () => {
  test('has neither a line of its own nor a history', () => {
    expect(lineOf(FILE, aFileRow())).toBeUndefined();
    expect(settlementOf(FILE, aFileRow())).toBeUndefined();
    expect(isRepetition(aFileRow())).toBe(false);
  });
});

describe('a row of a results file', () => {
  test('has the line of the first input, and its history', () => {
    expect(lineOf(FILE, anEarlierRow())).toBe(4);
    expect(settlementOf(FILE, anEarlierRow())).toEqual(aSettlement());
  });

  test('that was added by hand has neither', () => {
    const row = anEarlierRow({ line: '', outcome: '', attempts: '' });
    expect(lineOf(FILE, row)).toBeUndefined();
    expect(settlementOf(FILE, row)).toBeUndefined();
  });

  test.each([
    ['duplicate', true],
    [' duplicate ', true],
    ['registered', false],
    ['', false],
  ])('with outcome %j repeats another one: %s', (outcome, repeats) => {
    expect(isRepetition(anEarlierRow({ outcome }))).toBe(repeats);
  });

  test('that was damaged by hand breaks the file, with file, line, column and remedy', () => {
    const broken = (read: () => unknown): InputError => {
      try {
        read();
      } catch (error) {
        if (error instanceof InputError) return error;
      }
      throw new Error('nothing broke');
    };
    const line = broken(() => lineOf(FILE, anEarlierRow({ line: 'four' })));
    expect(line.message).toBe(
      'users.csv:9: line: "four" is not a line number; this column is not for changing by hand',
    );
    const attempts = broken(() => settlementOf(FILE, anEarlierRow({ attempts: 'many' })));
    expect(attempts.message).toBe(
      'users.csv:9: attempts: "many" is not a number of sends; this column is not for changing by hand',
    );
    expect([attempts.file, attempts.line]).toEqual(['users.csv', 9]);
  });
});

describe('the text that a row is known by', () => {
  test.each([
    [{ username: ' ann ', token_type: 'PKCS7' }, 'pki:ann'],
    [{ username: 'ann', token_type: 'otp-offline' }, 'otp:ann'],
    [{ username: 'a:b', token_type: 'otp' }, 'otp:a:b'],
    [{ username: '', token_type: 'otp' }, undefined],
    [{ username: 'ann', token_type: '' }, undefined],
  ])('%j: %s', (changes, text) => {
    expect(keyText(HEADER, someCells(changes))).toBe(text);
  });
});

describe('the text that tells a repetition from a contradiction', () => {
  const text = (changes: Parameters<typeof someCells>[0]): string => contentText(HEADER, someCells(changes));

  test('is of every column we use, for PKI', () => {
    expect(text({ status: 'valid' })).toBe(text({ status: '2' }));
    expect(text({ status: '1' })).not.toBe(text({ status: '2' }));
  });

  test('is always the same for OTP', () => {
    expect(text({ token_type: 'otp', status: '1' })).toBe(text({ token_type: 'otp-offline', status: '' }));
  });

  test('is there for a row that says nothing', () => {
    expect(text({ username: '', token_type: '' })).toBe('otp');
  });
});
