import { planDuplicate } from './planned-row.js';
import type { Plan } from './planned-row.js';
import { settleUnsent } from '../row/settlement.js';
import type { Settlement } from '../row/settlement.js';
import { RowIndex } from './row-index.js';
import type { IndexEntry } from './row-index.js';

/** A row as others compare themselves with it: its key, where it stands, and the text of the cells we use. */
export interface Claim {
  readonly key: string;
  readonly line: number;
  readonly content: string;
}

/**
 * Whose row a user and token type is: the first line's that has them, unless a later one is done or in doubt already.
 * A correction can bring a user up to an earlier line; taking it away from the row that was sent would send it again.
 */
export class RowOwners {
  readonly #kept = new RowIndex();
  readonly #first = new RowIndex();

  /** Notes, before any row claims anything, one that keeps its user. */
  keep({ key, line, content }: Claim): void {
    this.#kept.add(key, line, content);
  }

  /** Who has this user instead of the row; nothing when the row itself has. */
  claim({ key, line, content }: Claim): IndexEntry | undefined {
    const kept = this.#kept.get(key);
    // A kept row that was planned already is known as it stands now, with other cells perhaps.
    if (kept !== undefined && kept.line !== line) return this.#first.get(key) ?? kept;
    return this.#first.add(key, line, content);
  }

  has(key: string): boolean {
    return this.#first.get(key) !== undefined || this.#kept.get(key) !== undefined;
  }
}

/** Plans a row whose user another one has. What was sent of it before it was corrected stays visible. */
export function planRepetition(first: IndexEntry, content: string, past: Settlement | undefined): Plan {
  const plan = planDuplicate(first.line, first.isSame(content));
  if (past === undefined || plan.kind !== 'settle') return plan;
  return { kind: 'settle', settlement: keepSends(plan.settlement, past) };
}

/** What a row's history says of the row itself: that it was a duplicate is about another one. */
export function ownHistory(past: Settlement | undefined): Settlement | undefined {
  return past?.outcome === 'duplicate' ? keepSends(settleUnsent('not_sent', ''), past) : past;
}

function keepSends(settlement: Settlement, { attempts, sentAt, latencyMs }: Settlement): Settlement {
  return { ...settlement, attempts, sentAt, latencyMs };
}
