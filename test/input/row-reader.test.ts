import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADDED_COLUMN_NAMES } from '../../src/input/added-column.js';
import { eachRow } from '../../src/input/file-row.js';
import type { FileRow, RowFile } from '../../src/input/file-row.js';
import { InputError } from '../../src/core/input-error.js';
import { openInputText } from '../../src/input/input-text.js';
import { MAX_RECORD_BYTES } from '../../src/input/records.js';
import { openRowFile } from '../../src/input/row-reader.js';
import { Lab } from '../support/lab.js';
import { Programs } from '../support/programs.js';
import { runs } from '../support/suite.js';

const HEADER = 'username,token_type\n';
/** The size of the pieces in which a file is read. */
const CHUNK = 64 * 1024;
const isRoot = process.getuid?.() === 0;
const programs = new Programs();
let lab: Lab;

beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());
afterAll(() => programs.remove());

async function openPath(path: string): Promise<RowFile> {
  return openRowFile(await openInputText(path));
}

interface Reading {
  readonly rows: readonly FileRow[];
  readonly error: InputError | undefined;
}

/** All rows up to where the file breaks. */
async function readPath(path: string): Promise<Reading> {
  const rows: FileRow[] = [];
  try {
    for await (const row of eachRow(await openPath(path))) rows.push(row);
    return { rows, error: undefined };
  } catch (error) {
    if (error instanceof InputError) return { rows, error };
    throw error;
  }
}

function read(content: string | Uint8Array): Promise<Reading> {
  return readPath(lab.file('users.csv', content));
}

async function rowsOf(content: string | Uint8Array): Promise<readonly FileRow[]> {
  const { rows, error } = await read(content);
  if (error !== undefined) throw error;
  return rows;
}

async function cellsOf(content: string | Uint8Array): Promise<readonly (readonly string[])[]> {
  return (await rowsOf(content)).map((row) => row.cells);
}

async function linesOf(content: string | Uint8Array): Promise<readonly number[]> {
  return (await rowsOf(content)).map((row) => row.line);
}

/** What is wrong, without the file's name. */
async function problemOf(content: string | Uint8Array): Promise<string | undefined> {
  const { error } = await read(content);
  return error?.message.replace(lab.path('users.csv'), 'users.csv');
}

function bytes(...parts: readonly (string | readonly number[])[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));
}

