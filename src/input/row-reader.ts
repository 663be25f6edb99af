import { CsvError, parse } from 'csv-parse';
import type { CsvErrorCode } from 'csv-parse';
import { isKnownColumn } from './column.js';
import { columnKeys } from './column-map.js';
import type { ColumnMap } from './column-map.js';
import { recogniseShape, splitRecord } from './dialect.js';
import type { Dialect, Reading, TextShape } from './dialect.js';
import type { FileRecord, FileRow, RowFile } from './file-row.js';
import { findHeaderLine, headerCause, skipLines, withoutEndMark } from './header-line.js';
import { parseHeader } from './header.js';
import type { Header } from './header.js';
import { addedCells, partRagged, raggedOf } from './ragged-row.js';
import { InputError } from '../core/input-error.js';
import { showText } from '../core/safe-text.js';

/** A record longer than this breaks the file: most often a quote that is never closed. */
export const MAX_RECORD_BYTES = 1024 * 1024;
/** What a spreadsheet has in columns, beside those that we add. */
const MAX_CELLS = 16_384 + 64;
/** Blank lines in a row: as many as a spreadsheet has rows. */
const MAX_BLANKS = 1_048_576;
/** More than the columns that we add ever take: a record that was read can be read again from the results. */
const ADDED_BYTES = 64 * 1024;

export interface Text extends Pick<Dialect, 'encoding' | 'hasBom'> {
  readonly name: string;
  /** Whole characters as UTF-8, without a byte order mark; a problem is why there are no more of them. */
  readonly parts: () => AsyncIterable<{ readonly bytes: Buffer } | { readonly problem: string }>;
}

/** Opens a CSV of any dialect. @throws {InputError} when the file or its header can't be used */
export async function openRowFile(whole: Text, given: CsvOptions = {}): Promise<RowFile> {
  const columns = given.columns ?? {};
  const isKnown = (name: string): boolean => isKnownColumn(columnKeys([name], columns)[0] ?? '');
  const unmarked = { ...whole, parts: () => withoutEndMark(whole.parts()) };
  const head = await readHead(unmarked);
  const firstLine = isOfOurs(head, given) ? 1 : (given.headerLine ?? 1);
  const text = firstLine === 1 ? unmarked : { ...unmarked, parts: () => skipLines(unmarked.parts(), firstLine - 1) };
  const shape = recogniseShape(firstLine === 1 ? head : await readHead(text), given.delimiter, isKnown);
  if ('problem' in shape) throw new InputError(text.name, firstLine, shape.problem);
  const csv: Csv = { ...text, ...shape, firstLine, unwraps: given.unwrapFormulas === true };
  const header = await readHeader(csv, columns).catch((error: unknown) => {
    const found = firstLine === 1 ? findHeaderLine(head, { delimiter: given.delimiter, columns }) : undefined;
    if (!(error instanceof InputError) || found === undefined) throw error;
    const { file, line, problem } = error;
    throw new InputError(
      file,
      line,
      `a header seems to stand on line ${found}: give --header-line ${found}, or take the lines above it away; on this line ${problem}`,
    );
  });
  // Without its mark, UTF-16 would have to be said again for every file that we write.
  const hasBom = text.hasBom || text.encoding.startsWith('utf-16');
  const { encoding } = text;
  const { delimiter, lineEnd } = shape;
  return {
    name: text.name,
    dialect: { encoding, hasBom, delimiter, lineEnd },
    header,
    batches: () => readRows(csv, header),
    records: () => readFromHeader(csv, maxRecordBytes(header)),
  };
}

type CsvOptions = Partial<Pick<Reading, 'delimiter' | 'columns' | 'headerLine' | 'unwrapFormulas'>>;
type Csv = Text & TextShape & { readonly firstLine: number; readonly unwraps: boolean };

/** What is said of the first input's header is not said of the files that we made of it. */
function isOfOurs(head: string, { headerLine = 1, columns = {} }: CsvOptions): boolean {
  if (headerLine === 1) return true;
  const shape = recogniseShape(head, undefined, isKnownColumn);
  if ('problem' in shape) return false;
  const header = parseHeader(splitRecord(head, shape.delimiter).names, columns);
  return !('problem' in header) && header.added !== undefined;
}

/** The beginning, by which a dialect is known: as much as is read at once. */
async function readHead(text: Text): Promise<string> {
  for await (const part of text.parts()) if ('bytes' in part && part.bytes.length > 0) return part.bytes.toString();
  return '';
}

async function readHeader(csv: Csv, columns: ColumnMap): Promise<Header> {
  for await (const { line, cells } of readFromHeader(csv, MAX_RECORD_BYTES)) {
    const header = parseHeader(cells, columns);
    if ('problem' in header) throw new InputError(csv.name, line, headerCause(cells, columns) ?? header.problem);
    return csv.unwraps ? { ...header, unwraps: true } : header;
  }
  const problem =
    csv.firstLine === 1
      ? 'the file is empty: the first line names the columns'
      : 'there is no such line: correct --header-line';
  throw new InputError(csv.name, csv.firstLine, problem);
}

function maxRecordBytes({ added }: Header): number {
  return MAX_RECORD_BYTES + (added === undefined ? 0 : ADDED_BYTES);
}

async function* readFromHeader(csv: Csv, maxBytes: number): AsyncGenerator<FileRecord> {
  let isSeparatorLine = csv.hasSeparatorLine;
  for await (const records of readRecords(csv, maxBytes)) {
    for (const record of records) {
      if (!isSeparatorLine) yield record;
      isSeparatorLine = false;
    }
  }
}

