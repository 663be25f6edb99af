import { stringify } from 'csv-stringify/sync';
import { ADDED_COLUMN_NAMES } from '../core/column.js';

/** Where finished text goes: a file that is put in its place when it is whole. */
export interface TextFile {
  readonly path: string;
  readonly write: (text: string) => void;
  readonly replace: () => void;
  readonly discard: () => void;
}

/** Rows that are turned into text together: one call of csv-stringify costs as much as some twenty rows. */
const BATCH = 128;
/** Characters that are kept for a batch, so that long rows don't fill the memory. */
const BATCH_CHARACTERS = 1024 * 1024;

/** Writes rows as CSV: UTF-8, `,` and LF, quoted where needed. */
export class ResultWriter {
  readonly #file: TextFile;
  #batch: string[][] = [];
  #characters = 0;

  constructor(file: TextFile, ownNames: readonly string[]) {
    this.#file = file;
    this.#batch.push([...ownNames, ...ADDED_COLUMN_NAMES]);
  }

  write(ownCells: readonly string[], addedCells: readonly string[]): void {
    const cells = [...ownCells, ...addedCells];
    this.#batch.push(cells);
    for (const cell of cells) this.#characters += cell.length;
    if (this.#batch.length >= BATCH || this.#characters >= BATCH_CHARACTERS) this.#flush();
  }

  /** Puts the file in its place. */
  complete(): void {
    this.#flush();
    this.#file.replace();
  }

  discard(): void {
    this.#file.discard();
  }

  #flush(): void {
    // A lone CR ends a record for our reader, so a cell that holds one is quoted like one that holds LF.
    this.#file.write(stringify(this.#batch, { record_delimiter: '\n', quoted_match: /\r/ }));
    this.#batch = [];
    this.#characters = 0;
  }
}
