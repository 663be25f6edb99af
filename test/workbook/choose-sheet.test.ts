import { describe, expect, test } from 'vitest';
import { chooseSheet } from '../../src/workbook/choose-sheet.js';
import type { SheetEntry } from '../../src/workbook/book.js';

const SHEETS: readonly SheetEntry[] = [
  { name: 'Lists', state: 'hidden', part: 'a' },
  { name: 'Users', state: 'visible', part: 'b' },
  { name: 'Data', state: 'veryHidden', part: 'c' },
  { name: '2026', state: 'visible', part: 'd' },
];

test.each([
  [undefined, 'Users'],
  ['1', 'Users'],
  ['2', '2026'],
  ['2026', '2026'],
  ['Lists', 'Lists'],
  ['Data', 'Data'],
])('--sheet %s reads %s', (wanted, name) => {
  expect(chooseSheet('u.xlsx', SHEETS, wanted).name).toBe(name);
});

describe('where there is none, those that are there are named', () => {
  const names = 'it has: Lists (hidden), Users, Data (hidden), 2026. Give --sheet with one of them.';

  test.each(['3', '0', 'users'])('--sheet %s', (wanted) => {
    expect(() => chooseSheet('u.xlsx', SHEETS, wanted)).toThrow(`u.xlsx:1: there is no sheet "${wanted}"; ${names}`);
  });

  test('all of them are hidden', () => {
    const hidden = SHEETS.filter(({ state }) => state !== 'visible');
    expect(() => chooseSheet('u.xlsx', hidden, undefined)).toThrow(
      'there is no sheet that is not hidden; it has: Lists (hidden), ',
    );
  });

  test('there are none of rows', () => {
    expect(() => chooseSheet('u.xlsx', [], undefined)).toThrow('this workbook has no sheet of rows');
  });
});
