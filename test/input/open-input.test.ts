import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openInput } from '../../src/input/open-input.js';
import type { InputOptions } from '../../src/input/open-input.js';
import { ADDED_COLUMN_NAMES } from '../../src/input/added-column.js';
import type { Delimiter, LineEnd } from '../../src/input/dialect.js';
import type { Encoding } from '../../src/input/encoding.js';
import { eachRow } from '../../src/input/file-row.js';
import type { FileRow, RowFile } from '../../src/input/file-row.js';
import { ReplacedFile } from '../../src/record/replaced-file.js';
import { ResultWriter } from '../../src/record/result-writer.js';
import { openTextEncoding } from '../../src/record/text-encoding.js';
import { Lab } from '../support/lab.js';
import { every, runs } from '../support/suite.js';

const EXCEL = join(import.meta.dirname, '../../fixtures/excel');
const require = createRequire(import.meta.url);
const SPECTRUM = dirname(require.resolve('csv-spectrum'));
const NOTHING_SAID: InputOptions = {
  encoding: undefined,
  delimiter: undefined,
  columns: undefined,
  sheet: undefined,
  remembered: undefined,
};
let lab: Lab;

beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

function open(path: string, said: Partial<InputOptions> = {}): Promise<RowFile> {
  return openInput(path, { ...NOTHING_SAID, ...said });
}

async function rowsOf(file: RowFile): Promise<FileRow[]> {
  const rows: FileRow[] = [];
  for await (const row of eachRow(file)) rows.push(row);
  return rows;
}

async function problemOf(path: string, said: Partial<InputOptions> = {}): Promise<string> {
  try {
    await rowsOf(await open(path, said));
    return 'none';
  } catch (error) {
    return String(error);
  }
}

describe('a file as a spreadsheet saves it', () => {
  const NAMES = ['username', 'token_type', 'signature_path', 'status', 'note'];
  const ROWS = [
    ['müller.anna', 'otp', '', '', 'Zürich; 1st floor, left | 5 £'],
    ['josé', 'pki', 'sub folder/josé.p7s', '2', 'says "hé"'],
    ['00042', 'otp', '', '', 'two\nlines'],
    ["o'brien", 'otp', '', '', ' blanks '],
  ];
  const MARKED = 'save the file as "CSV UTF-8"';
  const WESTERN = { refused: 'such as --encoding windows-1252', said: { encoding: 'windows-1252' } } as const;

  /** What it is refused with at first, if it is, and what has to be said then. */
  const FILES: Record<string, { readonly refused?: string; readonly said?: Partial<InputOptions> }> = {
    'utf-8-comma.csv': {},
    'utf-8-semicolon.csv': {},
    'utf-8-tab.csv': {},
    'utf-8-pipe.csv': {},
    'utf-8-all-quoted.csv': {},
    'utf-8-mark-comma-crlf.csv': {},
    'utf-8-mark-semicolon-crlf.csv': {},
    'windows-1252-comma-crlf.csv': WESTERN,
    'windows-1252-semicolon-crlf.csv': WESTERN,
    'iso-8859-15-tab.csv': { refused: MARKED, said: { encoding: 'iso-8859-15' } },
    'cp850-semicolon-crlf.csv': { refused: '--encoding', said: { encoding: 'cp850' } },
    'cp437-comma-crlf.csv': { refused: '--encoding', said: { encoding: 'cp437' } },
    'macintosh-semicolon-cr.csv': { refused: '--encoding', said: { encoding: 'macintosh' } },
    'utf-16le-libreoffice.csv': {},
    'utf-16le-mark-tab-crlf.csv': {},
    'utf-16be-mark-tab-crlf.csv': {},
    'utf-16le-tab-crlf.csv': { refused: 'give --encoding utf-16le', said: { encoding: 'utf-16le' } },
    'separator-line.csv': {},
    'separator-line-mark.csv': {},
    'no-final-line-end.csv': {},
    'mixed-line-ends.csv': {},
    'blank-lines.csv': {},
    'trailing-empty-columns.csv': {},
    'table.xlsx': {},
    'sheets.xlsx': { refused: 'the header lacks username and token_type', said: { sheet: 'Users' } },
  };

  test.each(Object.entries(FILES))('%s is read as what it says, or refused with what to do', async (name, expected) => {
    const path = join(EXCEL, name);
    if (expected.refused !== undefined) expect(await problemOf(path)).toContain(expected.refused);
    const file = await open(path, expected.said);
    expect(file.header.ownNames.slice(0, 5)).toEqual(NAMES);
    const rows = await rowsOf(file);
    expect(rows.map(({ cells }) => cells.slice(0, 5))).toEqual(ROWS);
    for (const row of rows) {
      expect(row.ragged).toBeUndefined();
      expect(row.cells.slice(5).join('')).toBe('');
    }
  });

  test.each([
    ['workbook-named-csv.csv', 'this is an Excel workbook: give it a name that ends in .xlsx'],
    ['old-workbook.xls', 'this is an old Excel workbook: save it as .xlsx or as "CSV UTF-8"'],
  ])('%s is refused with what to do', async (name, problem) => {
    expect(await problemOf(join(EXCEL, name))).toContain(problem);
  });

  test('each has its place here', () => {
    const elsewhere = ['workbook-named-csv.csv', 'old-workbook.xls', 'numbers.xlsx', 'make.mjs'];
    expect(readdirSync(EXCEL).sort()).toEqual([...Object.keys(FILES), ...elsewhere].sort());
  });
});

