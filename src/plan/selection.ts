import { normaliseColumnName } from '../input/column.js';
import type { Header } from '../input/header.js';
import { retryOf } from '../row/outcome.js';
import type { PlannedRow } from './planned-row.js';
import { settleUnreached } from '../row/row-state.js';
import { showText } from '../core/safe-text.js';

/** Which of the rows that could be sent a run sends. */
export interface SelectionRules {
  readonly limit: number | undefined;
  /** Only those that a rerun helps as they are, and new ones. */
  readonly only: 'yes' | undefined;
  /** `column=value`: all of them must hold. */
  readonly where: readonly string[];
}

export function selectsAll({ limit, only, where }: SelectionRules): boolean {
  return limit === undefined && only === undefined && where.length === 0;
}

/** What a condition must look like; the column's name has no `=`. */
export const CONDITION = /^\s*[^=\s][^=]*=/;

export function selectionProblem({ where }: Pick<SelectionRules, 'where'>, header: Header): string | undefined {
  const unknown = where.map(parseCondition).find(({ column }) => columnAt(header, column) < 0);
  if (unknown === undefined) return undefined;
  const names = showText(header.ownNames.join(', '), 300);
  return `--where: the input has no column "${showText(unknown.column, 60)}"; it has: ${names}`;
}

/**
 * Takes rows in their order and leaves out what a run is not to send. A row that is left out waits as one whose turn never
 * came; one that needs a correction first keeps all that is said of it.
 */
export class Selection {
  readonly #rules: SelectionRules;
  readonly #conditions: readonly { readonly at: number; readonly value: string }[];
  #taken = 0;

  constructor(rules: SelectionRules, header: Header) {
    this.#rules = rules;
    this.#conditions = rules.where
      .map(parseCondition)
      .map(({ column, value }) => ({ at: columnAt(header, column), value }));
  }

  select(row: PlannedRow): PlannedRow {
    const { plan } = row;
    if (plan.kind !== 'register') return row;
    const { past, isCorrected = false } = plan;
    const { limit = Infinity, only } = this.#rules;
    const waiting = past !== undefined && retryOf(past.outcome) === 'fix' && !isCorrected ? past : undefined;
    if (only === 'yes' && waiting !== undefined) return { ...row, plan: { kind: 'carry', settlement: waiting } };
    const isMeant = this.#conditions.every(({ at, value }) => (row.cells[at] ?? '').trim() === value);
    if (isMeant && this.#taken < limit) {
      this.#taken += 1;
      return row;
    }
    const why = `not selected by ${isMeant ? '--limit' : '--where'}`;
    return { ...row, plan: { kind: 'carry', settlement: waiting ?? settleUnreached(past, why) } };
  }
}

function parseCondition(text: string): { readonly column: string; readonly value: string } {
  const at = text.indexOf('=');
  return { column: text.slice(0, at).trim(), value: text.slice(at + 1).trim() };
}

/** By the name that the file has for it, or by ours; -1 when there is none. */
function columnAt({ ownNames, ownKeys }: Header, column: string): number {
  const exact = ownNames.findIndex((name) => name.trim() === column);
  if (exact >= 0) return exact;
  const key = normaliseColumnName(column);
  return ownKeys.findIndex((own, at) => own === key || normaliseColumnName(ownNames[at] ?? '') === key);
}
