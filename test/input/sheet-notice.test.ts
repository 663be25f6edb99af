import { expect, test } from 'vitest';
import { hiddenTexts, sheetText } from '../../src/input/sheet-notice.js';

const SHEET = { name: 'Users\u001b', others: 0, hiddenRows: 0, hiddenColumns: [] };

test.each([
  [0, 'the sheet "Users\\x1b" is read'],
  [1, 'the sheet "Users\\x1b" is read, and not the other one'],
  [2, 'the sheet "Users\\x1b" is read, and not the 2 others'],
])('the sheet is named, and that there are %s others', (others, text) => {
  expect(sheetText({ ...SHEET, others })).toBe(text);
});

test('nothing hidden is nothing to tell', () => {
  expect(hiddenTexts(SHEET, false)).toEqual([]);
});

test('hidden rows are counted, with what becomes of them', () => {
  const read = 'read all the same: look at them, or leave them out with --visible-only';
  expect(hiddenTexts({ ...SHEET, hiddenRows: 2 }, false)).toEqual([
    `2 rows of the sheet are hidden by hand or by a filter, and ${read}`,
  ]);
  expect(hiddenTexts({ ...SHEET, hiddenRows: 1 }, true)).toEqual([
    '1 row of the sheet is hidden by hand or by a filter, and left out',
  ]);
});

test('hidden columns are named', () => {
  expect(hiddenTexts({ ...SHEET, hiddenColumns: ['C status', 'F'] }, true)).toEqual([
    '2 columns of the sheet are hidden, and read all the same: C status, F',
  ]);
});
