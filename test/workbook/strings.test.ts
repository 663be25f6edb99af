import { expect, test } from 'vitest';
import { WorkbookParts } from '../../src/workbook/parts.js';
import { readSharedStrings } from '../../src/workbook/strings.js';
import { stringsOf, workbookOf } from '../support/workbook.js';

async function stringsIn(inside: string): Promise<readonly string[]> {
  const bytes = workbookOf([], { 'xl/strings.xml': stringsOf(inside) });
  return readSharedStrings(await WorkbookParts.open(Buffer.from(bytes)), 'xl/strings.xml');
}

test('a text is what is seen of it, however many runs it is in', async () => {
  const strings = await stringsIn(
    '<si><t>ann</t></si><si/><si><r><rPr/><t>b</t></r><r><t xml:space="preserve">ob </t></r></si>' +
      '<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si><si><t>a_x000A_b_x005F_x0041_</t></si>',
  );
  expect(strings).toEqual(['ann', '', 'bob ', '東京', 'a\nb_x0041_']);
});

test('one over 1 MiB is refused, also in runs that are shorter', async () => {
  const run = `<r><t>${'x'.repeat(600 * 1024)}</t></r>`;
  await expect(stringsIn(`<si>${run}${run}</si>`)).rejects.toThrow('has a cell over 1 MiB: shorten it');
});

test('more than the memory is for are refused', async () => {
  await expect(stringsIn('<si/>'.repeat(2_000_001))).rejects.toThrow(
    'has over 2000000 texts: save the sheet as "CSV UTF-8"',
  );
});
