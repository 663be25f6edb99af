import { keyText } from './row-key.js';
import { isRepetition, lineOf, settlementOf } from './earlier-row.js';
import type { FileRow, RowFile } from '../input/file-row.js';
import { equalName } from '../row/equal-name.js';
import { isInDoubt, retryOf } from '../row/outcome.js';
import type { Settlement } from '../row/settlement.js';
import { LineSet } from './line-set.js';
import { RowIndex } from './row-index.js';
import { RowLookup } from './row-lookup.js';

export interface EarlierRow {
  readonly row: FileRow;
  /** Absent when the row was added to the results by hand. */
  readonly line: number | undefined;
  readonly key: string | undefined;
  readonly settlement: Settlement | undefined;
}

export interface HistoryQuestion {
  readonly key: string;
  readonly line: number;
  readonly isRepeated: boolean;
}

interface Found {
  readonly kept: RowIndex;
  readonly equal: RowIndex;
  readonly first: RowIndex;
  readonly lines: LineSet;
}

/** By key, since lines shift by edits. Of rows with one key, that which is done or in doubt leads, else the first. */
export class RowHistory {
  readonly #results: RowFile;
  readonly #lookup: RowLookup;
  readonly #kept: RowIndex;
  /** By their equal names, those that are kept under another spelling of it. */
  readonly #equal: RowIndex;
  readonly #first: RowIndex;
  readonly #found: LineSet;

  private constructor(results: RowFile, lookup: RowLookup, found: Found) {
    this.#results = results;
    this.#lookup = lookup;
    this.#kept = found.kept;
    this.#equal = found.equal;
    this.#first = found.first;
    this.#found = found.lines;
  }

  /** @throws {InputError} for results that no run of ours wrote */
  static async open(results: RowFile): Promise<RowHistory> {
    const [kept, equal, first, lines] = [new RowIndex(), new RowIndex(), new RowIndex(), new LineSet()];
    const lookup = await RowLookup.open(results, (row, line, past) => {
      const key = keyText(results.header, row.cells);
      if (key === undefined || isRepetition(row) || kept.get(key) !== undefined) return;
      const earlier = first.get(key);
      if (past !== undefined && keepsUser(past)) {
        kept.add(key, line);
        const name = equalName(key);
        if (name !== key) equal.add(name, line);
        if (earlier !== undefined) lines.delete(earlier.line);
        lines.add(line);
      } else if (earlier === undefined) {
        first.add(key, line);
        lines.add(line);
      }
    });
    return new RowHistory(results, lookup, { kept, equal, first, lines });
  }

  /** The line of the row that is done or in doubt with this key. */
  keptLine(key: string): number | undefined {
    return this.#kept.get(key)?.line;
  }

  /** The line of a row that is done or in doubt under a name that is equal to this one, and another. */
  equalLine(key: string): number | undefined {
    if (this.keptLine(key) !== undefined) return undefined;
    const name = equalName(key);
    return (this.#kept.get(name) ?? this.#equal.get(name))?.line;
  }

  isFound(line: number): boolean {
    return this.#found.has(line);
  }

  /** What is known of the row; of one that is repeated, or was, what its own line says. */
  take({ key, line, isRepeated }: HistoryQuestion): EarlierRow | undefined | Promise<EarlierRow | undefined> {
    const found = isRepeated ? undefined : (this.keptLine(key) ?? this.#first.get(key)?.line);
    if (found === undefined && this.isFound(line)) return undefined;
    const row = this.#lookup.take(found ?? line);
    return row instanceof Promise ? row.then((read) => this.#ofKey(key, read)) : this.#ofKey(key, row);
  }

  async *rest(): AsyncGenerator<EarlierRow> {
    for await (const row of this.#lookup.rest()) yield this.#toEarlierRow(row);
  }

  #ofKey(key: string, row: FileRow | undefined): EarlierRow | undefined {
    const earlier = row && this.#toEarlierRow(row);
    return earlier?.key === key ? earlier : undefined;
  }

  #toEarlierRow(row: FileRow): EarlierRow {
    return {
      row,
      line: lineOf(this.#results, row),
      key: keyText(this.#results.header, row.cells),
      settlement: settlementOf(this.#results, row),
    };
  }
}

/** A row whose user nobody may take: something was, or may have been, registered for it, if only until it was taken back. */
export function keepsUser(past: Settlement): boolean {
  return isDone(past) || isInDoubt(past.outcome) || past.outcome === 'undone';
}

export function isDone(past: Settlement): boolean {
  return retryOf(past) === 'no' && past.outcome !== 'duplicate';
}
