import type { AddedColumn } from './column.js';
import type { Dialect } from './dialect.js';
import type { Header } from './header.js';
import { InputError } from './input-error.js';
import { keyOf, parseKey, usedText } from './registration.js';
import { isCellProblem, parseLine, parseSettlement } from './settlement.js';
import type { CellProblem, Settlement } from './settlement.js';

/** One record of a CSV, before anything is checked. */
export interface FileRow {
  /** The line of the file that the record begins on, from 1. */
  readonly line: number;
  /** The own cells, as many as the header has; of a row with too many, the last one holds the rest. */
  readonly cells: readonly string[];
  /** The cells that an earlier run added. */
  readonly added: Readonly<Record<AddedColumn, string>> | undefined;
  /** Number of cells found, when it is not the header's. */
  readonly raggedWidth: number | undefined;
  /** Cells that we use and that a spreadsheet may have changed, in words. */
  readonly mangled?: readonly string[];
}

/** One record as it stands in its file, whatever the header says. */
export interface FileRecord {
  /** As that of {@link FileRow}. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A CSV or a sheet that can be read more than once. */
export interface RowFile {
  readonly name: string;
  readonly dialect: Dialect;
  readonly header: Header;
  /** The rows, those together that are read together. @throws {InputError} where the file breaks */
  readonly batches: () => AsyncIterable<readonly FileRow[]>;
  /** All that is not blank, the header first. @throws {InputError} where the file breaks */
  readonly records: () => AsyncIterable<FileRecord>;
}

/** The rows of a file one by one. @throws {InputError} where the file breaks */
export async function* eachRow(file: RowFile): AsyncGenerator<FileRow> {
  for await (const rows of file.batches()) yield* rows;
}

/** The line of the first input that the row speaks of; nothing for a row that was added by hand. */
export function lineOf(file: RowFile, row: FileRow): number | undefined {
  return row.added === undefined ? undefined : orThrow(file, row, parseLine(row.added));
}

/** What earlier runs said of the row, as the row itself has it. */
export function settlementOf(file: RowFile, row: FileRow): Settlement | undefined {
  return row.added === undefined ? undefined : orThrow(file, row, parseSettlement(row.added));
}

/** A row that only repeats another one has no history of its own. */
export function isRepetition(row: FileRow): boolean {
  return row.added?.outcome.trim() === 'duplicate';
}

/** What a row is known by over all runs, as one text; nothing where the row doesn't say it. */
export function keyText(header: Header, cells: readonly string[]): string | undefined {
  const key = parseKey(header, cells);
  return key && keyOf(key);
}

/** What two rows with the same key agree in when they are the same row. */
export function contentText(header: Header, cells: readonly string[]): string {
  return usedText(header, cells, parseKey(header, cells)?.tokenType ?? 'otp');
}

function orThrow<Value extends object | number>(
  file: RowFile,
  row: FileRow,
  value: Value | undefined | CellProblem,
): Value | undefined {
  if (!isCellProblem(value)) return value;
  throw new InputError(
    file.name,
    row.line,
    `${value.column}: ${value.problem}; this column is not for changing by hand`,
  );
}
