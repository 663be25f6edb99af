import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADDED_COLUMN_NAMES } from '../../src/input/added-column.js';
import { usedCell } from '../../src/input/header.js';
import { eachRow } from '../../src/input/file-row.js';
import type { FileRow, RowFile } from '../../src/input/file-row.js';
import { InputError } from '../../src/core/input-error.js';
import { MAX_WORKBOOK_BYTES, openWorkbook } from '../../src/input/workbook.js';
import { Lab } from '../support/lab.js';
import { rowOf, sheetOf, sheetsOf, workbookOf, xml } from '../support/workbook.js';

const EXCEL = join(import.meta.dirname, '../../fixtures/excel');
const isRoot = process.getuid?.() === 0;
let lab: Lab;

beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

function open(path: string, sheet?: string, columns?: Record<string, string>): Promise<RowFile> {
  return openWorkbook(path, { sheet, columns });
}

async function rowsOf(file: RowFile): Promise<FileRow[]> {
  const rows: FileRow[] = [];
  for await (const row of eachRow(file)) rows.push(row);
  return rows;
}

/** What is wrong, without the file's name. */
async function problemOf(path: string, sheet?: string): Promise<string> {
  try {
    await rowsOf(await open(path, sheet));
  } catch (error) {
    if (error instanceof InputError) return error.message.replace(path, 'users.xlsx');
    throw error;
  }
  return 'none';
}

function workbook(rows: readonly (readonly string[])[], more: Record<string, Uint8Array> = {}): string {
  return lab.file('users.xlsx', workbookOf(rows, more));
}

const HEADER = ['username', 'token_type', 'note'];

