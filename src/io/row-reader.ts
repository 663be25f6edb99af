import { isUtf8 } from 'node:buffer';
import { createReadStream, statSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse';
import type { CsvErrorCode } from 'csv-parse';
import { ADDED_COLUMN_NAMES } from '../core/column.js';
import type { AddedColumn } from '../core/column.js';
import type { FileRow, RowFile } from '../core/file-row.js';
import { parseHeader } from '../core/header.js';
import type { Header } from '../core/header.js';
import { InputError } from '../core/input-error.js';
import { showText } from '../core/safe-text.js';

/** A record longer than this breaks the file: most often a quote that is never closed. */
export const MAX_RECORD_BYTES = 1024 * 1024;
/** More than the columns that we add ever take: a record that was read can be read again from the results. */
const ADDED_BYTES = 64 * 1024;

/**
 * Opens a CSV: UTF-8, with or without BOM, `,` between cells; any line end.
 * @throws {InputError} when the file or its header can't be used
 */
export async function openRowFile(path: string): Promise<RowFile> {
  const header = await readHeader(path);
  return { name: path, header, rows: () => readRows(path, header) };
}

async function readHeader(path: string): Promise<Header> {
  for await (const { line, cells } of readRecords(path, MAX_RECORD_BYTES)) {
    const header = parseHeader(cells);
    if ('problem' in header) throw new InputError(path, line, header.problem);
    return header;
  }
  throw new InputError(path, 1, 'the file is empty: the first line names the columns');
}

interface FileRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

async function* readRows(path: string, header: Header): AsyncGenerator<FileRow> {
  const { width, own, added } = header;
  const maxBytes = MAX_RECORD_BYTES + (added === undefined ? 0 : ADDED_BYTES);
  let isHeader = true;
  for await (const { line, cells } of readRecords(path, maxBytes)) {
    if (isHeader) {
      isHeader = false;
      continue;
    }
    const isRagged = cells.length !== width;
    const whole = isRagged ? fitCells(cells, header) : cells;
    yield {
      line,
      cells: added === undefined ? whole : own.map((at) => whole[at] ?? ''),
      added: added && addedCells(whole, added),
      raggedWidth: isRagged ? cells.length : undefined,
    };
  }
}

function addedCells(cells: readonly string[], added: Record<AddedColumn, number>): Record<AddedColumn, string> {
  // Object.fromEntries loses the names, which are all there.
  return Object.fromEntries(ADDED_COLUMN_NAMES.map((name) => [name, cells[added[name]] ?? ''])) as Record<
    AddedColumn,
    string
  >;
}

/** Too few cells are filled up; too many are kept in the last own one, so that nothing is lost. */
function fitCells(cells: readonly string[], { width, own }: Header): readonly string[] {
  const fitted = Array.from({ length: width }, (_, at) => cells[at] ?? '');
  const last = own.at(-1);
  if (cells.length > width && last !== undefined) fitted[last] = [fitted[last], ...cells.slice(width)].join(',');
  return fitted;
}

/** Nothing that can end a record, and more of it than the parser looks ahead. */
const FILLER = Buffer.from('xxxxxxxx');

/**
 * The records with the line each begins on; blank lines are passed over. They are taken from the parser one chunk at a
 * time and not through its readable side, which would drop those before a broken record together with it.
 */
async function* readRecords(path: string, maxBytes: number): AsyncGenerator<FileRecord> {
  let line = 1;
  let [fed, recordsEnd] = [0, 0];
  let batch: FileRecord[] = [];
  const broken = (problem: string): InputError => new InputError(path, line, problem);
  const parser = parse({
    bom: true,
    relax_column_count: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    on_record: (cells: readonly string[], { bytes }) => {
      if (bytes - recordsEnd > maxBytes) throw broken(TOO_LONG);
      recordsEnd = bytes;
      if (cells.length > 1 || cells[0]?.trim() !== '') batch.push({ line, cells });
      line += 1 + countLineEnds(cells);
      return null;
    },
  });
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
    if (!error) return { records, error: isTooLong ? broken(TOO_LONG) : undefined };
    return { records, error: error instanceof CsvError ? broken(csvProblem(error)) : error };
  };
  for await (const part of readChecked(path)) {
    const isProblem = 'problem' in part;
    // The parser holds whole records back to look ahead. What it makes of the filler itself means nothing.
    const { records, error } = await feed(isProblem ? FILLER : part.bytes);
    yield* records;
    if (isProblem) throw broken(part.problem);
    if (error !== undefined) throw error;
  }
  const { records, error } = await feed();
  yield* records;
  if (error !== undefined) throw error;
}

