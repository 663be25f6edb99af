import type { Proof } from '../core/proof.js';
import { describePageReply } from './block.js';
import { isThrottled } from './http-status.js';
import { isInDoubt } from './outcome.js';
import { settleUnsent } from './settlement.js';
import type { Settlement } from './settlement.js';
import type { Outcome } from './outcome.js';
import type { Reply } from './reply.js';

export interface RowState {
  readonly past: Settlement | undefined;
  /** Sends that may have left, over all runs. */
  readonly attempts: number;
  /** Tries of this run, sent or not; those that met a 429 don't count. */
  readonly tries: number;
  readonly throttled: number;
  readonly codes: readonly string[];
  readonly inDoubt: boolean;
  readonly lastReply: Reply | undefined;
  readonly sentAt: number | undefined;
  readonly latencyMs: number | undefined;
  readonly connection?: number | undefined;
}

/** One try and what came of it. Times are epoch milliseconds; `sentAt` is absent when nothing left. */
export interface Attempt {
  readonly reply: Reply;
  readonly sentAt: number | undefined;
  readonly latencyMs: number | undefined;
  /** Over which of the run's connections it left, from 1. */
  readonly connection?: number | undefined;
  /** How far its stamp was off the server's clock, where it had one and the reply shows that. */
  readonly stampErrorMs?: number | undefined;
  /** What the reply rests on, where that is still to be proved. */
  readonly proof?: Proof | undefined;
}

export function beginRow(past: Settlement | undefined): RowState {
  return {
    past,
    attempts: past?.attempts ?? 0,
    tries: 0,
    throttled: 0,
    codes: [],
    inDoubt: past !== undefined && isInDoubt(past.outcome),
    lastReply: undefined,
    sentAt: past?.sentAt,
    latencyMs: past?.latencyMs,
  };
}

/** The state after one more try; whether it leaves doubt is for the decision to say. */
export function addAttempt(state: RowState, attempt: Attempt): RowState {
  const left = attempt.reply.kind !== 'unsent';
  const throttled = isThrottled(attempt.reply);
  // Member by member: to spread the state takes as long as to parse the reply.
  return {
    past: state.past,
    attempts: state.attempts + (left ? 1 : 0),
    tries: state.tries + (throttled ? 0 : 1),
    throttled: throttled ? state.throttled + 1 : 0,
    codes: attempt.reply.kind === 'answer' ? [...state.codes, attempt.reply.code] : state.codes,
    inDoubt: state.inDoubt,
    lastReply: attempt.reply,
    sentAt: left ? attempt.sentAt : state.sentAt,
    latencyMs: left ? attempt.latencyMs : state.latencyMs,
    connection: left ? attempt.connection : state.connection,
  };
}

/** Would another send be a retry of our own choice? One after 429 is what the server asked for. */
export function isRetry({ tries, throttled }: RowState): boolean {
  return tries > 0 && throttled === 0;
}

export function settle(state: RowState, outcome: Outcome, detail: string): Settlement {
  const { lastReply, past } = state;
  return {
    outcome,
    returnCode: lastReply === undefined ? (past?.returnCode ?? '') : lastReply.kind === 'answer' ? lastReply.code : '',
    message: lastReply === undefined ? (past?.message ?? '') : lastReply.kind === 'answer' ? lastReply.message : '',
    httpStatus:
      lastReply === undefined ? past?.httpStatus : 'httpStatus' in lastReply ? lastReply.httpStatus : undefined,
    attempts: state.attempts,
    sentAt: state.sentAt,
    latencyMs: state.latencyMs,
    connection: state.connection,
    detail,
  };
}

/** The session is good, so the no is to the row. */
export function settleRefusedAlone(state: RowState): Settlement {
  const page = describePageReply(state.lastReply);
  if (page === undefined) {
    return settleRefused(state, 'The session is good: this administrator has no right over this user.');
  }
  const detail = `${page}, and the session is good: this administrator has no right over this user, or what stands before the server blocks the row.`;
  return settleRefused(state, detail);
}

/** By a no that says nothing of an earlier send: where one is in doubt, a person is to look. */
export function settleRefused(state: RowState, detail: string): Settlement {
  if (!state.inDoubt) return settle(state, 'refused', detail);
  return { ...settle(state, 'unknown', `${detail} ${EARLIER_SEND}`), needsFix: true };
}

export const EARLIER_SEND = 'An earlier send may have been applied.';

/** The row when the run ends before it is settled: what is so far known of it, and no more. */
export function settleUnfinished(state: RowState, why: string): Settlement {
  const { lastReply } = state;
  if (lastReply === undefined) return settleUnreached(state.past, why);
  const what = 'why' in lastReply ? `${lastReply.why}; ${why}` : why;
  if (state.inDoubt) return settle(state, 'unknown', `${what}; an earlier send may have been applied: rerun`);
  return settle(state, 'unavailable', `${what}: rerun`);
}

/** A row whose turn never came keeps what earlier runs knew, unless that was about the row as it stood then. */
export function settleUnreached(past: Settlement | undefined, why: string): Settlement {
  const detail = `${why}: rerun`;
  if (past === undefined) return settleUnsent('not_sent', detail);
  // What was taken back stays so until it is sent again.
  if (isInDoubt(past.outcome) || past.outcome === 'unavailable' || past.outcome === 'undone') return past;
  return { ...settleUnsent('not_sent', detail), ...sendsOf(past) };
}

/** A row that a fault of the machine kept from being sent, with nothing wrong in it. */
export function settleKeptBack(state: RowState, why: string): Settlement {
  const { past } = state;
  if (state.lastReply !== undefined) return settleUnfinished(state, why);
  if (past === undefined) return settleUnsent('unavailable', why);
  return isInDoubt(past.outcome) ? past : { ...settleUnsent('unavailable', why), ...sendsOf(past) };
}

/** A row that our checks refuse; a send of it that is in doubt stays so. */
export function settleInvalid(past: Settlement | undefined, reason: string): Settlement {
  if (past === undefined) return settleUnsent('invalid', reason);
  if (!isInDoubt(past.outcome)) return { ...settleUnsent('invalid', reason), ...sendsOf(past) };
  return {
    ...past,
    outcome: 'unknown',
    detail: `an earlier send may have been applied, and the row can't be sent again: ${reason}`,
  };
}

/** The row when an answer of it may be another row's: what was said to it says nothing. */
export function takeBack(settlement: Settlement): Settlement {
  return { ...settleUnsent('unknown', MIXED_UP), ...sendsOf(settlement) };
}

const MIXED_UP =
  "Its answer may be another row's: answers got mixed up on the connection, so none of them is believed. See the summary, then rerun.";

/** What stays true of a row's sends when its history is about the row as it stood then. */
function sendsOf({ attempts, sentAt, latencyMs }: Settlement): Pick<Settlement, 'attempts' | 'sentAt' | 'latencyMs'> {
  return { attempts, sentAt, latencyMs };
}
