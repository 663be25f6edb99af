import { describe, expect, test } from 'vitest';
import { parseWorkbookCell } from '../../src/workbook/cell.js';
import type { StoredCell } from '../../src/workbook/cell.js';

const CONTEXT = { sharedStrings: ['ann', ''], is1904: false };

function parse(cell: Partial<StoredCell>, context = CONTEXT): ReturnType<typeof parseWorkbookCell> {
  return parseWorkbookCell({ type: 'n', value: undefined, isDate: false, isFormula: false, ...cell }, context);
}

test.each<[string, Partial<StoredCell>, string]>([
  ['nothing', {}, ''],
  ['an empty number', { value: '' }, ''],
  ['a text of its own', { type: 'inlineStr', value: ' 007 ' }, ' 007 '],
  ['the text of a formula', { type: 'str', value: '1.23E+15', isFormula: true }, '1.23E+15'],
  ['a shared text', { type: 's', value: '0' }, 'ann'],
  ['a shared text that is empty', { type: 's', value: '1' }, ''],
  ['true', { type: 'b', value: '1' }, 'TRUE'],
  ['false', { type: 'b', value: '0' }, 'FALSE'],
  ['an error, as it is seen', { type: 'e', value: '#N/A' }, '#N/A'],
  ['what is no number', { value: 'NaN' }, 'NaN'],
])('%s', (_, cell, text) => {
  expect(parse(cell)).toEqual({ text });
});

test.each([
  ['2', '2'],
  ['-1', '-1'],
  ['0', '0'],
  ['1.5', '1.5'],
  ['0.30000000000000004', '0.3'],
  ['123456789012345', '123456789012345'],
  ['1.2E+12', '1200000000000'],
  ['1.2E-3', '0.0012'],
])('the number %s is what the spreadsheet shows of it: %s', (value, text) => {
  expect(parse({ value })).toEqual({ text, isNumber: true });
});

test.each([['2'], ['x'], ['-1'], ['0.5']])('a shared text %s that the workbook lacks is a problem', (value) => {
  expect(parse({ type: 's', value })).toMatchObject({ problem: expect.stringContaining('lacks') as unknown });
});

describe('what may not be what was typed', () => {
  test.each([
    ['1230000000000000', '1230000000000000'],
    ['1.23456789012346E+018', '1234567890123460000'],
    ['-1E+15', '-1000000000000000'],
  ])('the number %s, of which digits may be lost', (value, text) => {
    const doubt = 'is a number to the spreadsheet, which keeps 15 digits of it';
    expect(parse({ value })).toEqual({ text, doubt, isNumber: true });
  });

  test.each<[Partial<StoredCell>, boolean, string]>([
    [{ isDate: true, value: '46082' }, false, '2026-03-01'],
    [{ isDate: true, value: '44620' }, true, '2026-03-01'],
    [{ isDate: true, value: '46082.520833333336' }, false, '2026-03-01 12:30:00'],
    [{ isDate: true, value: '2958465' }, false, '9999-12-31'],
    [{ type: 'd', value: '2026-03-01' }, false, '2026-03-01'],
    [{ type: 'd', value: '2026-03-01T12:30:00' }, false, '2026-03-01 12:30:00'],
    [{ type: 'd', value: '2026-03-01T12:30:00Z' }, false, '2026-03-01 12:30:00'],
  ])('the date %j (from 1904: %s)', (cell, is1904, text) => {
    expect(parse(cell, { ...CONTEXT, is1904 })).toEqual({ text, doubt: 'is a date to the spreadsheet' });
  });

  test('a date before 1900, which is shown as no date', () => {
    const doubt = 'is a date before 1900 to the spreadsheet';
    expect(parse({ isDate: true, value: '-1.5' })).toEqual({ text: '-1.5', doubt, isNumber: true });
  });

  test('a formula that nobody has calculated', () => {
    const doubt = expect.stringContaining('is a formula whose value is not stored') as unknown;
    expect(parse({ isFormula: true })).toEqual({ text: '', doubt });
    expect(parse({ type: 'str', isFormula: true })).toEqual({ text: '', doubt });
  });
});

const UNSHOWN = 'is a date to the spreadsheet, which it can not show';
const NO_DAY = 'is a date or a time to the spreadsheet';

test.each<[Partial<StoredCell>, string, string]>([
  [{ isDate: true, value: '2958466' }, '2958466', UNSHOWN],
  [{ type: 'd', value: '200000-01-01' }, '200000-01-01', UNSHOWN],
  [{ isDate: true, value: 'x' }, 'x', NO_DAY],
  [{ type: 'd', value: '10:10:10' }, '10:10:10', NO_DAY],
  [{ type: 'd', value: 'PT1H2M3S' }, 'PT1H2M3S', NO_DAY],
])('a date that nobody is shown as one is as it is stored, and odd: %j', (cell, text, doubt) => {
  expect(parse(cell)).toMatchObject({ text, doubt });
});