describe('cells', () => {
  test('come as they stand: nothing is trimmed, cast or unescaped but the quotes', async () => {
    const text = 'username,token_type,note\n ann ,otp,007\n"b ""o"" b",OTP,"a,b"\n=1+1,1e3, \n';
    expect(await cellsOf(text)).toEqual([
      [' ann ', 'otp', '007'],
      ['b "o" b', 'OTP', 'a,b'],
      ['=1+1', '1e3', ' '],
    ]);
  });

  test('a byte order mark is no part of the first name', async () => {
    const path = lab.file('users.csv', `\ufeff${HEADER}ann,otp\n`);
    const file = await openPath(path);
    expect([file.header.ownNames, file.name]).toEqual([['username', 'token_type'], path]);
    expect(await cellsOf(`\ufeff"username",token_type\nann,otp\n`)).toEqual([['ann', 'otp']]);
  });

  test('a byte order mark further on is text', async () => {
    expect(await cellsOf(`${HEADER}\ufeffann,otp\n`)).toEqual([['\ufeffann', 'otp']]);
  });

  test.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('lines may end in %s', async (_, end) => {
    const text = ['username,token_type', 'ann,otp', 'bob,otp', ''].join(end);
    expect(await rowsOf(text)).toMatchObject([
      { line: 2, cells: ['ann', 'otp'] },
      { line: 3, cells: ['bob', 'otp'] },
    ]);
  });

  test('line ends may be mixed', async () => {
    const rows = await rowsOf('username,token_type\r\nann,otp\nbob,otp\rcarl,otp\r\n\r\n\n\rdora,otp');
    expect(rows.map(({ line, cells }) => [line, cells[0]])).toEqual([
      [2, 'ann'],
      [3, 'bob'],
      [4, 'carl'],
      [8, 'dora'],
    ]);
  });

  test.each(['ann,otp', 'ann,"otp"', '"ann",otp'])('a last line needs no line end (%s)', async (row) => {
    expect(await cellsOf(HEADER + row)).toEqual([['ann', 'otp']]);
  });

  test('controls are text', async () => {
    expect(await cellsOf(`${HEADER}a\u0001b\u001b[2J,otp\n`)).toEqual([['a\u0001b\u001b[2J', 'otp']]);
  });

  test('any strings that csv-stringify writes come back, in any order of quotes and line ends', async () => {
    const cell = fc.oneof(
      fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
      fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', ' ', '\t', 'a', 'é', '\u{1f511}', "'", '\ufeff') }),
    );
    const table = fc.array(fc.tuple(cell, cell, cell), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom('\n', '\r\n', '\r'), fc.boolean(), async (rows, end, ended) => {
        const text = stringify([['username', 'token_type', 'note'], ...rows], {
          record_delimiter: end,
          quoted_match: /[\r\n]/,
          eof: ended,
        });
        expect(await cellsOf(text)).toEqual(rows);
      }),
      runs(300),
    );
  });

  test('it does not matter where the pieces end in which the file is read', async () => {
    const record = '"a\r\nb""c",é\u{1f511},"x"\r\n';
    const expected = ['a\r\nb"c', 'é\u{1f511}', 'x'];
    const length = Buffer.byteLength(record);
    for (let shift = 0; shift <= length; shift += 1) {
      const head = `username,token_type,note\r\n${'p'.repeat(CHUNK - 40 - shift)},otp,\r\n`;
      const rows = await rowsOf(head + record.repeat(4));
      expect(rows.slice(1).map((row) => row.cells)).toEqual(Array.from({ length: 4 }, () => expected));
      expect(rows.map((row) => row.line)).toEqual([2, 3, 5, 7, 9]);
    }
  });
});

describe('line numbers', () => {
  test('a row has the line that it begins on, whatever stands before', async () => {
    const text = [
      'username,token_type,"a note\nover three\nlines"',
      'ann,otp,',
      '',
      '"bob\r\nb.",otp,"x\ry"',
      '   ',
      'carl,otp,"\n\n"',
      'dora,otp,',
    ].join('\n');
    expect(await linesOf(text)).toEqual([4, 6, 10, 13]);
  });

  test('a quoted CRLF is one line end', async () => {
    expect(await linesOf(`${HEADER}"a\r\nb",otp\r\nbob,otp\r\n`)).toEqual([2, 4]);
  });

  test('blank lines are passed over, and counted; a header may come after them', async () => {
    expect(await linesOf(`\n\r\n${HEADER}\n\nann,otp\n \t\n""\nbob,otp\n\n`)).toEqual([6, 9]);
  });

  test('a row that is all commas is no blank line', async () => {
    expect(await rowsOf(`${HEADER},\n`)).toMatchObject([{ line: 2, cells: ['', ''] }]);
  });

  test('for any cells, it is the number of line ends before the row and one', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '\n', '\r', '"', ',') });
    await fc.assert(
      fc.asyncProperty(fc.array(cell.map((text) => `a${text}`)), async (names) => {
        const rows = names.map((name) => `"${name.replaceAll('"', '""')}",otp\n`);
        const expected = rows.map((_, at) => {
          const before = HEADER + rows.slice(0, at).join('');
          return 1 + (before.match(/\r\n|\r|\n/g) ?? []).length;
        });
        expect(await linesOf(HEADER + rows.join(''))).toEqual(expected);
      }),
      runs(200),
    );
  });
});

describe('ragged rows', () => {
  test('keep the cells that they have, and say how many are expected', async () => {
    expect(await rowsOf('username,token_type,note\nann\nbob,otp,\nann,otp,Smith, John, Jr\n')).toMatchObject([
      { cells: ['ann'], ragged: { found: 1, expected: 3 } },
      { cells: ['bob', 'otp', ''], ragged: undefined },
      { cells: ['ann', 'otp', 'Smith', ' John', ' Jr'], ragged: { found: 5, expected: 3 } },
    ]);
  });

  test('two that differ in quotes alone are no longer the same', async () => {
    const [one, other] = await rowsOf('username,token_type,note\nann,otp,x,y\nann,otp,"x,y"\n');
    expect([one?.cells, other?.cells]).toEqual([
      ['ann', 'otp', 'x', 'y'],
      ['ann', 'otp', 'x,y'],
    ]);
  });
});

