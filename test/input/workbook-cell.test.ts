import { describe, expect, test } from 'vitest';
import { parseWorkbookCell } from '../../src/input/workbook-cell.js';

test.each([
  [null, ''],
  [undefined, ''],
  ['', ''],
  [' 007 ', ' 007 '],
  ['1.23E+15', '1.23E+15'],
  [true, 'TRUE'],
  [false, 'FALSE'],
])('%j is the text %j', (value, text) => {
  expect(parseWorkbookCell(value)).toEqual({ text });
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
])('the number %s is what the spreadsheet shows of it: %s', (digits, text) => {
  expect(parseWorkbookCell({ digits })).toEqual({ text, isNumber: true });
});

describe('what may not be what was typed', () => {
  test.each([
    ['1230000000000000', '1230000000000000'],
    ['1.23456789012346E+018', '1234567890123460000'],
    ['-1E+15', '-1000000000000000'],
  ])('the number %s, of which digits may be lost', (digits, text) => {
    const doubt = 'is a number to the spreadsheet, which keeps 15 digits of it';
    expect(parseWorkbookCell({ digits })).toEqual({ text, doubt, isNumber: true });
  });

  test.each([
    ['2026-03-01T00:00:00.000Z', '2026-03-01'],
    ['2026-03-01T12:30:00.000Z', '2026-03-01 12:30:00'],
  ])('the date %s', (iso, text) => {
    expect(parseWorkbookCell(new Date(iso))).toEqual({ text, doubt: 'is a date to the spreadsheet' });
  });
});
