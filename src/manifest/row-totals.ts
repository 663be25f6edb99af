import { hash } from 'node:crypto';
import { usedCell } from '../input/header.js';
import type { Header } from '../input/header.js';
import { parseTokenType } from '../row/registration.js';
import { entriesOf } from '../core/table.js';
import { byTokenType } from '../row/token-type.js';
import type { TokenType } from '../row/token-type.js';

/** The control totals of rows, in whatever order. */
export interface Totals {
  readonly rows: number;
  /** Rows of each token type; `other`: of none that we know. */
  readonly types: Readonly<Record<TokenType | 'other', number>>;
  /** The sum of {@link rowNumber} over all rows, modulo 2^48. */
  readonly hash_total: number;
}

/** Sums below it are exact in the numbers of JavaScript, awk and spreadsheets alike. */
const MODULUS = 2 ** 48;
const DIGITS = 12;

/** Sums rows up as they come, in flat memory. */
export class RowTotals {
  #rows = 0;
  #hashTotal = 0;
  readonly #types: Record<TokenType | 'other', number> = { ...byTokenType(() => 0), other: 0 };

  add(header: Header, cells: readonly string[]): void {
    const typeCell = usedCell(header, cells, 'token_type');
    const tokenType = parseTokenType(typeCell);
    this.#rows += 1;
    this.#types[tokenType ?? 'other'] += 1;
    this.#hashTotal += rowNumber(usedCell(header, cells, 'username'), tokenType ?? typeCell.toLowerCase());
    if (this.#hashTotal >= MODULUS) this.#hashTotal -= MODULUS;
  }

  result(): Totals {
    return { rows: this.#rows, types: { ...this.#types }, hash_total: this.#hashTotal };
  }
}

export function addTotals(some: RowSum, others: RowSum): RowSum {
  return { rows: some.rows + others.rows, hash_total: (some.hash_total + others.hash_total) % MODULUS };
}

export type RowSum = Pick<Totals, 'rows' | 'hash_total'>;

/** What is left of the totals of all rows without those of some of them. */
export function without(all: Totals, some: Totals): Totals {
  const types = entriesOf(all.types).map(([name, count]) => [name, count - some.types[name]] as const);
  return {
    rows: all.rows - some.rows,
    // Object.fromEntries loses the names, which are all there.
    types: Object.fromEntries(types) as Totals['types'],
    hash_total: (all.hash_total - some.hash_total + MODULUS) % MODULUS,
  };
}

/** The first 12 hex digits of the SHA-256 of one line: username, tab, token type, line feed, as UTF-8 (docs/proof.md). */
function rowNumber(username: string, tokenType: string): number {
  return parseInt(hash('sha256', `${username}\t${tokenType}\n`, 'hex').slice(0, DIGITS), 16);
}
