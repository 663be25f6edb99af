import { columnAt } from '../input/header.js';
import type { Header } from '../input/header.js';
import { retryOf } from '../row/outcome.js';
import type { PlannedRow } from './planned-row.js';
import { settleUnreached } from '../row/row-state.js';
import type { Settlement } from '../row/settlement.js';
import { showText } from '../core/safe-text.js';

/** Which of the rows that could be sent a run sends. */
export interface SelectionRules {
  readonly limit: number | undefined;
  /** Only those that a rerun helps as they are, and new ones. */
  readonly only: 'yes' | undefined;
  /** `column=value`: all of them must hold. */
  readonly where: readonly string[];
  /** Not those that a workbook hides. */
  readonly visibleOnly?: boolean;
}

export function selectsAll({ limit, only, where, visibleOnly = false }: SelectionRules): boolean {
  return limit === undefined && only === undefined && where.length === 0 && !visibleOnly;
}

/** What a condition must look like; the column's name has no `=`. */
export const CONDITION = /^\s*[^=\s][^=]*=/;

export function selectionProblem({ where }: Pick<SelectionRules, 'where'>, header: Header): string | undefined {
  const unknown = where.map(parseCondition).find(({ column }) => columnAt(header, column) < 0);
  if (unknown === undefined) return undefined;
  const names = showText(header.ownNames.join(', '), 300);
  return `--where: the input has no column "${showText(unknown.column, 60)}"; it has: ${names}`;
}

/** What is left out waits as one whose turn never came; a row that needs a correction keeps all that is said of it. */
export class Selection {
  readonly #rules: SelectionRules;
  readonly #conditions: readonly ConditionCheck[];
  #seen = 0;
  #meant = 0;
  #taken = 0;

  constructor(rules: SelectionRules, header: Header) {
    this.#rules = rules;
    this.#conditions = rules.where.map((text) => new ConditionCheck(text, header));
  }

  /** Once all rows were seen: that no row was meant, and what there is instead. */
  problem(): string | undefined {
    if (this.#seen === 0 || this.#meant > 0) return undefined;
    const never = this.#conditions.filter(({ hasHeld }) => !hasHeld).map(({ foundText }) => foundText);
    const texts = never.length > 0 ? never : ['each of them holds for some row, and for none all of them'];
    return `--where: no row has ${this.#rules.where.map((text) => showText(text, 60)).join(' and ')}: ${texts.join('; ')}`;
  }

  /** Do all conditions hold? Each row is to be asked of once. */
  means(cells: readonly string[]): boolean {
    // All of them are asked: they remember what they saw.
    const isMeant = this.#conditions.filter((condition) => !condition.holds(cells)).length === 0;
    this.#seen += 1;
    if (isMeant) this.#meant += 1;
    return isMeant;
  }

  select(row: PlannedRow): PlannedRow {
    const { plan } = row;
    const isMeant = this.means(row.cells);
    if (plan.kind !== 'register') {
      return isMeant && !(this.#rules.visibleOnly === true && row.isHidden === true)
        ? row
        : { ...row, isOutside: true };
    }
    const { past, isCorrected = false } = plan;
    const { limit = Infinity, only } = this.#rules;
    const waiting = past !== undefined && retryOf(past) === 'fix' && !isCorrected ? past : undefined;
    if (only === 'yes' && waiting !== undefined) return { ...row, plan: { kind: 'carry', settlement: waiting } };
    const isLeftHidden = this.#rules.visibleOnly === true && (row.isHidden ?? wasHidden(past));
    const why = isLeftHidden ? HIDDEN : isMeant ? undefined : 'not selected by --where';
    if (why === undefined && this.#taken < limit) {
      this.#taken += 1;
      return row;
    }
    const settlement = waiting ?? settleUnreached(past, why ?? LIMITED);
    return {
      ...row,
      plan: { kind: 'carry', settlement, isLeftOut: true },
      ...(why !== undefined && { isOutside: true }),
    };
  }
}

const LIMITED = 'not selected by --limit';
const HIDDEN = 'hidden in the sheet, and left out by --visible-only';

/** The files that a run leaves hide nothing, but say of such a row that it was. */
function wasHidden(past: Settlement | undefined): boolean {
  return past?.detail.startsWith(HIDDEN) === true;
}

const MOST_VALUES = 8;

class ConditionCheck {
  readonly #text: string;
  readonly #at: number;
  readonly #value: string;
  readonly #found = new Set<string>();
  hasHeld = false;

  constructor(text: string, header: Header) {
    const { column, value } = parseCondition(text);
    this.#text = showText(column, 60);
    this.#at = columnAt(header, column);
    this.#value = value;
  }

  holds(cells: readonly string[]): boolean {
    const found = (cells[this.#at] ?? '').trim();
    if (found === this.#value) this.hasHeld = true;
    else if (this.#found.size < MOST_VALUES) this.#found.add(showText(found, 40));
    return found === this.#value;
  }

  get foundText(): string {
    const more = this.#found.size < MOST_VALUES ? '' : ', …';
    return `${this.#text} is ${[...this.#found].map((value) => `"${value}"`).join(', ')}${more}`;
  }
}

function parseCondition(text: string): { readonly column: string; readonly value: string } {
  const at = text.indexOf('=');
  return { column: text.slice(0, at).trim(), value: text.slice(at + 1).trim() };
}
