import { ADDED_COLUMN_NAMES, UNDO_COLUMN } from './added-column.js';
import { bare, INPUT_COLUMN_NAMES, INPUT_COLUMNS, normaliseColumnName } from './column.js';
import type { AddedColumn } from './added-column.js';
import type { InputColumn } from './column.js';
import { mapFlags } from './column-hint.js';
import { columnKeys, findUnmapped } from './column-map.js';
import type { ColumnMap } from './column-map.js';
import { entriesOf } from '../core/table.js';
import { showText } from '../core/safe-text.js';

/** Where a file keeps what: positions count from 0. */
export interface Header {
  readonly width: number;
  readonly ownNames: readonly string[];
  /** What each own column is known by, whatever the file calls it. */
  readonly ownKeys: readonly string[];
  readonly own: readonly number[];
  readonly used: Readonly<Partial<Record<InputColumn, number>>>;
  /** Cells such as `="00123"` are read as 00123. */
  readonly unwraps?: boolean;
  /** Positions of the columns that an earlier run added; absent in a first input. */
  readonly added: Readonly<Record<AddedColumn, number>> | undefined;
}

export interface HeaderProblem {
  readonly problem: string;
}

const NEEDED: readonly InputColumn[] = ['username', 'token_type'];

/** Reads the first record of a CSV; the map says what the file calls a column, where it is not as we do. */
export function parseHeader(names: readonly string[], map: ColumnMap = {}): Header | HeaderProblem {
  const found = columnKeys(names, map);
  const foundText = names.every((name) => name.trim() === '') ? 'nothing' : showText(names.join(','), 200);
  const unmapped = findUnmapped(names, map);
  if (unmapped !== undefined) {
    const name = map[unmapped] ?? '';
    const remark = name.startsWith('=') ? ': a column goes by what its cell shows, and not by a formula' : '';
    return {
      problem: `the header has no column ${showText(name, 60)}, which --map gives for ${unmapped}${remark}; found: ${foundText}.`,
    };
  }
  const missing = NEEDED.filter((name) => !found.includes(name));
  if (missing.length > 0) return { problem: missingText(missing, names, foundText) };
  const twice = found.find((name, at) => found.indexOf(name) !== at && isKnownKey(name));
  if (twice !== undefined)
    return { problem: `the header names ${twice} twice; found: ${foundText}. Keep one of them.` };

  const addedFound = ADDED_COLUMN_NAMES.filter((name) => found.includes(name));
  if (addedFound.length > 0 && addedFound.length < ADDED_COLUMN_NAMES.length) {
    return {
      problem: `the header names ${addedFound.join(', ')}, which this tool adds to its results itself: rename that column (or, if this is a results file, give it back all of: ${ADDED_COLUMN_NAMES.join(',')}).`,
    };
  }
  const undoName = names.find((name) => bare(name) === bare(UNDO_COLUMN));
  if (addedFound.length === 0 && undoName !== undefined) {
    // The results of it would be taken for what an undo left.
    return {
      problem: `the header names ${showText(undoName)}, which undo adds to its results itself: rename that column.`,
    };
  }
  const isAdded = (at: number): boolean => addedFound.some((name) => name === found[at]);
  const own = found.map((_, at) => at).filter((at) => !isAdded(at));
  const columns = own.map((at) => ({ name: names[at] ?? '', key: found[at] ?? '' }));
  return {
    ...ownHeader(columns),
    width: names.length,
    own,
    added: addedFound.length > 0 ? addedPositions(found) : undefined,
  };
}

/** Without unnamed columns at its end: a spreadsheet makes all lines as long as one that has a cell too many. */
export function withoutFilling(header: Header): Header | undefined {
  const { width, own, ownNames, ownKeys, added } = header;
  if (added === undefined) return undefined;
  const named = own.filter((_, at) => ownNames[at] !== '');
  const end = Math.max(...named, ...Object.values(added)) + 1;
  if (end === width) return undefined;
  const count = own.filter((at) => at < end).length;
  return {
    ...header,
    width: end,
    own: own.slice(0, count),
    ownNames: ownNames.slice(0, count),
    ownKeys: ownKeys.slice(0, count),
  };
}

/** The columns of one file, and those of another one that it lacks behind them. */
export function joinHeaders(first: Header, second: Header): Header {
  const shared = alignColumns(second.ownKeys, first.ownKeys);
  const columnsOf = ({ ownNames, ownKeys }: Header): OwnColumn[] =>
    ownNames.map((name, at) => ({ name, key: ownKeys[at] ?? '' }));
  const joined = ownHeader([...columnsOf(first), ...columnsOf(second).filter((_, at) => !shared.includes(at))]);
  return first.unwraps === true || second.unwraps === true ? { ...joined, unwraps: true } : joined;
}

interface OwnColumn {
  readonly name: string;
  readonly key: string;
}