function countLineEnds(cells: readonly string[]): number {
  let count = 0;
  for (const cell of cells) {
    if (cell.includes('\n') || cell.includes('\r')) count += cell.match(/\r\n|\n|\r/g)?.length ?? 0;
  }
  return count;
}

const TOO_LONG = 'this record is over 1 MiB, most often because a quote is never closed: close it, or shorten the cell';

const CSV_PROBLEMS: Readonly<Partial<Record<CsvErrorCode, string>>> = {
  CSV_QUOTE_NOT_CLOSED:
    'a quote opened in this record is never closed: close it, or double it if it belongs to the text',
  CSV_INVALID_CLOSING_QUOTE:
    'in this record text follows a closing quote: double the quote if it belongs to the text, or put a comma behind it',
  INVALID_OPENING_QUOTE:
    'in this record a quote stands inside a cell: quote the whole cell, and double the quote that belongs to the text',
};

function csvProblem(error: CsvError): string {
  return CSV_PROBLEMS[error.code] ?? showText(error.message, 300);
}

/** Bytes that are whole UTF-8 characters; or why there are no more of them. */
type FilePart = { readonly bytes: Buffer } | { readonly problem: string };

/** @throws {InputError} when there is nothing to read */
async function* readChecked(path: string): AsyncGenerator<FilePart> {
  const unreadable = statProblem(path);
  if (unreadable !== undefined) throw new InputError(path, 1, unreadable);
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  try {
    // A stream without an encoding gives Buffers.
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = lastCharacterEnd(bytes);
      const whole = bytes.subarray(0, end);
      const good = isUtf8(whole) ? end : utf8Length(whole);
      yield { bytes: bytes.subarray(0, good) };
      offset += good;
      if (good < end) {
        yield notUtf8(offset);
        return;
      }
      rest = bytes.subarray(end);
    }
    if (rest.length > 0) yield notUtf8(offset);
  } catch (error) {
    yield { problem: openProblem(error) };
  }
}

/** Where the last whole character ends: a chunk can cut one in two. */
function lastCharacterEnd(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

/** How many of the bytes, from the first, are whole UTF-8 characters. */
function utf8Length(bytes: Buffer): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    const prefix = bytes.subarray(0, middle);
    if (isUtf8(prefix.subarray(0, lastCharacterEnd(prefix)))) low = middle;
    else high = middle - 1;
  }
  return lastCharacterEnd(bytes.subarray(0, low));
}

function notUtf8(offset: number): FilePart {
  return { problem: `the byte at offset ${offset} is not UTF-8: save the file as "CSV UTF-8" and try again` };
}

const OPEN_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission to read it',
  EISDIR: 'this is a folder: give a CSV',
  ENOTDIR: 'its folder is a file',
  EIO: 'the disk failed while reading it',
};

/** Opening what is no file could wait for ever. */
function statProblem(path: string): string | undefined {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return OPEN_PROBLEMS['EISDIR'];
    return stats.isFile() ? undefined : 'this is no regular file: give a CSV, or - for standard input';
  } catch (error) {
    return openProblem(error);
  }
}

/** What the system says, as a sentence; what it doesn't say is no problem of the file. */
function openProblem(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!/^E[A-Z0-9]+$/.test(code)) throw error;
  return OPEN_PROBLEMS[code] ?? `it can't be read (${code})`;
}
