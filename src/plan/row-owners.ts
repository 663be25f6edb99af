import { equalName } from '../row/equal-name.js';
import { planDuplicate } from './planned-row.js';
import type { Plan, PlanRules } from './planned-row.js';
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

/** Who has the user of a row instead of it, under the very same name, or under one that is equal to it. */
export interface Claimed {
  readonly owner?: IndexEntry;
  readonly equal?: IndexEntry;
}

/**
 * Whose row a user and token type is: the first line's that has them, unless a later one is done or in doubt already.
 * A correction can bring a user up to an earlier line; taking it away from the row that was sent would send it again.
 * Names that people would take for the same are known by one entry, and told apart by their spelling.
 */
export class RowOwners {
  readonly #kept = new RowIndex();
  readonly #first = new RowIndex();
  readonly #areEqualNamesAllowed: boolean;

  constructor({ areEqualNamesAllowed = false }: { readonly areEqualNamesAllowed?: boolean | undefined } = {}) {
    this.#areEqualNamesAllowed = areEqualNamesAllowed;
  }

  /** Notes, before any row claims anything, one that keeps its user. */
  keep({ key, line, content }: Claim): void {
    const { equal, spelling } = this.#spell(key);
    this.#kept.add(equal, line, { content, spelling });
  }

  claim({ key, line, content }: Claim): Claimed {
    const { equal, spelling } = this.#spell(key);
    const kept = this.#kept.get(equal);
    const isKept = kept?.isSpelt(spelling) === true;
    // A kept row that was planned already is known as it stands now, with other cells perhaps.
    if (kept !== undefined && isKept && kept.line !== line) return { owner: this.#ofKey(key) ?? kept };
    const there = this.#first.add(equal, line, { content, spelling }) ?? kept;
    if (there === undefined || there.line === line || isKept) return {};
    return there.isSpelt(spelling) ? { owner: there } : { equal: there };
  }

  has(key: string): boolean {
    const { equal, spelling } = this.#spell(key);
    return this.#ofKey(key) !== undefined || this.#kept.get(equal)?.isSpelt(spelling) === true;
  }

  #ofKey(key: string): IndexEntry | undefined {
    const { equal, spelling } = this.#spell(key);
    const first = this.#first.get(equal);
    return first?.isSpelt(spelling) === true ? first : undefined;
  }

  #spell(key: string): { readonly equal: string; readonly spelling: string } {
    const equal = this.#areEqualNamesAllowed ? key : equalName(key);
    return { equal, spelling: equal === key ? '' : key };
  }
}

export function ownerRules({ allowed = [] }: Pick<PlanRules, 'allowed'>): { readonly areEqualNamesAllowed: boolean } {
  return { areEqualNamesAllowed: allowed.includes('equal-names') };
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