function ownHeader(columns: readonly OwnColumn[]): Header {
  const used: Partial<Record<InputColumn, number>> = {};
  for (const column of INPUT_COLUMN_NAMES) {
    const at = columns.findIndex(({ key }) => key === column);
    if (at >= 0) used[column] = at;
  }
  return {
    width: columns.length,
    ownNames: columns.map(({ name }) => name),
    ownKeys: columns.map(({ key }) => key),
    own: columns.map((_, at) => at),
    used,
    added: undefined,
  };
}

/** Where a column stands, by the name that the file has for it, or by ours; -1 when there is none. */
export function columnAt({ ownNames, ownKeys }: Header, column: string): number {
  const exact = ownNames.findIndex((name) => name.trim() === column);
  if (exact >= 0) return exact;
  const key = normaliseColumnName(column);
  return ownKeys.findIndex((own, at) => own === key || normaliseColumnName(ownNames[at] ?? '') === key);
}

/** The cell of a used column, trimmed; empty where the file has no such column. */
export function usedCell(header: Header, cells: readonly string[], column: InputColumn): string {
  const position = header.used[column];
  if (position === undefined) return '';
  const cell = (cells[position] ?? '').trim();
  return header.unwraps === true ? (unwrapFormula(cell) ?? cell).trim() : cell;
}

/** The text of a formula that is nothing but text, as `="00123"`; exports write it so that a spreadsheet keeps the zeros. */
export function unwrapFormula(cell: string): string | undefined {
  return /^="([^"]*)"$/.exec(cell)?.[1];
}

/** Names as `="username"` are read as what they show, and are so in the results, which need no word on it. */
export function unwrapNames(names: readonly string[]): readonly string[] {
  return names.map((name) => unwrapFormula(name.trim()) ?? name);
}

export function usedNames({ used, ownNames }: Header): ColumnMap {
  const names: Partial<Record<InputColumn, string>> = {};
  for (const column of INPUT_COLUMN_NAMES) {
    const at = used[column];
    if (at !== undefined) names[column] = ownNames[at] ?? '';
  }
  return names;
}

/** The map that reads this header: of the columns whose names don't say what they are. */
export function mapOf(header: Header): ColumnMap {
  const entries = entriesOf(usedNames(header));
  return Object.fromEntries(entries.filter(([column, name]) => normaliseColumnName(name) !== column));
}

/** Of the columns that not every row needs: what the header has in a name that is near. */
export function columnHints(header: Header): readonly ColumnHint[] {
  const missing = INPUT_COLUMN_NAMES.filter((column) => header.used[column] === undefined);
  return missing.flatMap((column) =>
    nearFlags(header, column).map((flag) => ({
      column,
      text: `no column is read as ${column}: if one of them is, give ${flag}`,
    })),
  );
}

export interface ColumnHint {
  readonly column: InputColumn;
  readonly text: string;
}

/** Why rows that need a column can't have it: it is the header that lacks it. @param who such as `PKI rows` */
export function missingColumnText(header: Header, column: InputColumn, { who, otherwise = '' }: Lacking): string {
  const ways = [...nearFlags(header, column).map((flag) => `give ${flag}`), ...(otherwise === '' ? [] : [otherwise])];
  return `is no column of the header, and ${who} need it: name one so${ways.map((way) => `, or ${way}`).join('')}`;
}

interface Lacking {
  readonly who: string;
  /** What else there is to do about it. */
  readonly otherwise?: string;
}

function nearFlags({ ownNames, ownKeys }: Header, column: InputColumn): readonly string[] {
  const unread = ownNames.filter((_, at) => !Object.hasOwn(INPUT_COLUMNS, ownKeys[at] ?? ''));
  return mapFlags([column], unread);
}

function missingText(missing: readonly InputColumn[], names: readonly string[], foundText: string): string {
  const flags = mapFlags(missing, names);
  const lacks = `the header lacks ${missing.join(' and ')}; found: ${foundText}.`;
  const rename = 'ame the columns username,token_type,signature_path,status.';
  return flags.length === 0
    ? `${lacks} N${rename}`
    : `${lacks} If you mean that, give ${flags.join(' ')}; or n${rename}`;
}

function isKnownKey(key: string): boolean {
  return Object.hasOwn(INPUT_COLUMNS, key) || ADDED_COLUMN_NAMES.some((added) => added === key);
}

function addedPositions(found: readonly string[]): Record<AddedColumn, number> {
  // Every added name was found: the record is whole.
  return Object.fromEntries(ADDED_COLUMN_NAMES.map((name) => [name, found.indexOf(name)])) as Record<
    AddedColumn,
    number
  >;
}

/** For each key of `target`, where `source` has it (-1: nowhere). Columns of one key are paired in their order. */
export function alignColumns(source: readonly string[], target: readonly string[]): readonly number[] {
  const taken = new Set<number>();
  return target.map((key) => {
    const at = source.findIndex((candidate, index) => !taken.has(index) && candidate === key);
    if (at >= 0) taken.add(at);
    return at;
  });
}
