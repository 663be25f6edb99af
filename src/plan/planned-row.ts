import { allowText } from '../core/allowance.js';
import type { Allowance } from '../core/allowance.js';
import { showText } from '../core/safe-text.js';
import type { Header } from '../input/header.js';
import { raggedText } from '../input/ragged-row.js';
import type { Ragged } from '../input/ragged-row.js';
import { isInDoubt, retryOf } from '../row/outcome.js';
import { keyOf, parseKey, parseRegistration, rejectionText } from '../row/registration.js';
import type { Registration, Rejection, TokenStatus } from '../row/registration.js';
import { settleInvalid } from '../row/row-state.js';
import { settleUnsent } from '../row/settlement.js';
import type { Settlement } from '../row/settlement.js';
import { bringsKey } from '../row/token-type.js';
import { isOfUndo, undoneBy } from '../row/undo.js';
import type { UndoPart } from '../row/undo.js';

/** One row of the results: what was known of it when the run began decides what is left to do. */
export interface PlannedRow {
  /** In the first input, from 1. */
  readonly line: number;
  /** In the file that was given; absent when only the results have the row. */
  readonly inputLine?: number;
  /** The own cells, as they go into the results. */
  readonly cells: readonly string[];
  /** Whether a person sees the row in its workbook; absent where no workbook says so. */
  readonly isHidden?: boolean | undefined;
  /** `--where` or `--visible-only` does not mean the row, whatever is to be done about it. */
  readonly isOutside?: true;
  /** Another shard has the row. */
  readonly isElsewhere?: true;
  readonly plan: Plan;
  /** Of a row that is planned for an undo. */
  readonly undo?: UndoPart;
}

/**
 * - `carry`: what earlier runs said of the row stands
 * - `settle`: the row ends without a send; `rejections` say why, where our own checks refuse it, or it repeats another one
 * - `register`: the row is sent when its turn comes
 */
export type Plan =
  | {
      readonly kind: 'carry';
      readonly settlement: Settlement;
      /** It could have been sent, and was not to be: `--where`, `--limit` or `--visible-only`. */
      readonly isLeftOut?: true;
    }
  | {
      readonly kind: 'settle';
      readonly settlement: Settlement;
      readonly rejections?: readonly Rejection[];
      readonly isRepetition?: true;
    }
  | ({ readonly kind: 'register' } & RegisterPlan);

export interface RegisterPlan {
  readonly registration: Registration;
  readonly past: Settlement | undefined;
  /** The row needed a correction and says something else now. */
  readonly isCorrected?: boolean;
}

export interface PlanRules {
  /** What our own checks let pass. */
  readonly allowed?: readonly Allowance[];
  readonly defaultStatus: TokenStatus | undefined;
  /** Does the keys file hold a key for this user that is newer than this time (epoch ms)? */
  readonly hasKeySince: (username: string, sinceMs: number) => boolean;
  /** What a killed run knew of its rows, by key, while its files are completed; each is taken once. */
  readonly takeReplayed?: (key: string) => Settlement | undefined;
  /** What was replayed is only history: the rows are planned as after that completion. */
  readonly isReplayHistory?: boolean;
}

export function planRow(
  row: { readonly header: Header; readonly cells: readonly string[]; readonly ragged?: Ragged | undefined },
  before: Settlement | undefined,
  rules: PlanRules,
): Plan {
  const key = parseKey(row.header, row.cells);
  const replayed = key && rules.takeReplayed?.(keyOf(key));
  // A row that is no duplicate any more has no history.
  const known = before?.outcome === 'duplicate' ? undefined : before;
  const past = joinPast(known, replayed);
  const plan = planPast(past, { key, isReplayed: replayed !== undefined }, rules);
  if (plan !== undefined) return plan;
  const parsed =
    row.ragged === undefined
      ? parseRegistration(row.header, row.cells, rules)
      : { rejections: [{ reason: raggedText(row.ragged) }] };
  if ('registration' in parsed) return { kind: 'register', registration: parsed.registration, past };
  const { rejections } = parsed;
  return { kind: 'settle', settlement: settleInvalid(past, rejections.map(rejectionText).join('; ')), rejections };
}