describe('a file of earlier results', () => {
  const added = ADDED_COLUMN_NAMES.map((name) => `${name}!`);

  test('own cells and added ones are told apart, wherever the columns stand', async () => {
    const names = ['username', ...ADDED_COLUMN_NAMES.toReversed(), 'token_type', 'note'];
    const row = ['ann', ...added.toReversed(), 'otp', 'x'];
    const expected = Object.fromEntries(ADDED_COLUMN_NAMES.map((name) => [name, `${name}!`]));
    expect(await rowsOf(`${names.join(',')}\n${row.join(',')}\n`)).toMatchObject([
      { cells: ['ann', 'otp', 'x'], added: expected },
    ]);
  });

  test('a row that is cut off behind its own cells has all added ones, empty where they are missing', async () => {
    const text = `username,token_type,${ADDED_COLUMN_NAMES.join(',')}\nann,otp,7\n`;
    const [row] = await rowsOf(text);
    expect(row).toMatchObject({ cells: ['ann', 'otp'], ragged: undefined });
    expect(row?.added).toEqual({ ...Object.fromEntries(ADDED_COLUMN_NAMES.map((name) => [name, ''])), line: '7' });
  });

  const written = ['7', 'invalid', 'fix', '', '', '', '0', '28.11.2026 20:37:43', '', 'why, and what'];
  const names = `username,token_type,${ADDED_COLUMN_NAMES.join(',')}\n`;

  test.each([[['ann']], [['ann', 'otp', 'x']], [['Doe', ' John', 'otp', '', 'z']]])(
    'a ragged row of ours has its own cells as they were, and the added ones behind them: %j',
    async (cells) => {
      const quoted = [...cells, ...written].map((cell) => `"${cell}"`).join(',');
      expect(await rowsOf(`${names}${quoted}\nbob,otp,${'x,'.repeat(9)}x\n`)).toMatchObject([
        {
          cells,
          added: { line: '7', sent_at: '28.11.2026 20:37:43', detail: 'why, and what' },
          ragged: { found: cells.length, expected: 2 },
        },
        { cells: ['bob', 'otp'], ragged: undefined },
      ]);
    },
  );

  test('a row with cells behind the added ones has them as own ones that are too many', async () => {
    expect(await rowsOf(`${names}${['ann', 'otp', ...added, 'more', 'x'].join(',')}\n`)).toMatchObject([
      { cells: ['ann', 'otp', 'more', 'x'], added: { detail: 'detail!' }, ragged: { found: 4, expected: 2 } },
    ]);
  });

  test('whose added columns were moved is read by its header', async () => {
    const text = `${ADDED_COLUMN_NAMES.join(',')},username,token_type\n${[...written.slice(0, 9), 'why', 'ann', 'otp', 'x'].join(',')}\n`;
    expect(await rowsOf(text)).toMatchObject([{ cells: ['ann', 'otp', 'x'], added: { line: '7', detail: 'why' } }]);
  });

  test('the rows of a first input have none', async () => {
    expect(await rowsOf(`${HEADER}ann,otp\n`)).toMatchObject([{ added: undefined }]);
  });
});

test('a file can be read more than once, also at the same time', async () => {
  const file = await openPath(lab.file('users.csv', `${HEADER}ann,otp\nbob,otp\n`));
  const names = async function* () {
    for await (const row of eachRow(file)) yield row.cells[0];
  };
  const [one, other] = [names(), names()];
  const seen = [await one.next(), await other.next(), await one.next(), await other.next(), await one.next()];
  expect(seen.map(({ value }) => value)).toEqual(['ann', 'ann', 'bob', 'bob', undefined]);
});

