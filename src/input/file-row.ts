import type { Dialect } from './dialect.js';
import type { Header } from './header.js';
import type { AddedCells, Ragged } from './ragged-row.js';
import type { SheetNotice } from './sheet-notice.js';

export interface FileRow {
  /** The line of the file that the record begins on, from 1. */
  readonly line: number;
  /** The own cells as they stand: as many as the header has, unless the row is ragged. */
  readonly cells: readonly string[];
  readonly added: AddedCells | undefined;
  readonly ragged?: Ragged | undefined;
  readonly mangled?: readonly string[];
  /** Of a workbook's row: a person doesn't see it. */
  readonly isHidden?: boolean;
}

export interface FileRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

export interface RowFile {
  readonly name: string;
  readonly dialect: Dialect;
  readonly header: Header;
  /** Of a workbook. */
  readonly sheet?: SheetNotice;
  /** The rows, those together that are read together. @throws {InputError} where the file breaks */
  readonly batches: () => AsyncIterable<readonly FileRow[]>;
  /** All that is not blank, the header first. @throws {InputError} where the file breaks */
  readonly records: () => AsyncIterable<FileRecord>;
}

export async function* eachRow(file: RowFile): AsyncGenerator<FileRow> {
  for await (const rows of file.batches()) yield* rows;
}
