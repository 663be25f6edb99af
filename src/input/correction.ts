import { INPUT_COLUMN_NAMES } from './column.js';
import { entriesOf } from '../core/table.js';
import type { InputColumn } from './column.js';
import type { FileRow, RowFile } from './file-row.js';
import type { Header } from './header.js';
import { fitCells } from './ragged-row.js';
import { usedCell } from './header.js';

/** The cells of one row that we use, trimmed. */
export type UsedCells = Readonly<Record<InputColumn, string>>;

/** What an operator changed in a row by hand, in the failed file: rerunning the first input applies it again. */
export interface Correction {
  readonly line: number;
  readonly from: UsedCells;
  readonly to: UsedCells;
  /** The row had too few cells or too many, and has no longer. */
  readonly isMended?: boolean;
}

export function usedCells(header: Header, cells: readonly string[]): UsedCells {
  // Every column is filled in before anybody sees it.
  const used = {} as Record<InputColumn, string>;
  for (const column of INPUT_COLUMN_NAMES) used[column] = usedCell(header, cells, column);
  return used;
}

export function sameCells(a: UsedCells, b: UsedCells): boolean {
  return textOf(a) === textOf(b);
}

/**
 * The corrections of all runs of a stem. Rows can say the same and be corrected differently, so a correction is known by
 * its line too; where the input has shifted since, by what the row says, if that is said of one correction alone.
 */
export class Corrections {
  readonly #byRow: Map<string, Correction>;
  /** Those of earlier runs alone: what one run corrects of two rows is no chain, though one may take the other's name. */
  readonly #earlierByTo: Map<string, Correction>;
  #alike: ReadonlyMap<string, readonly Correction[]> | undefined;

  constructor(corrections: readonly Correction[] = []) {
    this.#byRow = new Map(corrections.map((correction) => [rowText(correction.line, correction.from), correction]));
    this.#earlierByTo = new Map(corrections.map((correction) => [rowText(correction.line, correction.to), correction]));
  }

  /** Remembers a correction; one that corrects what an earlier run corrected takes its place. */
  add({ line, from: before, to, isMended: isMendedNow = false }: Correction): void {
    const earlier = this.#earlierByTo.get(rowText(line, before));
    const from = earlier?.from ?? before;
    const isMended = isMendedNow || earlier?.isMended === true;
    if (sameCells(from, to) && !isMended) this.#byRow.delete(rowText(line, from));
    else this.#byRow.set(rowText(line, from), { line, from, to, ...(isMended && { isMended }) });
    this.#alike = undefined;
  }

  find(header: Header, row: { readonly line: number; readonly cells: readonly string[] }): Correction | undefined {
    if (this.#byRow.size === 0) return undefined;
    const cells = usedCells(header, row.cells);
    const exact = this.#byRow.get(rowText(row.line, cells));
    if (exact !== undefined) return exact;
    const alike = this.#byText().get(textOf(cells));
    return alike?.length === 1 ? alike[0] : undefined;
  }

  list(): readonly Correction[] {
    return [...this.#byRow.values()];
  }

  #byText(): ReadonlyMap<string, readonly Correction[]> {
    if (this.#alike !== undefined) return this.#alike;
    const alike = new Map<string, Correction[]>();
    for (const correction of this.#byRow.values()) {
      const text = textOf(correction.from);
      alike.set(text, [...(alike.get(text) ?? []), correction]);
    }
    this.#alike = alike;
    return alike;
  }
}

/** The row as it was corrected. A cell that was not corrected stays as it stands, blanks and all. */
export function correctRow(
  { header, dialect }: Pick<RowFile, 'header' | 'dialect'>,
  row: FileRow,
  { to, isMended = false }: Correction,
): FileRow {
  const before = usedCells(header, row.cells);
  const isRagged = row.ragged !== undefined && !isMended;
  const corrected = [...(isRagged ? row.cells : fitCells(row.cells, header.own.length, dialect.delimiter))];
  for (const [column, position] of entriesOf(header.used)) {
    if (before[column] !== to[column] && position < corrected.length) corrected[position] = to[column];
  }
  return { ...row, cells: corrected, ragged: isRagged ? row.ragged : undefined };
}

function rowText(line: number, cells: UsedCells): string {
  return `${line} ${textOf(cells)}`;
}

function textOf(cells: UsedCells): string {
  return JSON.stringify(INPUT_COLUMN_NAMES.map((column) => cells[column]));
}