describe('a file that breaks gives all rows before, and says in which record', () => {
  test('a quote that is never closed, with the line of its record', async () => {
    const { rows, error } = await read(`${HEADER}ann,otp\nbob,"o\ntp\ncarl,otp\ndora,otp\n`);
    expect(rows.map((row) => row.cells[0])).toEqual(['ann']);
    expect(error?.line).toBe(3);
    expect(error?.message).toBe(
      `${lab.path('users.csv')}:3: a quote opened in this record is never closed: close it, or double it if it belongs to the text`,
    );
  });

  test('a quote that opens in the middle of a cell', async () => {
    const { rows, error } = await read(`${HEADER}ann,otp\nbob "the b,otp\ncarl,otp\n`);
    expect(rows).toHaveLength(1);
    expect(error?.message).toMatch(/users\.csv:3: .*a quote stands inside a cell: quote the whole cell/);
  });

  test('text behind a closing quote', async () => {
    const { rows, error } = await read(`${HEADER}ann,otp\n"b\r\nob"by,otp\ncarl,otp\n`);
    expect(rows).toHaveLength(1);
    expect(error?.message).toMatch(/users\.csv:3: .*text follows a closing quote: double the quote/);
  });

  test('the message holds nothing of the cells', async () => {
    for (const row of ['x"secret,otp', '"x"secret,otp', '"x,secret', `secret\u{1b}[2J"`]) {
      expect(await problemOf(`${HEADER}${row}\n`)).not.toMatch(/secret|\p{Cc}/u);
    }
  });

  test.each([
    ['in the middle', bytes('ann,otp\nb', [0xe9], 'la,otp\n'), 29],
    ['as the first byte of a row', bytes('ann,otp\n', [0xff], 'la,otp\n'), 28],
    ['behind a closing quote', bytes('ann,otp\n"bob"', [0xe9], ',otp\n'), 33],
    ['before a line end', bytes('ann,otp\nbob,otp', [0xe9], '\ncarl,otp\n'), 35],
    ['as the last byte', bytes('ann,otp\nbob', [0xc3]), 31],
    ['as half of a character at the end', bytes('ann,otp\nbob', [0xf0, 0x9f, 0x94]), 31],
    ['as a lone continuation', bytes('ann,otp\nbob', [0x80], ',otp\n'), 31],
    ['as a surrogate', bytes('ann,otp\nbob', [0xed, 0xa0, 0x80], ',otp\n'), 31],
    ['as an overlong form', bytes('ann,otp\nbob', [0xc0, 0x80], ',otp\n'), 31],
    ['behind good ones', bytes('ann,otp\nbé', [0xc3, 0x28], ',otp\n'), 31],
  ])('a byte that is not UTF-8, %s', async (_, rest, offset) => {
    const { rows, error } = await read(bytes(HEADER, [...rest]));
    expect(rows.map((row) => [row.line, ...row.cells])).toEqual([[2, 'ann', 'otp']]);
    expect(error?.message).toBe(
      `${lab.path('users.csv')}:3: the byte at offset ${offset} is not UTF-8: say what it is, such as --encoding windows-1252, or save the file as "CSV UTF-8"`,
    );
  });

  test.each(['\n', '\r\n', '\r'])(
    'the line of a byte that is not UTF-8 is right for any line end (%j)',
    async (end) => {
      const head = ['username,token_type', '"a\nb",otp', 'bob,otp', ''].join(end);
      const { rows, error } = await read(bytes(head, [0xe9]));
      expect(rows).toHaveLength(2);
      expect(error?.line).toBe(5);
      expect(error?.message).toContain(`offset ${head.length} `);
    },
  );

  test('the offset of a byte that is not UTF-8 is right, however far in', async () => {
    const text = HEADER + 'änn,otp\n'.repeat(30_000);
    const { rows, error } = await read(bytes(text, [0xe4], 'x,otp\n'));
    expect(rows).toHaveLength(30_000);
    expect(error?.line).toBe(30_002);
    expect(error?.message).toContain(`offset ${Buffer.byteLength(text)} `);
  });

  test('for any good beginning, bytes of Latin-1 break it just where they stand', async () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'é', '\u20ac', '\u{1f511}'), minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(name, { maxLength: 5 }),
        name,
        fc.integer({ min: 0x80, max: 0xff }),
        async (names, half, byte) => {
          const text = HEADER + names.map((cell) => `${cell},otp\n`).join('') + half;
          const { rows, error } = await read(bytes(text, [byte], 'x,otp\n'));
          expect(rows.map((row) => row.cells[0])).toEqual(names);
          expect(error?.message).toContain(`offset ${Buffer.byteLength(text)} `);
        },
      ),
      runs(200),
    );
  });

  test('a character that a piece of the file cuts is no such byte', async () => {
    for (const shift of [1, 2, 3, 4]) {
      const name = 'x'.repeat(CHUNK - HEADER.length - shift);
      expect(await cellsOf(`${HEADER}${name}\u{1f511},otp\n`)).toEqual([[`${name}\u{1f511}`, 'otp']]);
    }
  });
});

