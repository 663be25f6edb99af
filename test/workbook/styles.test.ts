import { describe, expect, test } from 'vitest';
import { WorkbookParts } from '../../src/workbook/parts.js';
import { readDateStyles } from '../../src/workbook/styles.js';
import { stylesOf, workbookOf } from '../support/workbook.js';

async function datesIn(inside: string): Promise<readonly boolean[]> {
  const bytes = workbookOf([], { 'xl/styles.xml': stylesOf(inside) });
  return readDateStyles(await WorkbookParts.open(Buffer.from(bytes)), 'xl/styles.xml');
}

test.each([
  ['General', false],
  ['0.00', false],
  ['0.00E+00', false],
  ['#,##0 "days"', false],
  ['[Red]0', false],
  ['[$-409]0', false],
  ['0\\d', false],
  ['_d0', false],
  ['@', false],
  ['yyyy-mm-dd', true],
  ['DD.MM.YY;@', true],
  ['[h]:mm', true],
  ['[$-407]d. mmmm', true],
  ['hh:mm AM/PM', true],
])('the format %s shows a date: %s', async (code, isDate) => {
  const escaped = code.replaceAll('"', '&quot;');
  const formats = `<numFmts><numFmt numFmtId="164" formatCode="${escaped}"/></numFmts>`;
  expect(await datesIn(`${formats}<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>`)).toEqual([false, isDate]);
});

test('formats that need no code are known by their number', async () => {
  const found = await datesIn(
    `<cellXfs>${[0, 14, 22, 23, 45, 49, 58].map((id) => `<xf numFmtId="${id}"/>`).join('')}</cellXfs>`,
  );
  expect(found).toEqual([false, true, true, false, true, false, true]);
});

test('a style has the format of the one that it is made from', async () => {
  const base = '<cellStyleXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellStyleXfs>';
  expect(await datesIn(`${base}<cellXfs><xf xfId="1"/><xf xfId="1" numFmtId="0"/><xf/></cellXfs>`)).toEqual([
    true,
    false,
    false,
  ]);
});

describe('what costs more than it is worth is refused', () => {
  test('a format that is long', async () => {
    const formats = `<numFmts><numFmt numFmtId="164" formatCode="${'['.repeat(256)}"/></numFmts>`;
    await expect(datesIn(formats)).rejects.toThrow(
      'has a number format of 256 characters, over 255: give those cells another',
    );
  });

  test('styles without end', async () => {
    await expect(datesIn(`<cellXfs>${'<xf/>'.repeat(65_537)}</cellXfs>`)).rejects.toThrow('has over 65536 cell styles');
  });
});
