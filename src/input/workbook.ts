import { readFileSync, statSync } from 'node:fs';
import { Unzip, UnzipInflate } from 'fflate';
import { readSheet, SheetNotFoundError } from 'read-excel-file/node';
import type { ColumnMap } from './column-map.js';
import type { Dialect, Reading } from './dialect.js';
import type { FileRow, RowFile } from './file-row.js';
import { parseHeader } from './header.js';
import type { Header } from './header.js';
import { InputError } from '../core/input-error.js';
import { entriesOf } from '../core/table.js';
import { showText } from '../core/safe-text.js';
import { unreadableText } from './unreadable.js';
import { parseWorkbookCell } from './workbook-cell.js';
import type { WorkbookCell } from './workbook-cell.js';

/** A workbook is read into memory as a whole, so it may not be larger than this. */
export const MAX_WORKBOOK_BYTES = 50 * 1024 * 1024;
/** Unpacked, it may not be larger than this: some 600,000 rows. */
export const MAX_UNPACKED_BYTES = 128 * 1024 * 1024;
/** As in a CSV, where the rows come back. */
const MAX_ROW_BYTES = 1024 * 1024;
const PIECE = 64 * 1024;

/** Its results are a CSV that spreadsheets open as what it is. */
const DIALECT: Dialect = { encoding: 'utf-8', hasBom: true, delimiter: ',', lineEnd: '\n' };

/** One sheet: the first, or that of this name or number. @throws {InputError} when one of them can't be used */
export async function openWorkbook(path: string, given: Pick<Reading, 'sheet' | 'columns'>): Promise<RowFile> {
  const bytes = readBytes(path);
  checkUnpacked(path, bytes);
  const sheet = (await readCells(path, bytes, given.sheet)).map((row) => row.map(parseWorkbookCell));
  const headerAt = sheet.findIndex((row) => !isBlank(row));
  const header = readHeader(path, sheet[headerAt], { line: headerAt + 1, columns: given.columns ?? {} });
  const zeros = columnsWithZeros(sheet);
  return {
    name: path,
    dialect: DIALECT,
    header,
    batches: async function* () {
      for (const [at, row] of sheet.entries()) {
        // As for a text, others have their turn between the rows.
        if (at > headerAt && !isBlank(row))
          yield await Promise.resolve([toFileRow(row, { path, line: at + 1, header, zeros })]);
      }
    },
    records: async function* () {
      for (const [at, row] of sheet.entries()) {
        if (at < headerAt || isBlank(row)) continue;
        yield await Promise.resolve({ line: at + 1, cells: row.map(({ text }) => text) });
      }
    },
  };
}

function readBytes(path: string): Buffer {
  try {
    const stats = statSync(path);
    // Opening what is no file could wait for ever; a folder says so itself.
    if (!stats.isFile() && !stats.isDirectory()) throw new InputError(path, 1, 'this is no regular file');
    if (stats.size > MAX_WORKBOOK_BYTES) throw tooLarge(path, 'over 50 MiB');
    return readFileSync(path);
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(path, 1, unreadableText(error));
  }
}

/** A few kilobytes can unpack to many gigabytes: they are counted, and dropped, before they are read. */
function checkUnpacked(path: string, bytes: Buffer): void {
  let unpacked = 0;
  const unzip = new Unzip((file) => {
    file.ondata = (error, chunk) => {
      if (error === null) unpacked += chunk.length;
    };
    if (file.compression === 0 || file.compression === 8) file.start();
  });
  unzip.register(UnzipInflate);
  for (let at = 0; at < bytes.length && unpacked <= MAX_UNPACKED_BYTES; at += PIECE) {
    try {
      unzip.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length);
    } catch {
      throw damaged(path);
    }
  }
  if (unpacked > MAX_UNPACKED_BYTES) throw tooLarge(path, 'over 128 MiB when it is unpacked');
}

function tooLarge(path: string, how: string): InputError {
  return new InputError(path, 1, `this workbook is ${how}: save the sheet as "CSV UTF-8", which can have any size`);
}

function damaged(path: string): InputError {
  return new InputError(path, 1, 'this is no Excel workbook, or a damaged one: open it in Excel and save it again');
}

async function readCells(
  path: string,
  bytes: Buffer,
  sheet: string | undefined,
): Promise<readonly (readonly unknown[])[]> {
  const number = sheet !== undefined && /^[1-9]\d{0,3}$/.test(sheet) ? Number(sheet) : undefined;
  try {
    return await readSheet(bytes, number ?? sheet ?? 1, { trim: false, parseNumber: (digits) => ({ digits }) });
  } catch (error) {
    if (error instanceof SheetNotFoundError) {
      const names = 'sheets' in error && Array.isArray(error.sheets) ? error.sheets.map(String).join(', ') : '';
      const problem = `there is no sheet "${showText(sheet ?? '1', 60)}"; it has: ${showText(names, 200)}. Give --sheet with one of them.`;
      throw new InputError(path, 1, problem);
    }
    // Its reader has errors of many kinds for that, some of them those of what it is made of.
    throw damaged(path);
  }
}

function readHeader(
  path: string,
  row: readonly WorkbookCell[] | undefined,
  { line, columns }: { line: number; columns: ColumnMap },
): Header {
  if (row === undefined) throw new InputError(path, 1, 'the sheet is empty: the first row names the columns');
  const header = parseHeader(
    row.map(({ text }) => text),
    columns,
  );
  if ('problem' in header) throw new InputError(path, line, header.problem);
  if (header.added !== undefined) {
    throw new InputError(
      path,
      line,
      'results are read as the CSV that they are: give that, or save this as "CSV UTF-8"',
    );
  }
  return header;
}

function isBlank(row: readonly WorkbookCell[]): boolean {
  return row.every(({ text }) => text.trim() === '');
}

/** Where some cells are text that begins with a zero, those that are numbers may have lost theirs. */
function columnsWithZeros(sheet: readonly (readonly WorkbookCell[])[]): ReadonlySet<number> {
  const found = new Set<number>();
  for (const row of sheet) {
    for (const [at, { text, isNumber }] of row.entries()) if (isNumber !== true && /^0\d+$/.test(text)) found.add(at);
  }
  return found;
}

interface RowContext {
  readonly path: string;
  readonly line: number;
  readonly header: Header;
  readonly zeros: ReadonlySet<number>;
}

function toFileRow(row: readonly WorkbookCell[], { path, line, header, zeros }: RowContext): FileRow {
  const cells = row.map(({ text }) => text);
  if (cells.some((cell) => /\0|\p{Cs}/u.test(cell))) {
    throw new InputError(path, line, 'a cell of this row holds what is no character: type it again');
  }
  if (cells.reduce((bytes, cell) => bytes + Buffer.byteLength(cell), 0) > MAX_ROW_BYTES) {
    throw new InputError(path, line, 'this row is over 1 MiB: shorten its cells');
  }
  const mangled = entriesOf(header.used).flatMap(([column, at]) => {
    const cell = row[at];
    const lost =
      cell?.isNumber === true && zeros.has(at) ? 'is a number, and others here begin with a zero' : undefined;
    const doubt = cell?.doubt ?? lost;
    return doubt === undefined ? [] : [`${column} ${showText(cell?.text ?? '', 40)} ${doubt}`];
  });
  return { line, cells, added: undefined, ...(mangled.length > 0 && { mangled }) };
}