describe('a sheet', () => {
  test('has its rows by their numbers, and passes over blank ones', async () => {
    const file = await open(workbook([[], HEADER, ['ann', 'otp', ''], ['', ' ', ''], [], ['bob', 'otp', 'x']]));
    expect(file.header.ownNames).toEqual(HEADER);
    expect((await rowsOf(file)).map(({ line, cells }) => [line, ...cells])).toEqual([
      [3, 'ann', 'otp', ''],
      [6, 'bob', 'otp', 'x'],
    ]);
  });

  describe('with a title above its header', () => {
    const titled = (): string => workbook([['Export of HR'], [], HEADER, ['ann', 'otp', '']]);

    test('is read from the line that its message names', async () => {
      expect(await problemOf(titled())).toMatch(
        /^users.xlsx:1: a header seems to stand on line 3: give --header-line 3, or take the lines above it away; on this line the header lacks/,
      );
      const file = await openWorkbook(titled(), { sheet: undefined, columns: undefined, headerLine: 3 });
      expect(file.header.ownNames).toEqual(HEADER);
      expect((await rowsOf(file)).map(({ line }) => line)).toEqual([4]);
    });

    test('has no line beyond its end', async () => {
      const opened = openWorkbook(titled(), { sheet: undefined, columns: undefined, headerLine: 9 });
      await expect(opened).rejects.toThrow('users.xlsx:9: there is no such line: correct --header-line');
    });
  });

  test('has texts that are formulas read as what they show, where that is said', async () => {
    const path = workbook([
      ['="username"', 'token_type'],
      ['="00123"', 'otp'],
    ]);
    expect(await problemOf(path)).toContain(':1: the names are formulas such as ="username": give --unwrap-formulas');
    const file = await openWorkbook(path, { sheet: undefined, columns: undefined, unwrapFormulas: true });
    const [row] = await rowsOf(file);
    expect([usedCell(file.header, row!.cells, 'username'), row?.cells]).toEqual(['00123', ['="00123"', 'otp']]);
  });

  test('has names that are formulas read so by a map of what they show', async () => {
    const path = workbook([
      ['="UPN"', '="Kind"'],
      ['ann', 'otp'],
    ]);
    const columns = { username: 'UPN', token_type: 'Kind' };
    await expect(open(path, undefined, columns)).rejects.toThrow(
      ':1: the names are formulas such as ="username": give',
    );
    const file = await openWorkbook(path, { sheet: undefined, columns, unwrapFormulas: true });
    expect(file.header.used).toEqual({ username: 0, token_type: 1 });
  });

  describe('whose first name is a formula', () => {
    const named = (name: string): string => {
      const head = `<row r="1"><c r="A1" t="str">${name}</c><c r="B1" t="str"><v>token_type</v></c></row>`;
      return lab.file('users.xlsx', sheetsOf({ Users: { part: sheetOf(head + rowOf(2, ['ann', 'otp'])) } }));
    };

    test('has it by what it shows', async () => {
      const shown = named('<f>Names!A1</f><v>UPN</v>');
      await expect(open(shown, undefined, { username: '=Names!A1' })).rejects.toThrow(
        ':1: the header has no column =Names!A1, which --map gives for username: a column goes by what its cell shows, and not by a formula; found: UPN,token_type.',
      );
      expect((await open(shown, undefined, { username: 'UPN' })).header.used).toEqual({ username: 0, token_type: 1 });
    });

    test.each([undefined, { username: 'UPN' }])('lacks it where nobody calculated it (%j)', async (columns) => {
      await expect(open(named('<f>Names!A1</f>'), undefined, columns)).rejects.toThrow(
        ':1: the name in column A is a formula whose value is not stored in the file: open it in Excel and save it again; as it is, the header ',
      );
    });
  });

  test.each([
    ['username,token_type', 'ann,otp', undefined],
    ['"UPN";"Kind"', 'ann;otp', { username: 'UPN', token_type: 'Kind' }],
  ])('that stands in one column is to be parted: %s', async (names, row, columns) => {
    await expect(open(workbook([[names], [row]]), undefined, columns)).rejects.toThrow(
      ':1: the whole row stands in one cell: part the column into several (Data > Text to Columns), and save the workbook',
    );
    const parted = [names, row].map((text) => text.replaceAll('"', '').split(/[,;]/));
    expect(await rowsOf(await open(workbook(parted), undefined, columns))).toMatchObject([{ cells: ['ann', 'otp'] }]);
  });

  test('can be read more than once', async () => {
    const file = await open(workbook([HEADER, ['ann', 'otp', '']]));
    expect(await rowsOf(file)).toEqual(await rowsOf(file));
  });

  test('has cells as they stand: text is not trimmed, nor cast', async () => {
    const row = [' 007 ', '1E3', 'a\nb &amp; "c", ü\u{1f511}'];
    const [found] = await rowsOf(await open(workbook([HEADER, row])));
    expect(found?.cells).toEqual([' 007 ', '1E3', 'a\nb & "c", ü\u{1f511}']);
    expect(found?.mangled).toBeUndefined();
  });

  test('has rows of one width: what they lack is empty', async () => {
    const rows = await rowsOf(await open(workbook([HEADER, ['ann', 'otp']])));
    expect(rows).toMatchObject([{ cells: ['ann', 'otp', ''], added: undefined }]);
  });

  test('has results that spreadsheets open as what they are', async () => {
    const { dialect } = await open(workbook([HEADER]));
    expect(dialect).toEqual({ encoding: 'utf-8', hasBom: true, delimiter: ',', lineEnd: '\n' });
  });

  test('may have a header in other words', async () => {
    const path = workbook([
      ['UPN', 'Kind'],
      ['ann', 'otp'],
    ]);
    const file = await open(path, undefined, { username: 'UPN', token_type: 'Kind' });
    expect(file.header.used).toEqual({ username: 0, token_type: 1 });
  });
});

describe('the sheet to read', () => {
  const path = join(EXCEL, 'sheets.xlsx');

  test.each(['Users', '2'])('is found by its name or number: %s', async (sheet) => {
    expect(await rowsOf(await open(path, sheet))).toHaveLength(4);
  });

  test.each([
    ['users', 'there is no sheet "users"; it has: Notes, Users. Give --sheet with one of them.'],
    ['3', 'there is no sheet "3"; it has: Notes, Users. Give --sheet with one of them.'],
  ])('%s is refused with those that are there', async (sheet, problem) => {
    expect(await problemOf(path, sheet)).toBe(`users.xlsx:1: ${problem}`);
  });
});

