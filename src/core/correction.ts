import type { InputColumn } from './column.js';
import type { Header } from './header.js';
import { usedCell } from './registration.js';

/** The cells of one row that we use, trimmed. */
export type UsedCells = Readonly<Record<InputColumn, string>>;

/** What an operator changed in a row by hand, in the failed file: rerunning the first input applies it again. */
export interface Correction {
  readonly from: UsedCells;
  readonly to: UsedCells;
}

export function usedCells(header: Header, cells: readonly string[]): UsedCells {
  return {
    username: usedCell(header, cells, 'username'),
    token_type: usedCell(header, cells, 'token_type'),
    signature_path: usedCell(header, cells, 'signature_path'),
    status: usedCell(header, cells, 'status'),
    algorithm: usedCell(header, cells, 'algorithm'),
  };
}

export function sameCells(a: UsedCells, b: UsedCells): boolean {
  return textOf(a) === textOf(b);
}

/** The corrections of all runs of a stem. */
export class Corrections {
  readonly #byFrom: Map<string, Correction>;
  /** Those of earlier runs alone: what one run corrects of two rows is no chain, though one may take the other's name. */
  readonly #earlierByTo: Map<string, Correction>;

  constructor(corrections: readonly Correction[] = []) {
    this.#byFrom = new Map(corrections.map((correction) => [textOf(correction.from), correction]));
    this.#earlierByTo = new Map(corrections.map((correction) => [textOf(correction.to), correction]));
  }

  /** Remembers a correction; one that corrects what an earlier run corrected takes its place. */
  add(correction: Correction): void {
    const { to } = correction;
    const from = this.#earlierByTo.get(textOf(correction.from))?.from ?? correction.from;
    if (sameCells(from, to)) this.#byFrom.delete(textOf(from));
    else this.#byFrom.set(textOf(from), { from, to });
  }

  /** The row as it was corrected; the row itself where it was not. */
  apply(header: Header, cells: readonly string[]): readonly string[] {
    if (this.#byFrom.size === 0) return cells;
    const before = usedCells(header, cells);
    const correction = this.#byFrom.get(textOf(before));
    if (correction === undefined) return cells;
    const corrected = [...cells];
    // Object.entries widens the names; `used` has no others.
    for (const [column, position] of Object.entries(header.used) as [InputColumn, number][]) {
      // A cell that was not corrected stays as it stands, blanks and all.
      if (before[column] !== correction.to[column]) corrected[position] = correction.to[column];
    }
    return corrected;
  }

  list(): readonly Correction[] {
    return [...this.#byFrom.values()];
  }
}

function textOf(cells: UsedCells): string {
  return JSON.stringify([cells.username, cells.token_type, cells.signature_path, cells.status, cells.algorithm]);
}
