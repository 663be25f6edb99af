import { describe, expect, test } from 'vitest';
import { columnName, readSheet } from '../../src/workbook/sheet.js';
import type { SheetContext, SheetRecord } from '../../src/workbook/sheet.js';
import { rowOf, sheetOf } from '../support/workbook.js';

async function rowsIn(sheet: Uint8Array, context: Partial<SheetContext> = {}): Promise<SheetRecord[]> {
  // Within tags and texts; a megabyte in so small pieces is what no file unpacks to.
  const size = Math.max(50, Math.ceil(sheet.length / 1000));
  const pieces = (async function* () {
    for (let at = 0; at < sheet.length; at += size) {
      yield await Promise.resolve(Buffer.from(sheet.subarray(at, at + size)));
    }
  })();
  const found: SheetRecord[] = [];
  const whole = { sharedStrings: ['ann'], is1904: false, isDateStyle: [false, true], ...context };
  for await (const rows of readSheet(pieces, whole)) found.push(...rows);
  return found;
}

/** Each row in a line: its number, whether it is hidden, its cells. */
async function tell(rows: string, before = '', after = ''): Promise<string[]> {
  const found = await rowsIn(sheetOf(rows, before, after));
  return found.map(({ number, isHidden, cells }) => {
    const texts = Array.from(cells, (cell) => cell?.text ?? '');
    return `${number}${isHidden ? ' hidden' : ''}: ${texts.join(',')}`;
  });
}

describe('rows and cells stand where they say', () => {
  test.each<[string, string, string[]]>([
    ['with their numbers', '<row r="2"><c r="B2" t="s"><v>0</v></c><c r="D2"><v>7</v></c></row>', ['2: ,ann,,7']],
    ['without any', '<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c><v>3</v></c></row>', ['1: 1,2', '3: 3']],
    ['by their cells alone', '<row><c r="A3"><v>1</v></c></row><row><c><v>2</v></c></row>', ['3: 1', '4: 2']],
    ['with a prefix', '<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row>', ['1: 1']],
    ['with blank cells behind, and none in between', '<row r="1"><c r="A1"><v>1</v></c><c r="C1"/></row>', ['1: 1']],
    ['with a style that the workbook lacks', '<row r="1"><c r="A1" s="99"><v>1</v></c></row>', ['1: 1']],
    ['with a date', '<row r="1"><c r="A1" s="1"><v>46082</v></c></row>', ['1: 2026-03-01']],
    ['with the text of a formula', '<row r="1"><c r="A1" t="str"><f>B1</f><v>a_x0041_</v></c></row>', ['1: aA']],
    ['with what is read aloud', '<row r="1"><c t="inlineStr"><is><t>a</t><rPh><t>b</t></rPh></is></c></row>', ['1: a']],
  ])('%s', async (_, rows, found) => {
    expect(await tell(rows)).toEqual(found);
  });

  test('what follows them is nothing to us', async () => {
    expect(await tell(rowOf(1, ['a']), '', '<extLst><row r="1"><c><v>9</v></c></row></extLst>')).toEqual(['1: a']);
  });
});

describe('what nobody sees', () => {
  test('is a row that is hidden, or has no height', async () => {
    const rows =
      rowOf(1, ['a'], 'hidden="1"') + rowOf(2, ['b'], 'ht="0" customHeight="1"') + rowOf(3, ['c'], 'ht="15"');
    expect(await tell(rows)).toEqual(['1 hidden: a', '2 hidden: b', '3: c']);
  });

  test('is any row that does not say otherwise, in a sheet that hides them', async () => {
    const rows = rowOf(1, ['a']) + rowOf(2, ['b'], 'hidden="0"');
    expect(await tell(rows, '<sheetFormatPr zeroHeight="1"/>')).toEqual(['1 hidden: a', '2: b']);
  });

  test('is a column that is hidden, or has no width', async () => {
    const hidden: number[] = [];
    const cols = '<cols><col min="2" max="3" hidden="1"/><col min="4" max="4"/><col min="6" max="6" width="0"/></cols>';
    await rowsIn(sheetOf(rowOf(1, ['a']), cols), { hideColumn: (column) => hidden.push(column) });
    expect(hidden).toEqual([1, 2, 5]);
  });
});

describe('what no sheet can have is refused', () => {
  const damaged = 'is no Excel workbook, or a damaged one';

  test.each<[string, string, string]>([
    [
      'a row beyond the last',
      '<row r="99999999"/>',
      'has a row 99999999, and the last one that a sheet can have is 1048576',
    ],
    [
      'a cell beyond the last column',
      '<row r="1"><c r="XFE1"><v>1</v></c></row>',
      'has a cell in column 16385, and a sheet can have 16384',
    ],
    ['rows out of their order', '<row r="2"/><row r="1"/>', damaged],
    ['a row twice', '<row r="2"/><row r="2"/>', damaged],
    ['a row that is no number', '<row r="x"/>', damaged],
    ['a cell twice', '<row r="1"><c r="B1"/><c r="B1"/></row>', damaged],
    ['a cell that is nowhere', '<row r="1"><c r="7"/></row>', damaged],
    [
      'a text that is nowhere',
      '<row r="4"><c r="C4" t="s"><v>9</v></c></row>',
      'the cell in column C names a text that the workbook lacks',
    ],
    [
      'a cell of more than 1 MiB',
      `<row r="1"><c><v>${'1'.repeat(1024 * 1024 + 1)}</v></c></row>`,
      'has a cell over 1 MiB',
    ],
  ])('%s', async (_, rows, problem) => {
    await expect(tell(rows)).rejects.toThrow(problem);
  });

  test('more ranges of columns than there are columns', async () => {
    const cols = `<cols>${'<col min="1" max="16384" hidden="1"/>'.repeat(16_385)}</cols>`;
    await expect(rowsIn(sheetOf('', cols))).rejects.toThrow('describes its columns over 16384 times');
  });
});

test.each([
  [0, 'A'],
  [25, 'Z'],
  [26, 'AA'],
  [701, 'ZZ'],
  [702, 'AAA'],
  [16_383, 'XFD'],
])('column %s is called %s', (position, name) => {
  expect(columnName(position)).toBe(name);
});

test('has a bound for what cells come to that share a text', async () => {
  const rows = Array.from({ length: 600 }, (_, at) => `<row r="${at + 1}"><c r="A${at + 1}" t="s"><v>0</v></c></row>`);
  const sharedStrings = ['x'.repeat(1024 * 1024)];
  await expect(rowsIn(sheetOf(rows.slice(0, 512).join('')), { sharedStrings })).resolves.toHaveLength(512);
  await expect(rowsIn(sheetOf(rows.join('')), { sharedStrings })).rejects.toThrow('have over 536870912 characters');
});