describe('what a person sees', () => {
  const users = (name: string, as = ''): string => rowOf(1, HEADER) + rowOf(2, [name, 'otp', ''], as);

  test('is the first sheet that is not hidden, which is named', async () => {
    const bytes = sheetsOf({
      Old: { as: 'state="hidden"', part: sheetOf(users('ann')) },
      Users: { part: sheetOf(users('bob')) },
    });
    const file = await open(lab.file('users.xlsx', bytes));
    expect((await rowsOf(file)).map(({ cells }) => cells[0])).toEqual(['bob']);
    expect(file.sheet).toEqual({ name: 'Users', others: 1, hiddenRows: 0, hiddenColumns: [] });
    const old = await open(lab.file('users.xlsx', bytes), 'Old');
    expect((await rowsOf(old)).map(({ cells }) => cells[0])).toEqual(['ann']);
  });

  test('is not what is hidden of it, which is marked and counted, where something stands there', async () => {
    const rows = `${users('ann', 'hidden="1"')}${rowOf(3, ['bob', 'otp', ''])}${rowOf(4, ['', ' ', ''], 'hidden="1"')}`;
    const cols = '<cols><col min="3" max="3" hidden="1"/><col min="7" max="9" hidden="1"/></cols>';
    const file = await open(lab.file('users.xlsx', sheetsOf({ Users: { part: sheetOf(rows, cols) } })));
    expect((await rowsOf(file)).map(({ line, isHidden }) => [line, isHidden])).toEqual([
      [2, true],
      [3, false],
    ]);
    expect(file.sheet).toMatchObject({ hiddenRows: 1, hiddenColumns: ['C note'] });
  });

  test('may be a formula that nobody has calculated: its row does not fall out', async () => {
    const row = '<row r="2"><c r="A2"><f>B7</f></c></row>';
    const path = lab.file('users.xlsx', sheetsOf({ Users: { part: sheetOf(rowOf(1, HEADER) + row) } }));
    const rows = await rowsOf(await open(path));
    expect(rows.map(({ line }) => line)).toEqual([2]);
    expect(rows[0]?.mangled?.[0]).toContain('username is a formula whose value is not stored in the file');
  });
});

test('what a spreadsheet may have changed is told of the cells that we use', async () => {
  const rows = await rowsOf(await open(join(EXCEL, 'numbers.xlsx')));
  expect(rows.map(({ cells, mangled }) => [cells[0], mangled])).toEqual([
    ['00042', undefined],
    ['43', ['username 43 is a number, and others here begin with a zero']],
    ['1230000000000000', ['username 1230000000000000 is a number to the spreadsheet, which keeps 15 digits of it']],
    ['2026-03-01', ['username 2026-03-01 is a date to the spreadsheet']],
    ['ann', undefined],
  ]);
  expect(rows[4]?.cells[3]).toBe('2');
});

describe('a workbook that is too large is refused before it is read', () => {
  test('by its size', async () => {
    const path = lab.file('users.xlsx', '');
    truncateSync(path, MAX_WORKBOOK_BYTES + 1);
    expect(await problemOf(path)).toBe(
      'users.xlsx:1: this workbook is over 50 MiB: save the sheet as "CSV UTF-8", which can have any size',
    );
  });

  test('a cell far right of the header, where no column was left without a name', async () => {
    const rows = rowOf(1, HEADER) + '<row r="20000"><c r="XFD20000"><v>1</v></c></row>';
    const path = lab.file('users.xlsx', sheetsOf({ Users: { part: sheetOf(rows) } }));
    expect(await problemOf(path)).toBe(
      'users.xlsx:20000: a cell stands in column XFD, far right of the header, which ends in C: clear it',
    );
  });

  test('a row over 1 MiB breaks it, as it would break the results', async () => {
    const path = workbook([HEADER, ['ann', 'otp', ''], ['bob', 'otp', 'x'.repeat(1024 * 1024)]]);
    expect(await problemOf(path)).toBe('users.xlsx:3: this row is over 1 MiB: shorten its cells');
  });
});

