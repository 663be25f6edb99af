import type { AddedColumn } from './column.js';
import type { Dialect } from './dialect.js';
import type { Header } from './header.js';

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
