import { ADDED_COLUMN_NAMES } from './added-column.js';
import { bare, INPUT_COLUMN_NAMES, normaliseColumnName } from './column.js';
import type { InputColumn } from './column.js';

/** What a file calls the columns that we read, where it doesn't call them as we do. */
export type ColumnMap = Readonly<Partial<Record<InputColumn, string>>>;

export const COLUMN_MAP_NEEDS = `column=name, once for a column, with the name that the header has for it; the columns are ${INPUT_COLUMN_NAMES.join(', ')}`;

const NEXT = new RegExp(`,(?=\\s*(?:${INPUT_COLUMN_NAMES.join('|')})\\s*=)`);

/** `username=UPN,status=State`; nothing for what is no such list, or leads into a column that this tool adds. */
export function parseColumnMap(text: string): ColumnMap | undefined {
  const map: Partial<Record<InputColumn, string>> = {};
  for (const entry of text.split(NEXT)) {
    const at = entry.indexOf('=');
    const column = INPUT_COLUMN_NAMES.find((each) => each === entry.slice(0, at).trim());
    const name = entry.slice(at + 1).trim();
    const isTaken = Object.values(map).some((other) => bare(other) === bare(name));
    const isAdded = ADDED_COLUMN_NAMES.some((added) => added === normaliseColumnName(name));
    if (column === undefined || map[column] !== undefined || bare(name) === '' || isTaken || isAdded) return undefined;
    map[column] = name;
  }
  return map;
}

/** What each column is known by: ours by its name in our tables, another by its own. A map goes before the names. */
export function columnKeys(names: readonly string[], map: ColumnMap): readonly string[] {
  const mapped = INPUT_COLUMN_NAMES.filter((column) => hasColumn(names, map[column]));
  return names.map((name) => {
    const column = mapped.find((each) => bare(map[each] ?? '') === bare(name));
    if (column !== undefined) return column;
    const key = normaliseColumnName(name);
    // No name without blanks is like this.
    return mapped.some((each) => each === key) ? `other ${key}` : key;
  });
}

export function findUnmapped(names: readonly string[], map: ColumnMap): InputColumn | undefined {
  return INPUT_COLUMN_NAMES.find(
    (column) => map[column] !== undefined && !hasColumn(names, map[column]) && !hasColumn(names, column),
  );
}

function hasColumn(names: readonly string[], wanted: string | undefined): boolean {
  return wanted !== undefined && names.some((name) => bare(name) === bare(wanted));
}
