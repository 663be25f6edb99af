import { describe, expect, test } from 'vitest';
import { readBook } from '../../src/workbook/book.js';
import type { Book } from '../../src/workbook/book.js';
import { WorkbookParts } from '../../src/workbook/parts.js';
import { relationsOf, sheetOf, sheetsOf, stringsOf, workbookOf, xml } from '../support/workbook.js';

const RELATIONS = 'xl/_rels/workbook.xml.rels';

async function bookOf(bytes: Uint8Array): Promise<Book> {
  return readBook(await WorkbookParts.open(Buffer.from(bytes)));
}

test('sheets are listed in their order, with whether they can be seen', async () => {
  const part = sheetOf('');
  const { sheets } = await bookOf(
    sheetsOf({
      'A &amp; B': { part },
      Old: { as: 'state="hidden"', part },
      Data: { as: 'state="veryHidden"', part },
      _x0041_: { as: 'state="visible"', part },
    }),
  );
  expect(sheets.map(({ name, state }) => [name, state])).toEqual([
    ['A & B', 'visible'],
    ['Old', 'hidden'],
    ['Data', 'veryHidden'],
    ['A', 'visible'],
  ]);
});

test.each([
  'worksheets/sheet1.xml',
  '/xl/worksheets/sheet1.xml',
  './worksheets\\Sheet1.xml',
  '../xl/worksheets/sheet1.xml',
])('a part is found by %s', async (target) => {
  const bytes = workbookOf([], { [RELATIONS]: relationsOf([{ id: 'r1', kind: 'worksheet', target }]) });
  const [sheet] = (await bookOf(bytes)).sheets;
  expect(sheet?.part.toLowerCase()).toBe('xl/worksheets/sheet1.xml');
});

test('a strict workbook, whose names and prefixes are others, is one too', async () => {
  const [main, link] = [
    'http://purl.oclc.org/ooxml/spreadsheetml/main',
    'http://purl.oclc.org/ooxml/officeDocument/relationships',
  ];
  const { sheets, is1904 } = await bookOf(
    workbookOf([], {
      '_rels/.rels': relationsOf([{ id: 'r1', kind: `${link}/officeDocument`, target: 'xl/book.xml' }]),
      'xl/book.xml': xml(
        `<x:workbook xmlns:x="${main}" xmlns:rel="${link}"><x:workbookPr date1904="true"/><x:sheets><x:sheet name="Users" sheetId="1" rel:id="r1"/></x:sheets></x:workbook>`,
      ),
      'xl/_rels/book.xml.rels': relationsOf([{ id: 'r1', kind: `${link}/worksheet`, target: 'worksheets/sheet1.xml' }]),
    }),
  );
  expect(sheets).toEqual([{ name: 'Users', state: 'visible', part: 'xl/worksheets/sheet1.xml' }]);
  expect(is1904).toBe(true);
});

test('charts and dialogs are no sheets of rows', async () => {
  const bytes = workbookOf([], {
    [RELATIONS]: relationsOf([{ id: 'r1', kind: 'chartsheet', target: 'charts/1.xml' }]),
  });
  expect((await bookOf(bytes)).sheets).toEqual([]);
});

test('texts and styles are named only where they are there', async () => {
  const relations = relationsOf([
    { id: 'r1', kind: 'worksheet', target: 'worksheets/sheet1.xml' },
    { id: 'r2', kind: 'styles', target: 'styles.xml' },
    { id: 'r3', kind: 'sharedStrings', target: 'sharedStrings.xml' },
  ]);
  const bytes = workbookOf([], { [RELATIONS]: relations, 'xl/SharedStrings.xml': stringsOf('') });
  expect(await bookOf(bytes)).toMatchObject({ styles: undefined, sharedStrings: 'xl/sharedStrings.xml' });
});

describe('what is no workbook', () => {
  test('is refused where it does not say what belongs to it', async () => {
    const parts = { '_rels/.rels': relationsOf([{ id: 'r1', kind: 'officeDocument', target: 'xl/nowhere.xml' }]) };
    await expect(bookOf(workbookOf([], parts))).rejects.toThrow('is no Excel workbook, or a damaged one');
  });

  test('is refused where it has more sheets than anybody looks through', async () => {
    const sheets = '<sheet name="a" sheetId="1" r:id="r1"/>'.repeat(10_001);
    const parts = { 'xl/workbook.xml': xml(`<workbook xmlns:r="x"><sheets>${sheets}</sheets></workbook>`) };
    await expect(bookOf(workbookOf([], parts))).rejects.toThrow('has over 10000 sheets: keep the one with the rows');
  });
});