/** Plans anew a row that a run of its shard has `left` so since; what no run has touched stays as it was planned. */
export function planAgain(
  { header, cells, plan }: { readonly header: Header } & Pick<PlannedRow, 'cells' | 'plan'>,
  left: Settlement | undefined,
  rules: PlanRules,
): Plan {
  if (plan.kind === 'carry') {
    // One that waits for a word of the operator's may have had it then.
    const isOver = retryOf(plan.settlement) === 'no' || left === undefined;
    return isOver ? plan : { kind: 'carry', settlement: left };
  }
  if (plan.kind === 'settle' && (plan.rejections === undefined || plan.isRepetition === true)) return plan;
  const key = parseKey(header, cells);
  const replayed = key && rules.takeReplayed?.(keyOf(key));
  if (left === undefined && replayed === undefined) return plan;
  const past = joinPast(left ?? (plan.kind === 'register' ? plan.past : plan.settlement), replayed);
  const again = planPast(past, { key, isReplayed: replayed !== undefined }, rules);
  if (again !== undefined) return again;
  if (plan.kind === 'register') return { kind: 'register', registration: plan.registration, past };
  const { rejections = [] } = plan;
  return { ...plan, settlement: settleInvalid(past, rejections.map(rejectionText).join('; ')) };
}

/** A journal knows of no sends before its own run. */
function joinPast(known: Settlement | undefined, replayed: Settlement | undefined): Settlement | undefined {
  return replayed === undefined ? known : { ...replayed, sentAt: replayed.sentAt ?? known?.sentAt };
}

interface PastOf {
  readonly key: ReturnType<typeof parseKey>;
  /** A journal has told of the row. */
  readonly isReplayed: boolean;
}

/** What a row's past decides by itself, whatever the row says by now. */
function planPast(past: Settlement | undefined, { key, isReplayed }: PastOf, rules: PlanRules): Plan | undefined {
  if (past === undefined) return undefined;
  if (retryOf(past) === 'no' || isKeptBack(past, rules)) return { kind: 'carry', settlement: past };
  if (key !== undefined && bringsKey(key.tokenType) && isSaved(past, key.username, rules)) {
    const detail = 'The key that an earlier send brought is in the keys file.';
    return { kind: 'settle', settlement: { ...past, outcome: 'registered', detail } };
  }
  const isCompletion = isReplayed && rules.isReplayHistory !== true;
  return isCompletion ? { kind: 'carry', settlement: past } : undefined;
}

/** What a person took away, no run gives back unless told; what was deactivated, or is in doubt, is for undo alone. */
function isKeptBack(past: Settlement, { allowed = [] }: PlanRules): boolean {
  return isOfUndo(past) && !(undoneBy(past) === 'unregister' && allowed.includes('undone'));
}

/** Does the row need a correction that it has not got? @param isSame does it say what it said when that was found? */
export function markCorrected(plan: Plan, isSame: () => boolean): Plan {
  const isWaiting = plan.kind === 'register' && plan.past !== undefined && retryOf(plan.past) === 'fix';
  return isWaiting && !isSame() ? { ...plan, isCorrected: true } : plan;
}

function isSaved(past: Settlement, username: string, rules: PlanRules): boolean {
  return isInDoubt(past.outcome) && rules.hasKeySince(username, past.sentAt ?? Infinity);
}

/** Keeps back a row whose user may be that of another line; one that may have been sent already goes on. */
export function keepBack(plan: Plan, username: string, other: string): Plan {
  if (plan.kind !== 'register' || (plan.past !== undefined && isInDoubt(plan.past.outcome))) return plan;
  const reason = `"${showText(username, 60)}" is like that of ${other}: if that is the same user, keep one of them, else ${allowText('equal-names')}`;
  const rejection = { column: 'username', reason } as const;
  return { kind: 'settle', settlement: settleInvalid(plan.past, rejectionText(rejection)), rejections: [rejection] };
}

export function planDuplicate(firstLine: number, isSame: boolean): Plan {
  if (isSame)
    return { ...REPEATED, settlement: settleUnsent('duplicate', `The same row stands on line ${firstLine}.`) };
  const reason = `line ${firstLine} has the same username and token type, and says something else: keep one of them`;
  return { ...REPEATED, settlement: settleUnsent('invalid', reason), rejections: [{ reason }] };
}

const REPEATED = { kind: 'settle', isRepetition: true } as const;
