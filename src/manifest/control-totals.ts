import { eachRow } from '../input/file-row.js';
import type { RowFile } from '../input/file-row.js';
import { usedCell } from '../input/header.js';
import { People } from '../report/people.js';
import { TOKEN_TYPE_NAMES } from '../row/token-type.js';
import type { TokenType } from '../row/token-type.js';
import { RowTotals } from './row-totals.js';

/** What two people compare of an input before it is sent, by the names under which it is written. */
export interface ControlTotals extends Readonly<Record<TokenType, number>> {
  /** Hex. */
  readonly sha256: string;
  readonly rows: number;
  readonly people: number;
  readonly other: number;
  readonly hash_total: number;
}

const NAMES = [
  'sha256',
  'rows',
  'people',
  ...TOKEN_TYPE_NAMES,
  'other',
  'hash_total',
] as const satisfies readonly (keyof ControlTotals)[];

/** @param random from 0 to 1 @throws {InputError} where the input breaks */
export async function sumUp(input: RowFile, sha256: string, random: () => number): Promise<ControlTotals> {
  const [totals, people] = [new RowTotals(), new People(random)];
  for await (const { cells } of eachRow(input)) {
    totals.add(input.header, cells);
    const username = usedCell(input.header, cells, 'username');
    if (username !== '') people.add(username, { isLeft: false, token: 'none' });
  }
  const { rows, types, hash_total } = totals.result();
  return { sha256, rows, people: people.count().all, ...types, hash_total };
}

/** One a line, so that a person can read it out, and sign it as it is. */
export function toControlText(totals: ControlTotals): string {
  return NAMES.map((name) => `${name} ${totals[name]}\n`).join('');
}

/** Undefined: this is no such text. */
export function parseControlText(text: string): Readonly<Record<keyof ControlTotals, string>> | undefined {
  const entries = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(' '));
  const found = Object.fromEntries(entries) as Readonly<Record<keyof ControlTotals, string>>;
  const isWhole = entries.length === NAMES.length && NAMES.every((name, at) => entries[at]?.[0] === name);
  return isWhole && entries.every((parts) => parts.length === 2) ? found : undefined;
}

/** Those that differ, in words; none: it is what was expected. */
export function compareTotals(
  found: ControlTotals,
  expected: Readonly<Partial<Record<keyof ControlTotals, string>>>,
): readonly string[] {
  return NAMES.flatMap((name) => {
    const [is, should] = [String(found[name]), expected[name]];
    return should === undefined || should === is ? [] : [`${name} is ${is}, and not ${should}`];
  });
}
