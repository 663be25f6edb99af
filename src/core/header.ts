import { ADDED_COLUMN_NAMES, INPUT_COLUMNS, isKnownColumn, normaliseColumnName } from './column.js';
import type { AddedColumn, InputColumn } from './column.js';
import { showText } from './safe-text.js';

/** Where a file keeps what: positions count from 0. */
export interface Header {
  /** Number of cells that every row must have. */
  readonly width: number;
  /** Names of the file's own columns, as they stand there. */
  readonly ownNames: readonly string[];
  /** Positions of the own columns. */
  readonly own: readonly number[];
  /** Positions, among the own columns, of those we read. */
  readonly used: Readonly<Partial<Record<InputColumn, number>>>;
  /** Positions of the columns that an earlier run added; absent in a first input. */
  readonly added: Readonly<Record<AddedColumn, number>> | undefined;
}

/** A header that can't be used: what is wrong, and what would be right. */
export interface HeaderProblem {
  readonly problem: string;
}

const NEEDED: readonly InputColumn[] = ['username', 'token_type'];

/** Reads the first record of a CSV. */
export function parseHeader(names: readonly string[]): Header | HeaderProblem {
  const found = names.map(normaliseColumnName);
  const foundText = names.every((name) => name.trim() === '') ? 'nothing' : showText(names.join(','), 200);
  const missing = NEEDED.filter((name) => !found.includes(name));
  if (missing.length > 0) {
    return {
      problem: `the header lacks ${missing.join(' and ')}; found: ${foundText}. Name the columns username,token_type,signature_path,status.`,
    };
  }
  const twice = found.find((name, at) => found.indexOf(name) !== at && isKnownColumn(name));
  if (twice !== undefined)
    return { problem: `the header names ${twice} twice; found: ${foundText}. Keep one of them.` };

  const addedFound = ADDED_COLUMN_NAMES.filter((name) => found.includes(name));
  if (addedFound.length > 0 && addedFound.length < ADDED_COLUMN_NAMES.length) {
    return {
      problem: `the header names ${addedFound.join(', ')}, which this tool adds to its results itself: rename that column (or, if this is a results file, give it back all of: ${ADDED_COLUMN_NAMES.join(',')}).`,
    };
  }
  const isAdded = (at: number): boolean => addedFound.some((name) => name === found[at]);
  const own = found.map((_, at) => at).filter((at) => !isAdded(at));
  const position = (name: string): number => own.findIndex((at) => found[at] === name);
  const used: Partial<Record<InputColumn, number>> = {};
  for (const name of Object.keys(INPUT_COLUMNS) as InputColumn[]) if (position(name) >= 0) used[name] = position(name);
  return {
    width: names.length,
    ownNames: own.map((at) => names[at] ?? ''),
    own,
    used,
    added: addedFound.length > 0 ? addedPositions(found) : undefined,
  };
}

function addedPositions(found: readonly string[]): Record<AddedColumn, number> {
  // Every added name was found: the record is whole.
  return Object.fromEntries(ADDED_COLUMN_NAMES.map((name) => [name, found.indexOf(name)])) as Record<
    AddedColumn,
    number
  >;
}

/** For each column of `target`, where `source` keeps it (-1: nowhere). Columns of one name are paired in their order. */
export function alignColumns(source: readonly string[], target: readonly string[]): readonly number[] {
  const taken = new Set<number>();
  return target.map((name) => {
    const at = source.findIndex((candidate, index) => !taken.has(index) && sameColumn(candidate, name));
    if (at >= 0) taken.add(at);
    return at;
  });
}

function sameColumn(a: string, b: string): boolean {
  return normaliseColumnName(a) === normaliseColumnName(b);
}