describe('the files of csv-spectrum', () => {
  const all = readdirSync(join(SPECTRUM, 'csvs')).map((file) => file.replace('.csv', ''));
  const names = all.filter((name) => name !== 'location_coordinates');
  test.each(every(3, names))('%s has the rows that it should', async (name) => {
    const expected = JSON.parse(readFileSync(join(SPECTRUM, 'json', `${name}.json`), 'utf8')) as Record<
      string,
      string
    >[];
    const [username = '', token_type = ''] = Object.keys(expected[0] ?? {});
    const file = await open(join(SPECTRUM, 'csvs', `${name}.csv`), { columns: { username, token_type } });
    const rows = await rowsOf(file);
    const found = rows.map(({ cells }) => Object.fromEntries(file.header.ownNames.map((key, at) => [key, cells[at]])));
    expect(found).toEqual(expected);
  });

  // What a quote within a bare cell would mean is a guess; its own JSON has another number than the file.
  test('location_coordinates is refused for its quotes', async () => {
    const path = join(SPECTRUM, 'csvs', 'location_coordinates.csv');
    const columns = { username: 'Cities', token_type: 'Counties' };
    expect(await problemOf(path, { columns })).toContain(':2: in this record a quote stands inside a cell');
  });
});

describe('what was read comes back', () => {
  const ENCODINGS: Encoding[] = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'cp850', 'shift_jis', 'gb18030'];
  const added = ADDED_COLUMN_NAMES.map((name) => `${name} Łódź 表`);

  interface Case {
    readonly encoding: Encoding;
    readonly hasBom: boolean;
    readonly delimiter: Delimiter;
    readonly lineEnd: LineEnd;
    readonly rows: readonly (readonly string[])[];
  }
  const cell = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('"', ',', ';', '\t', '|', '\r', '\n', ' ', "'", 'ü', '表', 'sep=', '\ufeff') }),
  );
  const cases: fc.Arbitrary<Case> = fc.record({
    encoding: fc.constantFrom(...ENCODINGS),
    hasBom: fc.boolean(),
    delimiter: fc.constantFrom<Delimiter[]>(',', ';', '\t', '|'),
    lineEnd: fc.constantFrom<LineEnd[]>('\n', '\r\n', '\r'),
    rows: fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 }),
  });

  test('cell for cell from the results, whatever the dialect and the text, and then needs the encoding alone', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ encoding, hasBom, delimiter, lineEnd, rows }) => {
        const { encode, escape } = await openTextEncoding(encoding);
        const isUnicode = encoding.startsWith('utf');
        const dialect = {
          encoding,
          delimiter,
          lineEnd,
          hasBom: encoding.startsWith('utf-16') || (hasBom && isUnicode),
        };
        // NUL is in no text, and no cell can hold what its file could not.
        const table = rows.map((row) => row.map((text) => (isUnicode ? text : escape(text)).replaceAll('\0', '')));
        const quoted = [['username', 'token_type', 'note'], ...table].map(
          (row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(delimiter) + lineEnd,
        );
        const path = lab.file('users.csv', encode((dialect.hasBom ? '\ufeff' : '') + quoted.join('')));
        const input = await open(path, { encoding });
        expect(input.dialect).toEqual(dialect);
        const own = (await rowsOf(input)).map(({ cells }) => cells);
        expect(own).toEqual(table);
        const writer = new ResultWriter(new ReplacedFile(lab.path('users.results.csv')), input.header.ownNames, {
          ...input.dialect,
          encode,
          escape,
        });
        for (const row of own) writer.write(row, added);
        writer.finish();
        writer.place();
        const results = await open(lab.path('users.results.csv'), { remembered: encoding });
        expect(results.dialect).toEqual(dialect);
        expect(results.header.ownNames).toEqual(input.header.ownNames);
        const found = await rowsOf(results);
        expect(found.map(({ cells }) => cells)).toEqual(table);
        expect(found.map((row) => row.added?.detail)).toEqual(table.map(() => escape('detail Łódź 表')));
      }),
      runs(300),
    );
  });
});

test('a workbook is one by its name, in any case, and results of any other file are none', async () => {
  const path = lab.file('Users.XLSX', readFileSync(join(EXCEL, 'table.xlsx')));
  expect(await rowsOf(await open(path))).toHaveLength(4);
  expect(await problemOf(lab.file('users.xlsx', 'username,token_type\n'))).toContain('under the name of a workbook');
});