describe('what is no workbook of rows is refused with what to do', () => {
  const damaged = 'this is no Excel workbook, or a damaged one: open it in Excel and save it again';

  test.each<[string, () => string | Uint8Array]>([
    ['half a workbook', () => readFileSync(join(EXCEL, 'table.xlsx')).subarray(0, 2500)],
    ['a beginning alone', () => Buffer.from('PK\u0003\u0004garbage')],
  ])('%s', async (_, content) => {
    expect(await problemOf(lab.file('users.xlsx', content()))).toBe(`users.xlsx:1: ${damaged}`);
  });

  test.each<[string, () => string | Uint8Array]>([
    ['this is a text under the name of a workbook: if it is a CSV', () => 'username,token_type\nann,otp\n'],
    ['this file is empty: get it anew', () => ''],
    ['this is a web page (HTML)', () => '\ufeff\n<html>'],
    ['this is a web page (HTML)', () => Buffer.from('\ufeff<table>', 'utf16le')],
    ['this is a web page (HTML)', () => Buffer.from('\ufeff<table>', 'utf16le').swap16()],
    ['this is a ZIP archive: unpack it, and give the file in it', () => zipSync({ 'a.txt': new Uint8Array(3) })],
    ['this is an old Excel workbook: save it', () => readFileSync(join(EXCEL, 'old-workbook.xls'))],
    ['this is a gzip archive: unpack it', () => gzipSync(workbookOf([HEADER]))],
  ])('%s', async (problem, content) => {
    expect(await problemOf(lab.file('users.xlsx', content()))).toContain(problem);
  });

  test('any damage to a workbook is an input error or no matter, and never a crash', async () => {
    const whole = readFileSync(join(EXCEL, 'table.xlsx'));
    for (let at = 0; at < whole.length; at += 97) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x55;
      await problemOf(lab.file('users.xlsx', bytes));
    }
  });

  test('what is no XML', async () => {
    const path = lab.file('users.xlsx', workbookOf([HEADER], { 'xl/workbook.xml': xml('<workbook>') }));
    expect(await problemOf(path)).toBe(`users.xlsx:1: ${damaged}`);
  });

  test('an empty sheet', async () => {
    expect(await problemOf(workbook([]))).toBe('users.xlsx:1: the sheet is empty: the first row names the columns');
  });

  test('a header that lacks a column', async () => {
    expect(await problemOf(workbook([[], ['UserID', 'note']]))).toContain(
      'users.xlsx:2: the header lacks username and token_type',
    );
  });

  test('results, which are a CSV', async () => {
    const names = ['username', 'token_type', ...ADDED_COLUMN_NAMES];
    expect(await problemOf(workbook([names]))).toContain('results are read as the CSV that they are');
  });

  test.each(['_x0000_', '_xD800_'])('a cell that holds what is no character (%s)', async (text) => {
    expect(await problemOf(workbook([HEADER, ['ann', 'otp', `a${text}b`]]))).toBe(
      'users.xlsx:2: a cell of this row holds what is no character: type it again',
    );
  });

  test('a missing file, a folder, a pipe', async () => {
    mkdirSync(lab.path('folder.xlsx'));
    execFileSync('mkfifo', [lab.path('pipe.xlsx')]);
    await expect(open(lab.path('nowhere.xlsx'))).rejects.toThrow('nowhere.xlsx:1: there is no such file');
    await expect(open(lab.path('folder.xlsx'))).rejects.toThrow('this is a folder: give a CSV or a workbook');
    await expect(open(lab.path('pipe.xlsx'))).rejects.toThrow('this is no regular file');
  });

  test.skipIf(isRoot)('a file that this user may not read', async () => {
    const path = workbook([HEADER]);
    chmodSync(path, 0);
    await expect(open(path)).rejects.toThrow('no permission to read it');
  });
});
