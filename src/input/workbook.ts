import { readFileSync, statSync } from 'node:fs';
import { chooseSheet } from '../workbook/choose-sheet.js';
import type { Dialect, Reading } from './dialect.js';
import { findByteOrderMark } from './encoding.js';
import type { FileRow, RowFile } from './file-row.js';
import { archiveProblem, BEGINNING, foreignProblem, foreignText, isText } from '../workbook/foreign-file.js';
import { InputError } from '../core/input-error.js';
import { entriesOf } from '../core/table.js';
import { showText } from '../core/safe-text.js';
import { unreadableText } from './unreadable.js';
import { readBook } from '../workbook/book.js';
import { BLANK } from '../workbook/cell.js';
import { AS_CSV, damaged, PartsError, WorkbookParts } from '../workbook/parts.js';
import { readShape, isBlank, textsOf } from './workbook-shape.js';
import type { ReadRows, SheetShape } from './workbook-shape.js';
import { readSheet, RowError } from '../workbook/sheet.js';
import type { SheetContext, SheetRecord } from '../workbook/sheet.js';
import { readSharedStrings } from '../workbook/strings.js';
import { readDateStyles } from '../workbook/styles.js';
import { XmlError } from '../workbook/xml.js';

/** A workbook's bytes are held in memory while its rows are read, so it may not be larger than this. */
export const MAX_WORKBOOK_BYTES = 50 * 1024 * 1024;

/** Its results are a CSV that spreadsheets open as what it is. */
const DIALECT: Dialect = { encoding: 'utf-8', hasBom: true, delimiter: ',', lineEnd: '\n' };

type SheetOptions = Pick<Reading, 'sheet' | 'columns' | 'headerLine' | 'unwrapFormulas'>;

/** The first visible sheet or the one given, read twice so that no rows are kept. @throws {InputError} */
export async function openWorkbook(path: string, given: SheetOptions): Promise<RowFile> {
  const bytes = readBytes(path);
  return orInputError(path, async () => {
    const parts = await openParts(path, bytes);
    const book = await readBook(parts);
    const sheet = chooseSheet(path, book.sheets, given.sheet);
    const context: SheetContext = {
      is1904: book.is1904,
      sharedStrings: book.sharedStrings === undefined ? [] : await readSharedStrings(parts, book.sharedStrings),
      isDateStyle: book.styles === undefined ? [] : await readDateStyles(parts, book.styles),
    };
    const read: ReadRows = (more) => readSheet(parts.read(sheet.part), { ...context, ...more });
    const shape = await readShape(path, read, given);
    return toRowFile(path, { shape, read, name: sheet.name, others: book.sheets.length - 1 });
  });
}

interface OpenSheet {
  readonly shape: SheetShape;
  readonly read: ReadRows;
  readonly name: string;
  readonly others: number;
}

function toRowFile(path: string, { shape, read, name, others }: OpenSheet): RowFile {
  const { header, headerRow, hiddenRows, hiddenColumns } = shape;
  const rowsFrom = async function* (first: number): AsyncGenerator<readonly SheetRecord[]> {
    try {
      for await (const rows of read()) yield rows.filter((row) => row.number >= first && !isBlank(row));
    } catch (error) {
      throw toInputError(path, error);
    }
  };
  return {
    name: path,
    dialect: DIALECT,
    header,
    sheet: { name, others, hiddenRows, hiddenColumns },
    batches: async function* () {
      for await (const rows of rowsFrom(headerRow + 1)) yield rows.map((row) => toFileRow(row, shape));
    },
    records: async function* () {
      for await (const rows of rowsFrom(headerRow)) {
        for (const row of rows) yield { line: row.number, cells: textsOf(row, header.width) };
      }
    },
  };
}

function toFileRow(row: SheetRecord, { header, zeros }: SheetShape): FileRow {
  const mangled = entriesOf(header.used).flatMap(([column, at]) => {
    const { text, isNumber, doubt } = row.cells[at] ?? BLANK;
    const lost = isNumber === true && zeros.has(at) ? 'is a number, and others here begin with a zero' : undefined;
    const why = doubt ?? lost;
    return why === undefined ? [] : [[column, showText(text, 40), why].filter((part) => part !== '').join(' ')];
  });
  return {
    line: row.number,
    cells: textsOf(row, header.width),
    added: undefined,
    isHidden: row.isHidden,
    ...(mangled.length > 0 && { mangled }),
  };
}

/** What a file is that is no text, and what to do with it. @throws {InputError} where it can't be read */
export async function describeContainer(path: string): Promise<string> {
  const bytes = readBytes(path);
  await orInputError(path, () => openParts(path, bytes));
  return 'this is an Excel workbook: give it a name that ends in .xlsx';
}

async function openParts(path: string, bytes: Buffer): Promise<WorkbookParts> {
  const foreign = foreignProblem(bytes) ?? (isText(bytes) ? misnamedText(bytes) : undefined);
  if (foreign !== undefined) throw new InputError(path, 1, foreign);
  const parts = await WorkbookParts.open(bytes);
  const other = archiveProblem(parts.names);
  if (other !== undefined) throw new InputError(path, 1, other);
  return parts;
}

/** What a text is under the name of a workbook; nothing for bytes that are no text. */
function misnamedText(bytes: Buffer): string | undefined {
  const text = beginningOf(bytes);
  if (text.includes('\0')) return undefined;
  return foreignText(text) ?? 'this is a text under the name of a workbook: if it is a CSV, let its name end in .csv';
}

/** As far as tags and brackets go, which are the same in all encodings but UTF-16. */
function beginningOf(bytes: Buffer): string {
  const mark = findByteOrderMark(bytes);
  const text = bytes.subarray(mark?.length ?? 0, BEGINNING);
  if (mark?.encoding === 'utf-16le') return text.toString('utf16le');
  if (mark?.encoding === 'utf-16be') {
    return Buffer.from(text.subarray(0, text.length - (text.length % 2)))
      .swap16()
      .toString('utf16le');
  }
  return text.toString('latin1');
}

function readBytes(path: string): Buffer {
  try {
    const stats = statSync(path);
    // Opening what is no file could wait for ever; a folder says so itself.
    if (!stats.isFile() && !stats.isDirectory()) throw new InputError(path, 1, 'this is no regular file');
    if (stats.size > MAX_WORKBOOK_BYTES) throw new InputError(path, 1, `this workbook is over 50 MiB: ${AS_CSV}`);
    return readFileSync(path);
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(path, 1, unreadableText(error));
  }
}

/** What can be wrong with the bytes, as a sentence of the file. */
async function orInputError<Value>(path: string, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    throw toInputError(path, error);
  }
}

function toInputError(path: string, error: unknown): unknown {
  if (error instanceof RowError) return new InputError(path, error.row, error.message);
  if (error instanceof PartsError) return new InputError(path, 1, error.message);
  return error instanceof XmlError ? toInputError(path, damaged()) : error;
}
