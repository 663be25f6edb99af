import type { AddedColumn } from './column.js';
import type { Dialect } from './dialect.js';
import type { Header } from './header.js';

export interface FileRow {
  /** The line of the file that the record begins on, from 1. */
  readonly line: number;
  /** The own cells, as many as the header has; of a row with too many, the last one holds the rest. */
  readonly cells: readonly string[];
  readonly added: Readonly<Record<AddedColumn, string>> | undefined;
  /** Number of cells found, when it is not the header's. */
  readonly raggedWidth: number | undefined;
  readonly mangled?: readonly string[];
}

export interface FileRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

export interface RowFile {
  readonly name: string;
  readonly dialect: Dialect;
  readonly header: Header;
  /** The rows, those together that are read together. @throws {InputError} where the file breaks */
  readonly batches: () => AsyncIterable<readonly FileRow[]>;
  /** All that is not blank, the header first. @throws {InputError} where the file breaks */
  readonly records: () => AsyncIterable<FileRecord>;
}

export async function* eachRow(file: RowFile): AsyncGenerator<FileRow> {
  for await (const rows of file.batches()) yield* rows;
}