async function* readRows(csv: Csv, header: Header): AsyncGenerator<readonly FileRow[]> {
  const { width, own, added } = header;
  let recordsBefore = csv.hasSeparatorLine ? 2 : 1;
  for await (const records of readRecords(csv, maxRecordBytes(header))) {
    const before = Math.min(recordsBefore, records.length);
    recordsBefore -= before;
    yield records.slice(before).map(({ line, cells }) => {
      if (cells.length !== width) {
        const parted = partRagged(cells, header);
        return { line, ...parted, ragged: raggedOf(parted.cells, own.length, csv.delimiter) };
      }
      if (added === undefined) return { line, cells, added, ragged: undefined };
      const ownCells = own.map((at) => cells[at] ?? '');
      return { line, cells: ownCells, added: addedCells(cells, (_, name) => added[name]), ragged: undefined };
    });
  }
}

/** Nothing that can end a record, and more of it than the parser looks ahead. */
const FILLER = Buffer.from('xxxxxxxx');

/**
 * The records with the line each begins on, a chunk's together; blank lines are passed over. They are taken from the
 * parser chunk by chunk and not through its readable side, which would drop those before a broken record together with it.
 */
async function* readRecords(csv: Csv, maxBytes: number): AsyncGenerator<readonly FileRecord[]> {
  let line = csv.firstLine;
  let [fed, recordsEnd, blanks] = [0, 0, 0];
  let batch: FileRecord[] = [];
  let tooLong: InputError | undefined;
  const broken = (problem: string): InputError => new InputError(csv.name, line, problem);
  const parser = parse({
    delimiter: csv.delimiter,
    relax_column_count: true,
    relax_quotes: csv.unwraps,
    record_delimiter: ['\r\n', '\n', '\r'],
  });
  const counted: { records: number } = parser.info;
  // Not on_record, which describes every record: that takes half as long again as to parse it.
  parser.push = (cells: readonly string[] | null) => {
    const { bytes } = parser.info;
    if (bytes - recordsEnd > maxBytes) tooLong ??= broken(TOO_LONG);
    else if (cells !== null && cells.length > MAX_CELLS) tooLong ??= broken(tooManyCells(cells.length));
    if (cells === null || tooLong !== undefined) return true;
    recordsEnd = bytes;
    // A record of another length than the first would cost an error, which nobody asks for; so each is the first.
    counted.records = 0;
    const isBlank = cells.length === 1 && cells[0]?.trim() === '';
    blanks = isBlank ? blanks + 1 : 0;
    if (blanks > MAX_BLANKS) tooLong = broken(TOO_MANY_BLANKS);
    if (!isBlank) batch.push({ line, cells });
    line += 1 + countLineEnds(cells);
    return true;
  };
  // The callbacks of write and end carry the same error.
  parser.on('error', () => undefined);
  const feed = async (bytes?: Buffer): Promise<{ records: readonly FileRecord[]; error: Error | undefined }> => {
    const error = await new Promise<Error | null | undefined>((resolve) =>
      bytes === undefined ? parser.end(resolve) : parser.write(bytes, resolve),
    );
    const records = batch;
    batch = [];
    fed += bytes?.length ?? 0;
    // The parser's own limit takes no notice of a record that is all commas.
    const isTooLong = fed - recordsEnd > maxBytes + FILLER.length;
    // The parser goes on behind a record that is too long: what it meets there is no longer the first problem.
    if (tooLong !== undefined) return { records, error: tooLong };
    if (error) return { records, error: error instanceof CsvError ? broken(csvProblem(error)) : error };
    return { records, error: isTooLong ? broken(TOO_LONG) : undefined };
  };
  for await (const part of csv.parts()) {
    const isProblem = 'problem' in part;
    // The parser holds whole records back to look ahead. What it makes of the filler itself means nothing.
    const { records, error } = await feed(isProblem ? FILLER : part.bytes);
    yield records;
    if (isProblem) throw broken(part.problem);
    if (error !== undefined) throw error;
  }
  const { records, error } = await feed();
  yield records;
  if (error !== undefined) throw error;
}

function countLineEnds(cells: readonly string[]): number {
  let count = 0;
  for (const cell of cells) {
    if (cell.includes('\n') || cell.includes('\r')) count += cell.match(/\r\n|\n|\r/g)?.length ?? 0;
  }
  return count;
}

const TOO_MANY_BLANKS = `over ${MAX_BLANKS} blank lines end here: take them away`;

function tooManyCells(count: number): string {
  return `this record has ${count} cells, and a spreadsheet has 16384 at most: take away what is too much, or give the right --delimiter`;
}

const TOO_LONG = 'this record is over 1 MiB, most often because a quote is never closed: close it, or shorten the cell';

const CSV_PROBLEMS: Readonly<Partial<Record<CsvErrorCode, string>>> = {
  CSV_QUOTE_NOT_CLOSED:
    'a quote opened in this record is never closed: close it, or double it if it belongs to the text',
  CSV_INVALID_CLOSING_QUOTE:
    'in this record text follows a closing quote: double the quote if it belongs to the text, or put a delimiter behind it',
  INVALID_OPENING_QUOTE:
    'in this record a quote stands inside a cell: quote the whole cell, and double the quote that belongs to the text',
};

function csvProblem(error: CsvError): string {
  if (error.code === 'INVALID_OPENING_QUOTE' && 'field' in error && String(error['field']).trim() === '=') {
    return 'in this record a cell is a formula such as ="00123": give --unwrap-formulas to read it as 00123';
  }
  return CSV_PROBLEMS[error.code] ?? showText(error.message, 300);
}
