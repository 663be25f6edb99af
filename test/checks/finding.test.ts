import { describe, expect, test } from 'vitest';
import { FINDING_KINDS, isError, toFinding } from '../../src/checks/finding.js';
import { INPUT_COLUMN_NAMES } from '../../src/input/column.js';
import { aHeader, someCells } from '../support/builders.js';

const row = { line: 7, inputLine: 3, plan: { kind: 'carry', settlement: {} as never } } as const;

describe('a finding', () => {
  test('says line, column, value and remedy; the line is that of the file that was given', () => {
    const rejection = { column: 'status', reason: '"5" is not known: write 1 to 4' } as const;
    expect(toFinding(rejection, { ...row, cells: someCells({ status: ' 5 ' }) }, aHeader())).toEqual({
      kind: 'status',
      line: 3,
      column: 'status',
      value: '5',
      text: 'status "5" is not known: write 1 to 4',
    });
  });

  test('shortens what stands in the column, and shows what nobody sees', () => {
    const cells = someCells({ username: `\u202e${'x'.repeat(100)}` });
    const { value = '' } = toFinding({ column: 'username', reason: 'is odd' }, { ...row, cells }, aHeader());
    expect(value).toMatch(/^\\u202ex+…$/);
    expect(value).toHaveLength(60);
  });

  test('is about the row where no column is to blame', () => {
    expect(toFinding({ reason: 'two cells' }, { ...row, cells: someCells() }, aHeader())).toEqual({
      kind: 'row',
      line: 3,
      column: undefined,
      value: undefined,
      text: 'two cells',
    });
  });

  test('is an error when the row is not sent for it, else a warning', () => {
    const errors = FINDING_KINDS.filter((kind) => isError({ kind }));
    expect([...errors].sort()).toEqual(['file', 'row', ...INPUT_COLUMN_NAMES].sort());
  });
});
