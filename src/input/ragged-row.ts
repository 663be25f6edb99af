import { ADDED_COLUMN_NAMES } from './column.js';
import type { AddedColumn } from './column.js';
import type { Delimiter } from './dialect.js';
import type { Header } from './header.js';

/** A row whose own cells are more or fewer than the header's: how many there are of each. */
export interface Ragged {
  readonly found: number;
  readonly expected: number;
  /** The line stands in quotes as a whole, so that it is one cell. */
  readonly isQuoted?: true;
  /** The line begins as comments do elsewhere. */
  readonly isComment?: true;
}

export type AddedCells = Readonly<Record<AddedColumn, string>>;

interface Parted {
  /** The own cells as they stand, however many. */
  readonly cells: readonly string[];
  readonly added: AddedCells | undefined;
}

const COUNT = ADDED_COLUMN_NAMES.length;
/** What a run leaves in every row that it writes. */
const WRITTEN: Partial<AddedCells> = { line: '\\d+', outcome: '[a-z_]+', retry: 'no|yes|fix', attempts: '\\d+' };
const PATTERNS = ADDED_COLUMN_NAMES.map((name) => new RegExp(`^(?:${WRITTEN[name] ?? '[^]*'})$`));

/**
 * Parts a record that has not as many cells as the header. In our own files such a row stands as it stood in the input,
 * with the added cells right behind its own: where they are found there, they are taken from the end.
 */
export function partRagged(record: readonly string[], { width, own, added }: Header): Parted {
  if (added === undefined) return { cells: record, added: undefined };
  const start = record.length - COUNT;
  const isLast = ADDED_COLUMN_NAMES.every((name, at) => added[name] === width - COUNT + at);
  if (isLast && start >= 0 && PATTERNS.every((pattern, at) => pattern.test(record[start + at] ?? ''))) {
    return { cells: record.slice(0, start), added: addedCells(record, (at) => start + at) };
  }
  const cells = own.filter((at) => at < record.length).map((at) => record[at] ?? '');
  return {
    cells: [...cells, ...record.slice(width)],
    added: addedCells(record, (_, name) => added[name]),
  };
}

export function addedCells(
  record: readonly string[],
  positionOf: (at: number, name: AddedColumn) => number,
): AddedCells {
  // All names are given a cell below.
  const found = {} as Record<AddedColumn, string>;
  for (const [at, name] of ADDED_COLUMN_NAMES.entries()) found[name] = record[positionOf(at, name)] ?? '';
  return found;
}

export function raggedOf(cells: readonly string[], expected: number, delimiter: Delimiter): Ragged | undefined {
  const found = cells.length;
  if (found === expected) return undefined;
  const first = cells[0] ?? '';
  const isQuoted = found === 1 && first.includes(delimiter);
  const isComment = /^\s*(?:#(?!N\/A|NV|REF!)|\/\/)/.test(first);
  return { found, expected, ...(isQuoted && { isQuoted }), ...(isComment && { isComment }) };
}

/** Why such a row is refused, and what to do about it. */
export function raggedText({ found, expected, isQuoted, isComment }: Ragged): string {
  const count = `the row has ${found} ${found === 1 ? 'cell' : 'cells'}, the header ${expected}`;
  if (isComment) return `${count}: it begins as a comment does, and a CSV has none: take the line away`;
  if (isQuoted)
    return `${count}: the whole line stands in quotes: take the quotes at its ends away, and write " for ""`;
  if (found > expected) return `${count}: quote the cell that holds the delimiter, or take the delimiter away`;
  return `${count}: a delimiter is missing, also where its cell is empty: write it (or quote a cell that holds a line end)`;
}

/** The cells in another order of columns (-1: one that the file lacks); of a ragged row, none is lost, and it stays one. */
export function realign(
  { cells, ragged }: { readonly cells: readonly string[]; readonly ragged?: Ragged | undefined },
  columns: readonly number[],
  fill: readonly string[] = [],
): readonly string[] {
  const aligned = columns.map((at, column) => (at < 0 ? fill[column] : cells[at]) ?? '');
  if (ragged === undefined) return aligned;
  aligned.push(...cells.slice(ragged.expected));
  for (let missing = ragged.expected - ragged.found; missing > 0 && aligned.at(-1) === ''; missing -= 1) aligned.pop();
  if (aligned.length === columns.length) aligned.push('');
  return aligned;
}

/** What stays of a ragged row that a correction has mended: as many cells as the header has, the last with the surplus. */
export function fitCells(cells: readonly string[], width: number, delimiter: Delimiter): readonly string[] {
  const fitted = Array.from({ length: width }, (_, at) => cells[at] ?? '');
  if (cells.length > width) fitted[width - 1] = cells.slice(width - 1).join(delimiter);
  return fitted;
}