describe('a record over 1 MiB breaks the file', () => {
  const around = (length: number): string => `ann,${'x'.repeat(length - 'ann,\n'.length)}\n`;

  test('1 MiB is the longest, counted in bytes with its line end', async () => {
    expect((await read(HEADER + around(MAX_RECORD_BYTES))).error).toBeUndefined();
    const { rows, error } = await read(`${HEADER}bob,otp\n${around(MAX_RECORD_BYTES + 1)}carl,otp\n`);
    expect(rows).toHaveLength(1);
    expect(error?.message).toBe(
      `${lab.path('users.csv')}:3: this record is over 1 MiB, most often because a quote is never closed: close it, or shorten the cell`,
    );
  });

  test('it is what is told, also when another problem follows it in the same part of the file', async () => {
    const { rows, error } = await read(`${HEADER}bob,otp\n${around(MAX_RECORD_BYTES + 1)}carl,"o"tp\n`);
    expect(rows).toHaveLength(1);
    expect(error?.message).toContain('users.csv:3: this record is over 1 MiB');
  });

  test('characters of many bytes count as what they take', async () => {
    const { error } = await read(`${HEADER}ann,${'\u20ac'.repeat(MAX_RECORD_BYTES / 2)}\n`);
    expect(error?.message).toContain('over 1 MiB');
  });

  test('one of nothing but commas is one too', async () => {
    const { error } = await read(`${HEADER}${','.repeat(2 * MAX_RECORD_BYTES)}\n`);
    expect(error?.message).toContain('users.csv:2: this record is over 1 MiB');
  });

  test('a record as long as it may be can be read again from the results', async () => {
    const names = `username,token_type,note,${ADDED_COLUMN_NAMES.join(',')}\n`;
    const row = `ann,otp,${'x'.repeat(MAX_RECORD_BYTES - 'ann,otp,\n'.length)}`;
    const filled = ADDED_COLUMN_NAMES.map(() => '\u20ac'.repeat(500)).join(',');
    expect(await rowsOf(`${names}${row},${filled}\n`)).toHaveLength(1);
  });

  test('many rows are no long record', async () => {
    const rows = await rowsOf(HEADER + 'ann,otp\n'.repeat(300_000));
    expect(rows).toHaveLength(300_000);
  });
});

describe('what no spreadsheet has breaks the file', () => {
  test('a record of more cells than it has columns', async () => {
    const { rows, error } = await read(`${HEADER}ann,otp\nben${','.repeat(16_448)}\n`);
    expect(rows.map(({ line }) => line)).toEqual([2]);
    expect(error?.message).toBe(
      `${lab.path('users.csv')}:3: this record has 16449 cells, and a spreadsheet has 16384 at most: take away what is too much, or give the right --delimiter`,
    );
  });

  test('a header of as many', async () => {
    const header = `username,token_type,${Array.from({ length: 130_000 }, (_, at) => `c${at}`).join(',')}\n`;
    expect(await problemOf(header)).toContain('users.csv:1: this record has 130002 cells');
  });

  test('blank lines without end, but not some here and there', async () => {
    const blanks = '\n'.repeat(1_048_576);
    expect(await rowsOf(`username,token_type${blanks}ann,otp${blanks}ben,otp\n`)).toHaveLength(2);
    expect(await problemOf(`username,token_type${blanks}\n\nann,otp\n`)).toBe(
      'users.csv:1048578: over 1048576 lines that are blank, or delimiters alone, end here: take them away',
    );
  });

  test('rows of delimiters alone without end, with blank lines or without', async () => {
    const rest = `${';\n'.repeat(600_000)}\n${' ; \n'.repeat(448_576)}ann;otp\n`;
    expect(await problemOf(`username;token_type\n${rest}`)).toContain('users.csv:65538: over 65536 lines');
  });
});

