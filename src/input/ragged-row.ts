import { ADDED_COLUMN_NAMES } from './added-column.js';
import type { AddedColumn } from './added-column.js';
import { entriesOf, namesOf } from '../core/table.js';
import { DELIMITERS } from './dialect.js';
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
  /** The line tells how many there are, as reports and databases do at their end. */
  readonly isTotal?: true;
  /** What parts the line into as many cells as the header has, where that is not what parts the header. */
  readonly parted?: { readonly by: Delimiter; readonly header: Delimiter };
}

export type AddedCells = Readonly<Record<AddedColumn, string>>;

interface Parted {
  /** The own cells as they stand, however many. */
  readonly cells: readonly string[];
  readonly added: AddedCells | undefined;
}

const COUNT = ADDED_COLUMN_NAMES.length;
/** What a run leaves in every row that it writes, a number perhaps as a spreadsheet shows it. */
const WRITTEN = entriesOf({
  line: /^\d+(?:[.,]00?)?$/,
  outcome: /^[a-z_]+$/,
  retry: /^(?:no|yes|fix)$/,
  attempts: /^\d+$/,
}).map(([name, pattern]) => ({ at: ADDED_COLUMN_NAMES.indexOf(name), pattern }));

/**
 * Parts a record that has not as many cells as the header. In our own files such a row stands as it stood in the input,
 * with the added cells right behind its own: where they are found there, they are taken from the end.
 */
export function partRagged(record: readonly string[], header: Header): Parted {
  const { width, own, added } = header;
  if (added === undefined) return { cells: record, added: undefined };
  const start = findAdded(record, header);
  if (start !== undefined) return { cells: record.slice(0, start), added: addedCells(record, (at) => start + at) };
  const cells = own.filter((at) => at < record.length).map((at) => record[at] ?? '');
  const surplus = record.slice(width, filledLength(record));
  return { cells: [...cells, ...surplus], added: addedCells(record, (_, name) => added[name]) };
}

/** Is this a row with too few cells, which a spreadsheet has filled up to the width of the header? */
export function isFilledUp(record: readonly string[], { added, width }: Header): boolean {
  return added !== undefined && record[width - 1] === '' && !isWritten(record, width - COUNT);
}

/** Has the record cells of its own behind the header's last column, and not since its added ones stand farther right? */
export function isBeyond(record: readonly string[], header: Header): boolean {
  return filledLength(record) > header.width && findAdded(record, header) === undefined;
}

/** Where the added cells begin: at the end, or before the empty cells by which a spreadsheet makes all lines as long. */
function findAdded(record: readonly string[], { width, added }: Header): number | undefined {
  const isLast = ADDED_COLUMN_NAMES.every((name, at) => added?.[name] === width - COUNT + at);
  if (!isLast) return undefined;
  const end = filledLength(record);
  for (let start = record.length - COUNT; start >= 0 && start + COUNT >= end; start -= 1) {
    if (isWritten(record, start)) return start;
  }
  return undefined;
}

function isWritten(record: readonly string[], start: number): boolean {
  return WRITTEN.every(({ at, pattern }) => pattern.test(record[start + at] ?? ''));
}

function filledLength(record: readonly string[]): number {
  return record.findLastIndex((cell) => cell !== '') + 1;
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
  if (isQuoted) return { found, expected, isQuoted };
  if (isComment) return { found, expected, isComment };
  if (TOTAL.test(cells.join(' ').trim())) return { found, expected, isTotal: true };
  const line = cells.join(delimiter);
  const by = namesOf(DELIMITERS).find((other) => other !== delimiter && line.split(other).length === expected);
  return { found, expected, ...(by !== undefined && expected > 1 && { parted: { by, header: delimiter } }) };
}

const TOTAL =
  /^(?:\(?\d+ (?:rows?|records?|lines?)\b.*|(?:grand )?(?:total|sum|count|summe|gesamt|anzahl|rows?|records?)\b\D*\d[\d.,]*(?: (?:rows?|records?|users?))?)\)?$/i;

/** Why such a row is refused, and what to do about it. */
export function raggedText({ found, expected, isQuoted, isComment, isTotal, parted }: Ragged): string {
  const count = `the row has ${found} ${found === 1 ? 'cell' : 'cells'}, the header ${expected}`;
  if (isComment) return `${count}: it begins as a comment does, and a CSV has none: take the line away`;
  if (isQuoted)
    return `${count}: the whole line stands in quotes: take the quotes at its ends away, and write " for ""`;
  if (isTotal) return `${count}: it tells how many there are, and is no row: take the line away`;
  if (parted !== undefined) {
    const [own, others] = [DELIMITERS[parted.by], DELIMITERS[parted.header]];
    return `${count}: a ${own} parts its cells, and a ${others} those of the header: write the same in all lines`;
  }
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
