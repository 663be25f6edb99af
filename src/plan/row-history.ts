import { keyText } from './row-key.js';
import { isRepetition, lineOf, settlementOf } from './earlier-row.js';
import type { FileRow, RowFile } from '../input/file-row.js';
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

/**
 * The results of earlier runs, found by user and token type: lines shift when a first input is edited. Where rows share
 * a user, the one that is done or in doubt has the history, else the first.
 */
export class RowHistory {
  readonly #results: RowFile;
  readonly #lookup: RowLookup;
  readonly #kept: RowIndex;
  readonly #first: RowIndex;
  readonly #found: LineSet;

  private constructor(results: RowFile, lookup: RowLookup, found: { kept: RowIndex; first: RowIndex; lines: LineSet }) {
    this.#results = results;
    this.#lookup = lookup;
    this.#kept = found.kept;
    this.#first = found.first;
    this.#found = found.lines;
  }

  /** @throws {InputError} for results that no run of ours wrote */
  static async open(results: RowFile): Promise<RowHistory> {
    const [kept, first, lines] = [new RowIndex(), new RowIndex(), new LineSet()];
    const lookup = await RowLookup.open(results, (row, line, past) => {
      const key = keyText(results.header, row.cells);
      if (key === undefined || isRepetition(row) || kept.get(key) !== undefined) return;
      const earlier = first.get(key);
      if (past !== undefined && keepsUser(past)) {
        kept.add(key, line);
        if (earlier !== undefined) lines.delete(earlier.line);
        lines.add(line);
      } else if (earlier === undefined) {
        first.add(key, line);
        lines.add(line);
      }
    });
    return new RowHistory(results, lookup, { kept, first, lines });
  }

  /** The line of the row that is done or in doubt with this key. */
  keptLine(key: string): number | undefined {
    return this.#kept.get(key)?.line;
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

/** A row whose user nobody may take: something was, or may have been, registered for it. */
export function keepsUser(past: Settlement): boolean {
  return isDone(past) || isInDoubt(past.outcome);
}

export function isDone(past: Settlement): boolean {
  return retryOf(past.outcome) === 'no' && past.outcome !== 'duplicate';
}