describe('what is no CSV is said before anything else', () => {
  test.each([
    ['', 'users.csv:1: the file is empty: the first line names the columns'],
    ['\ufeff', 'users.csv:1: the file is empty: the first line names the columns'],
    ['\n\r\n \n', 'users.csv:1: the file is empty: the first line names the columns'],
  ])('an empty file (%j)', async (text, problem) => {
    expect(await problemOf(text)).toBe(problem);
  });

  test('a header that lacks a column is said with what was found, and the line', async () => {
    expect(await problemOf('\nname;type\nann;otp\n')).toMatch(
      /^users\.csv:2: the header lacks username and token_type; found: name,type\./,
    );
  });

  test('a header alone is a file without rows', async () => {
    expect(await rowsOf(HEADER)).toEqual([]);
    expect(await rowsOf(HEADER.trimEnd())).toEqual([]);
  });

  test.each([
    ['a missing file', 'nowhere.csv', 'there is no such file'],
    ['a folder', 'folder', 'this is a folder: give a CSV or a workbook'],
    ['a pipe, which it does not wait for', 'pipe', 'this is no regular file: give a CSV, or - for standard input'],
    ['a file in a file', 'file/users.csv', 'its folder is a file'],
    ['a name that is too long', 'x'.repeat(300), "it can't be read (ENAMETOOLONG)"],
  ])('%s', async (_, name, problem) => {
    lab.file('file', '');
    mkdirSync(lab.path('folder'));
    execFileSync('mkfifo', [lab.path('pipe')]);
    await expect(openPath(lab.path(name))).rejects.toThrow(new InputError(lab.path(name), 1, problem));
  });

  test.skipIf(isRoot)('a file that this user may not read', async () => {
    const path = lab.file('users.csv', HEADER);
    chmodSync(path, 0);
    await expect(openPath(path)).rejects.toThrow('no permission to read it');
  });

  test('a file that went away since it was opened', async () => {
    const path = lab.file('users.csv', `${HEADER}ann,otp\n`);
    const file = await openPath(path);
    rmSync(path);
    await expect(eachRow(file).next()).rejects.toThrow('there is no such file');
  });

  // Its first page is never there.
  test.runIf(existsSync('/proc/self/mem'))('a file that the disk fails to give', async () => {
    await expect(openPath('/proc/self/mem')).rejects.toThrow(
      new InputError('/proc/self/mem', 1, 'the disk failed while reading it'),
    );
  });

  test('a mistake of this program is no problem of the file', async () => {
    await expect(openPath('a\0b')).rejects.toThrow(TypeError);
  });
});

test('a reader that is left early closes its file', async () => {
  const { stdout } = await programs.run(`
    import { readdirSync, writeFileSync } from 'node:fs';
    import { setTimeout } from 'node:timers/promises';
    import { openInputText } from './input/input-text.js';
    import { openRowFile } from './input/row-reader.js';
    const path = ${JSON.stringify(lab.path('users.csv'))};
    writeFileSync(path, 'username,token_type\\n' + 'ann,otp\\n'.repeat(100_000));
    const openFiles = () => readdirSync('/dev/fd').length;
    const before = openFiles();
    const file = await openRowFile(await openInputText(path));
    for (let n = 0; n < 10; n += 1) for await (const batch of file.batches()) break;
    for (let tries = 0; openFiles() > before && tries < 1000; tries += 1) await setTimeout(10);
    console.log(openFiles() - before);
  `);
  expect(stdout).toBe('0\n');
});
