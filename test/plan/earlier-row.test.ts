import { describe, expect, test } from 'vitest';
import { isLeftStray, isRepetition, lineOf, settlementOf, STRAY } from '../../src/plan/earlier-row.js';
import type { FileRow } from '../../src/input/file-row.js';
import { InputError } from '../../src/core/input-error.js';
import { settleInvalid } from '../../src/row/row-state.js';
import { addedCells, aFileRow, aRowFile, aSettlement } from '../support/builders.js';

const FILE = aRowFile();

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

describe('a row that an earlier run knew no place for', () => {
  const left = (past?: ReturnType<typeof aSettlement>): FileRow =>
    aFileRow({ added: addedCells(settleInvalid(past, STRAY), 9) });

  test('is known by the results that it was written to', () => {
    expect(isLeftStray(left())).toBe(true);
    expect(isLeftStray(anEarlierRow({ outcome: 'invalid', detail: 'username is empty' }))).toBe(false);
  });

  test('is known by those of an earlier version too: these words do not change', () => {
    const detail =
      'line leads to no row of the results, or to one that another row has: give it back its line, or empty the columns from "line" to "detail" to make it a new row';
    expect(isLeftStray(anEarlierRow({ outcome: 'invalid', detail }))).toBe(true);
  });

  test('is a row of the results where it may have been sent', () => {
    expect(isLeftStray(left(aSettlement({ outcome: 'unknown' })))).toBe(false);
  });
});
