import { ADDED_COLUMN_NAMES } from '../input/added-column.js';
import type { Dialect } from '../input/dialect.js';
import { openCsvText } from './csv-text.js';
import type { ToCsvText } from './csv-text.js';

export interface OutputFile {
  readonly writeBytes: (bytes: Uint8Array) => void;
  readonly finish: () => string;
  readonly place: () => void;
  readonly discard: () => void;
}

export interface ResultFormat extends Omit<Dialect, 'encoding'> {
  readonly encode: (text: string) => Uint8Array;
  /** Text of ours or the server's as this encoding can hold it; what came from the input it holds as it is. */
  readonly escape: (text: string) => string;
}

/** Rows that are turned into text together: a call of csv-stringify costs as much as some twenty rows. */
const BATCH = 128;
/** Characters that are kept for a batch, so that long rows don't fill the memory. */
const BATCH_CHARACTERS = 1024 * 1024;

export class CsvWriter {
  readonly #file: OutputFile;
  readonly #format: ResultFormat;
  readonly #toText: ToCsvText;
  #batch: (readonly string[])[] = [];
  #characters = 0;

  constructor(file: OutputFile, format: ResultFormat) {
    this.#file = file;
    this.#format = format;
    this.#toText = openCsvText(format);
    if (format.hasBom) file.writeBytes(format.encode('\ufeff'));
  }

  writeRecord(cells: readonly string[]): void {
    this.#batch.push(cells);
    for (const cell of cells) this.#characters += cell.length;
    if (this.#batch.length >= BATCH || this.#characters >= BATCH_CHARACTERS) this.flush();
  }

  /** All of it is on the disk, and not yet in its place. @returns the SHA-256 of it, hex */
  finish(): string {
    this.flush();
    return this.#file.finish();
  }

  place(): void {
    this.#file.place();
  }

  discard(): void {
    this.#file.discard();
  }

  flush(): void {
    this.#file.writeBytes(this.#format.encode(this.#toText(this.#batch)));
    this.#batch = [];
    this.#characters = 0;
  }
}

export class ResultWriter extends CsvWriter {
  readonly #escape: ResultFormat['escape'];

  constructor(file: OutputFile, ownNames: readonly string[], format: ResultFormat) {
    super(file, format);
    this.#escape = format.escape;
    this.writeRecord([...ownNames, ...ADDED_COLUMN_NAMES]);
  }

  write(ownCells: readonly string[], addedCells: readonly string[]): void {
    this.writeRecord([...ownCells, ...addedCells.map(this.#escape)]);
  }
}
