import { bare, INPUT_COLUMNS } from './column.js';
import type { InputColumn } from './column.js';

function nearName(column: InputColumn, names: readonly string[]): string | undefined {
  const known = INPUT_COLUMNS[column].otherNames.map((other) => names.find((name) => bare(name) === other));
  return known.find((name) => name !== undefined) ?? names.find((name) => isTypo(bare(name), bare(column)));
}

/** What to type for columns that are not there, when the header has some that could be meant. */
export function mapFlags(missing: readonly InputColumn[], names: readonly string[]): readonly string[] {
  return missing.flatMap((column) => {
    const name = nearName(column, names);
    return name === undefined ? [] : [mapFlag(column, name)];
  });
}

/** The names that are near hold nothing that a shell would take for its own but blanks. */
function mapFlag(column: InputColumn, name: string): string {
  const value = `${column}=${name.trim()}`;
  return `--map ${/\s/.test(value) ? `"${value}"` : value}`;
}

/** Are they one letter apart, or is one of them two letters that changed places? */
function isTypo(name: string, right: string): boolean {
  if (!/^[a-z]+$/.test(name) || Math.abs(name.length - right.length) > 1) return false;
  let at = 0;
  while (at < right.length && name[at] === right[at]) at += 1;
  const [rest, restRight] = [name.slice(at), right.slice(at)];
  const swapped = `${rest.charAt(1)}${rest.charAt(0)}${rest.slice(2)}`;
  return (
    rest.slice(1) === restRight.slice(1) ||
    rest === restRight.slice(1) ||
    rest.slice(1) === restRight ||
    swapped === restRight
  );
}
