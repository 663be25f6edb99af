import { isKnownColumn } from './column.js';
import { columnKeys } from './column-map.js';
import type { ColumnMap } from './column-map.js';
import { recogniseShape, splitRecord } from './dialect.js';
import type { Reading } from './dialect.js';
import type { FileRecord, FileRow, RowFile } from './file-row.js';
import { betterLineText, findHeaderLine, headerCause, NO_LINE, skipLines, withoutEndMark } from './header-line.js';
import { parseHeader, unwrapNames, withoutFilling } from './header.js';
import type { Header } from './header.js';
import { addedCells, isBeyond, isFilledUp, partRagged, raggedOf } from './ragged-row.js';
import { MAX_RECORD_BYTES, readRecords } from './records.js';
import type { Csv, Text } from './records.js';
import { InputError } from '../core/input-error.js';
import { foreignText } from '../workbook/foreign-file.js';

/** More than the columns that we add ever take: a record that was read can be read again from the results. */
const ADDED_BYTES = 64 * 1024;

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
  const found = await readHeader(csv, columns).catch((error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    const { file, line, problem } = error;
    const better = firstLine === 1 ? findHeaderLine(head, { delimiter: given.delimiter, columns }) : undefined;
    if (better !== undefined) throw new InputError(file, line, betterLineText(better, problem));
    const foreign = foreignText(head);
    throw foreign === undefined ? error : new InputError(file, 1, foreign);
  });
  const header = await leaveFilling(csv, found);
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
    const names = csv.unwraps ? unwrapNames(cells) : cells;
    const header = parseHeader(names, columns);
    if ('problem' in header)
      throw new InputError(csv.name, line, headerCause(names, columns, IN_QUOTES) ?? header.problem);
    return csv.unwraps ? { ...header, unwraps: true } : header;
  }
  const problem = csv.firstLine === 1 ? 'the file is empty: the first line names the columns' : NO_LINE;
  throw new InputError(csv.name, csv.firstLine, problem);
}

const IN_QUOTES =
  'the whole line stands in quotes, so that it is one cell: take the quotes at the ends of each line away, and write " for "" within';

/** An unnamed column at the end of our own file is the operator's where a row has something in it, and else filling. */
async function leaveFilling(csv: Csv, header: Header): Promise<Header> {
  const narrow = withoutFilling(header);
  if (narrow === undefined) return header;
  for await (const record of readFromHeader(csv, maxRecordBytes(header))) {
    if (isBeyond(record.cells, narrow)) return header;
  }
  return narrow;
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
      if (cells.length !== width || isFilledUp(cells, header)) {
        const parted = partRagged(cells, header);
        return { line, ...parted, ragged: raggedOf(parted.cells, own.length, csv.delimiter) };
      }
      if (added === undefined) return { line, cells, added, ragged: undefined };
      const ownCells = own.map((at) => cells[at] ?? '');
      return { line, cells: ownCells, added: addedCells(cells, (_, name) => added[name]), ragged: undefined };
    });
  }
}
