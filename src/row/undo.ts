import { isoTime } from '../core/iso-time.js';
import { namesOf } from '../core/table.js';
import type { Outcome } from './outcome.js';
import type { Registration, TokenStatus } from './registration.js';
import type { Settlement } from './settlement.js';
import { describeTokenType } from './token-type.js';
import type { TokenType } from './token-type.js';

/** How a registration is taken back, or given back (vendor documentation: `token/update/token/status`). */
export interface UndoWayFacts {
  /** What is sent for the status; none where the token is taken away. */
  readonly status: TokenStatus | undefined;
  /** What a row is called that went this way. */
  readonly outcome: Extract<Outcome, 'undone' | 'registered'>;
  /** What became of a token. */
  readonly done: string;
  readonly describe: string;
}

export const UNDO_WAYS = {
  deactivate: {
    status: '3',
    outcome: 'undone',
    done: 'Deactivated',
    describe: 'sets the status 3, temporarily deactivated',
  },
  unregister: { status: undefined, outcome: 'undone', done: 'Unregistered', describe: 'takes the token away' },
  activate: {
    status: '2',
    outcome: 'registered',
    done: 'Active again',
    describe: 'sets the status that was registered, else 2, valid',
  },
} as const satisfies Record<string, UndoWayFacts>;
export type UndoWay = keyof typeof UNDO_WAYS;
export const UNDO_WAY_NAMES = namesOf(UNDO_WAYS);

export function describeUndoWay(way: UndoWay): UndoWayFacts {
  return UNDO_WAYS[way];
}

/** What is sent for the status of this row; none where its token is taken away. */
export function undoStatusOf(registration: Registration, way: UndoWay): TokenStatus | undefined {
  // What it was registered with, and not more than that.
  if (way === 'activate' && registration.tokenType === 'pki') return registration.status;
  return UNDO_WAYS[way].status;
}

/** By which type these calls know a token; `otpType` is what the operator says. */
export function undoTypeOf(tokenType: TokenType, otpType: string | undefined): string | undefined {
  const { takenBackAs } = describeTokenType(tokenType);
  return 'type' in takenBackAs ? takenBackAs.type : otpType;
}

/** Does the server show whether a token is gone, and ours? */
export function canShowGone(tokenType: TokenType, way: UndoWay): boolean {
  return way === 'unregister' && describeTokenType(tokenType).proof.by === 'fingerprint';
}

export const LOOK_AT_USER = 'look at the user in the console, then repeat undo.';

/** The remedies of return codes are of registrations: no row is to be corrected for an undo. */
export function refusedUndo(meaning = 'No document lists this code'): string {
  return `${meaning}: ${LOOK_AT_USER}`;
}

/** What undo has to do with a row of the results. */
export interface UndoPart {
  /** What they say of it, where this undo takes it up. */
  readonly standing?: Settlement;
  /** What an earlier undo came to. */
  readonly earlier?: EarlierUndo | undefined;
  /** Why this one leaves it as it is: it is so already, it may not be touched, or the selection leaves it out. */
  readonly leftFor?: 'done' | 'not_ours' | 'not_selected';
}

export interface EarlierUndo {
  readonly way: UndoWay;
  readonly settlement: Settlement;
}

/** By these words, at the beginning of its detail, the next undo or run knows what became of a row. */
const DONE =
  /^(Deactivated|Unregistered|Active again) by undo at \d{4}-\S+Z(?:: undo --how activate makes it valid again)?\.(?: |$)/;
const DOUBT =
  /^In doubt since undo --how (deactivate|unregister|activate) at \d{4}-\S+Z, which may have been applied: repeat that\.(?: |$)/;

type Said = Pick<Settlement, 'outcome' | 'detail'>;

function markedWay(detail: string): UndoWay | undefined {
  const word = DONE.exec(detail)?.[1];
  return UNDO_WAY_NAMES.find((way) => UNDO_WAYS[way].done === word);
}

/** Is the row already what this way would make of it, by an undo? No later one that came to nothing changes that. */
export function isUndone({ outcome, detail }: Said, way: UndoWay): boolean {
  return outcome === UNDO_WAYS[way].outcome && markedWay(detail) === way;
}

/** How the row was taken back; nothing where it was not, or is in doubt. */
export function undoneBy(said: Said): Exclude<UndoWay, 'activate'> | undefined {
  return (['deactivate', 'unregister'] as const).find((way) => isUndone(said, way));
}

/** Which undo of the row is in doubt. */
export function undoInDoubt({ outcome, detail }: Said): UndoWay | undefined {
  const word = outcome === 'unknown' ? DOUBT.exec(detail)?.[1] : undefined;
  return UNDO_WAY_NAMES.find((way) => way === word);
}

/** A run leaves such a row to whoever took it back. */
export function isOfUndo(past: Settlement): boolean {
  return past.outcome === 'undone' || undoInDoubt(past) !== undefined;
}

/** What a send of this job surely registered, or undo took back; a row in doubt only goes on the way of its doubt. */
export function mayUndo(standing: Settlement, way: UndoWay): boolean {
  const doubted = undoInDoubt(standing);
  if (doubted !== undefined) return doubted === way;
  if (way === 'activate') return undoneBy(standing) === 'deactivate';
  if (way === 'unregister' && undoneBy(standing) === 'deactivate') return true;
  return standing.outcome === 'registered' && standing.attempts > 0 && standing.sentAt !== undefined;
}

/** What was said of the registration stays beside its undo; an undo that surely changed nothing changes nothing. */
export function afterUndo(standing: Settlement, undo: Settlement, way: UndoWay): Settlement {
  const before = withoutDoubt(standing);
  const at = isoTime(undo.sentAt ?? standing.sentAt ?? 0);
  switch (undo.outcome) {
    case 'undone':
    case 'registered': {
      const hint = way === 'deactivate' ? ': undo --how activate makes it valid again' : '';
      return withMark(withoutMark(before), undo.outcome, `${describeUndoWay(way).done} by undo at ${at}${hint}.`);
    }
    case 'unknown': {
      const mark = `In doubt since undo --how ${way} at ${at}, which may have been applied: repeat that.`;
      return { ...withMark(before, 'unknown', mark), needsFix: true };
    }
    case 'already_registered':
    case 'duplicate':
    case 'refused':
    case 'invalid':
    case 'key_lost':
    case 'unavailable':
    case 'not_sent':
      return before;
  }
}

function withMark(settlement: Settlement, outcome: Outcome, mark: string): Settlement {
  return { ...settlement, outcome, detail: [mark, settlement.detail].join(' ').trimEnd() };
}

function withoutDoubt(standing: Settlement): Settlement {
  if (undoInDoubt(standing) === undefined) return standing;
  const { returnCode, message, httpStatus, attempts, sentAt, latencyMs } = standing;
  const detail = standing.detail.replace(DOUBT, '');
  const way = markedWay(detail);
  const outcome = way === undefined ? 'registered' : UNDO_WAYS[way].outcome;
  return { outcome, returnCode, message, httpStatus, attempts, sentAt, latencyMs, detail };
}

function withoutMark(before: Settlement): Settlement {
  return { ...before, outcome: 'registered', detail: before.detail.replace(DONE, '') };
}
