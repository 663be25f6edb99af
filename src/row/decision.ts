import { backoffMs } from '../core/backoff.js';
import { describeBlock, describePageReply, toRowsOwn, wasBlocked } from './block.js';
import { describeStatus } from './http-status.js';
import type { Outcome } from './outcome.js';
import { bringsKey, describeTokenType, isOtpTypeAsked } from './token-type.js';
import type { TokenType } from './token-type.js';
import { describeLasting, isLasting } from './reply.js';
import { describePage } from './page.js';
import type { Answer, OtherStatus, Reply, Unanswered, Unreadable, Unsent } from './reply.js';
import { describeReturnCode, verdictOf } from './return-code.js';
import { MOST_OFF_MS } from '../core/clock.js';
import { EARLIER_SEND } from './row-state.js';
import type { RowState } from './row-state.js';
import { describeKey } from './odd-key.js';
import { canShowGone, describeUndoWay, LOOK_AT_USER, refusedUndo } from './undo.js';
import type { UndoWay } from './undo.js';

/** A row's end. `isOpen`: a send may have been applied, and what the server lists of the user could tell. */
export interface SettleDecision {
  readonly kind: 'settle';
  readonly inDoubt: boolean;
  readonly outcome: Outcome;
  readonly detail: string;
  readonly isOpen?: true;
  readonly needsFix?: true;
}

/**
 * What one reply means for its row: it is settled; or it is tried again after `delayMs`, with all rows waiting for
 * `everybodyMs` when the server can't be asked anything now; or the session check decides; or the whole run stops until a person has acted.
 * `inDoubt` says whether some send of the row, this one included, may have been applied without our knowing.
 */
export type Decision =
  | SettleDecision
  | { readonly kind: 'retry'; readonly inDoubt: boolean; readonly delayMs: number; readonly everybodyMs: number }
  | { readonly kind: 'ask_session'; readonly inDoubt: boolean; readonly detail: string }
  | {
      readonly kind: 'stop';
      readonly inDoubt: boolean;
      readonly outcome: Outcome;
      readonly detail: string;
      readonly reason: string;
    };

export interface Circumstances {
  readonly tokenType: TokenType;
  readonly maxAttempts: number;
  /** Has any row of this run been answered by the registration endpoints with a return code? */
  readonly endpointSeen: boolean;
  /** If the reply is a block: does it come for this row alone? */
  readonly isRowAlone: boolean;
  /** How far the stamp of this send was off the server's clock, where it had one and the reply shows that. */
  readonly stampErrorMs?: number | undefined;
  /** In [0, 1). */
  readonly random: number;
  /** What was sent was no registration, but to take one back. */
  readonly undo?: UndoWay | undefined;
}

/** Times in a row that a row meets 429 before it is left for the next run: three to seven minutes of our own pauses. */
export const MAX_THROTTLED = 20;

export function decide(state: RowState, reply: Reply, circumstances: Circumstances): Decision {
  const decision = decideAlone(state, reply, circumstances);
  return circumstances.undo === undefined ? decision : keepDoubt(state, decision);
}

/** Of a registration that was applied, the next one would be told. What a status is set to, no later refusal tells. */
function keepDoubt({ inDoubt }: RowState, decision: Decision): Decision {
  if (!inDoubt || decision.kind !== 'settle' || decision.outcome !== 'refused') return decision;
  const detail = `${decision.detail} ${EARLIER_SEND}`;
  return { ...decision, inDoubt: true, outcome: 'unknown', needsFix: true, detail };
}

function decideAlone(state: RowState, reply: Reply, circumstances: Circumstances): Decision {
  const block = describeBlock(reply);
  if (block !== undefined && wasBlocked(state.past, reply)) return decideBlockedAgain(block, circumstances);
  switch (reply.kind) {
    case 'answer':
      return decideAnswer(state, reply, circumstances);
    case 'status':
      return decideStatus(state, reply, circumstances);
    case 'unreadable':
      return decideUnreadable(state, reply, circumstances);
    case 'unanswered':
      return decideUnanswered({ ...state, inDoubt: true }, reply, circumstances);
    case 'unsent':
      return decideUnanswered(state, reply, circumstances);
  }
}

/** Said at once, and also of a row that leads: since others were answered, it says nothing of the endpoint. */
function decideBlockedAgain(block: string, { endpointSeen }: Circumstances): Decision {
  const detail = `${toRowsOwn(block)}, as in an earlier run. A send may have been applied. No rerun gets past it: have those who run the server, and what stands before it, look for it, or correct the row, then rerun.`;
  const isOpen = endpointSeen ? ({ isOpen: true } as const) : undefined;
  return { kind: 'settle', inDoubt: true, outcome: 'unknown', detail, needsFix: true, ...isOpen };
}

const NO_CENTAGATE =
  'This is no CENTAGATE web API, or what stands before it blocks this row: check --server, then rerun.';

function decideUnreadable(state: RowState, reply: Unreadable, circumstances: Circumstances): Decision {
  const { why, page } = reply;
  if (!circumstances.endpointSeen && why !== 'the reply is empty') {
    // JSON is what a CENTAGATE answers with: without a code, it may be one that has applied the send.
    const mayBe = why !== 'the reply is not JSON' && describePageReply(reply) === undefined;
    const inDoubt = state.inDoubt || mayBe;
    return stop(
      { ...state, inDoubt },
      `HTTP status 200 from ${endpointText(circumstances)}, and ${why}${describePage(page)}`,
      NO_CENTAGATE,
    );
  }
  return tryAgain({ ...state, inDoubt: true }, { why: `${why}${describePage(page)}` }, circumstances);
}

/** What no waiting heals is met by every row. */
function decideUnanswered(state: RowState, reply: Unanswered | Unsent, circumstances: Circumstances): Decision {
  if ('isStrange' in reply && !circumstances.endpointSeen) {
    return stop(state, `${reply.why} (${endpointText(circumstances)})`, NO_CENTAGATE);
  }
  if (!isLasting(reply)) return tryAgain(state, { why: reply.why }, circumstances);
  const [outcome, doubt] = state.inDoubt
    ? (['unknown', ' A send may have been applied.'] as const)
    : (['unavailable', ''] as const);
  const detail = `${reply.why}.${doubt} Then rerun.`;
  return { kind: 'stop', inDoubt: state.inDoubt, outcome, detail, reason: describeLasting(reply) };
}

function endpointText({ undo }: Circumstances): string {
  return undo === undefined ? 'the registration endpoint' : 'the endpoint that takes back';
}

function decideAnswer(state: RowState, reply: Answer, circumstances: Circumstances): Decision {
  const { tokenType, undo } = circumstances;
  const undone = undo && decideUndone(state, reply, { tokenType, way: undo });
  if (undone !== undefined) return undone;
  const known = describeReturnCode(reply.code);
  const remedy = known?.remedy ?? 'No document lists this code: ask the vendor, then rerun.';
  const why = `return code ${reply.code} (${known?.meaning ?? ''})`;
  if (known?.isForStamp === true && (circumstances.stampErrorMs ?? 0) > MOST_OFF_MS) {
    // No word on the row: the server's clock has jumped, and the next stamp follows it.
    return tryAgain(state, { why: `${why}, to a stamp minutes off the server's clock` }, circumstances);
  }
  switch (verdictOf(reply.code, undo === undefined ? tokenType : 'noToken')) {
    case 'success':
      return decideSuccess(reply, tokenType);
    case 'already':
      return decideAlready(state, tokenType);
    case 'temporary':
      return tryAgain({ ...state, inDoubt: true }, { why, remedy }, circumstances);
    case 'once_more': {
      const isSecond = state.codes.filter((code) => code === reply.code).length > 1;
      const maxAttempts = isSecond ? state.tries : circumstances.maxAttempts;
      return tryAgain({ ...state, inDoubt: true }, { why, remedy }, { ...circumstances, maxAttempts });
    }
    case 'later':
      return { kind: 'settle', ...giveUp(state, remedy) };
    case 'refused':
      return {
        kind: 'settle',
        inDoubt: false,
        outcome: 'refused',
        detail: undo === undefined ? remedy : refusedUndo(known?.meaning),
      };
    case 'session':
      return { kind: 'ask_session', inDoubt: state.inDoubt, detail: remedy };
    case 'stop':
      return stop(state, why, remedy);
  }
}

/** That nothing is there to take away, after a send that may have been applied, says that it was; else it is a no. */
function decideUndone(
  { inDoubt }: RowState,
  { code }: Answer,
  { tokenType, way }: { readonly tokenType: TokenType; readonly way: UndoWay },
): Decision | undefined {
  const { outcome, done } = describeUndoWay(way);
  const verdict = verdictOf(code, 'noToken');
  if (verdict === 'success') {
    const isOpen = canShowGone(tokenType, way) ? ({ isOpen: true } as const) : undefined;
    return { kind: 'settle', inDoubt: false, outcome, detail: `${done}.`, ...isOpen };
  }
  const no = (detail: string): Decision => ({ kind: 'settle', inDoubt: false, outcome: 'refused', detail });
  if (verdict === 'already') return no(`An answer that says nothing of what was asked: ${LOOK_AT_USER}`);
  if (describeReturnCode(code)?.isNoToken !== true) return undefined;
  if (inDoubt && way === 'unregister') {
    const detail = `${done}: there is no such token any more, after a send without a clear answer.`;
    return { kind: 'settle', inDoubt: false, outcome, detail };
  }
  const type = isOtpTypeAsked(tokenType) ? ', or --otp-type is another one here' : '';
  return no(`This user has no such token any more${type}: look at the user, or ask verify.`);
}

/** Without its key, a token is of no use to its user: that is for a person to settle, or the keys file. */
function decideSuccess({ key }: Answer, tokenType: TokenType): Decision {
  const isKeyLost = bringsKey(tokenType) && (key === undefined || key.text === '');
  const detail = bringsKey(tokenType) ? describeKey(key) : '';
  return { kind: 'settle', inDoubt: isKeyLost, outcome: isKeyLost ? 'key_lost' : 'registered', detail };
}

function decideAlready(state: RowState, tokenType: TokenType): Decision {
  if (!state.inDoubt) {
    return {
      kind: 'settle',
      inDoubt: false,
      outcome: 'already_registered',
      detail: 'A token was there before this run.',
    };
  }
  const { proof } = describeTokenType(tokenType);
  if (proof.by !== 'key') {
    const detail = `A token is there; after an earlier send without an answer it may be ours: look at ${proof.of}.`;
    return { kind: 'settle', inDoubt: false, outcome: 'already_registered', detail, isOpen: true };
  }
  const detail =
    'A token is there after a send without an answer; if it is ours, its key is lost. It may have existed before: look, unregister it, then rerun.';
  return { kind: 'settle', inDoubt: true, outcome: 'key_lost', detail };
}

function decideStatus(state: RowState, reply: OtherStatus, circumstances: Circumstances): Decision {
  const { httpStatus } = reply;
  const what = `HTTP status ${httpStatus}${describePage(reply.page)}`;
  const { row, first } = describeStatus(httpStatus);
  const isWrong = first !== undefined && (first !== 'stop_for_page' || describePageReply(reply) !== undefined);
  if (isWrong && !circumstances.endpointSeen) {
    return stop(
      { ...state, inDoubt: state.inDoubt || first === 'stop_in_doubt' },
      `HTTP status ${httpStatus} from ${endpointText(circumstances)}${describePage(reply.page)}`,
      NO_CENTAGATE,
    );
  }
  switch (row) {
    case 'throttled':
      return waitForServer(state, reply, circumstances);
    case 'session': {
      const detail = `${what}: no right over this user, or the session has ended.`;
      return { kind: 'ask_session', inDoubt: state.inDoubt, detail };
    }
    case 'again':
      return tryAgain({ ...state, inDoubt: true }, { why: what }, circumstances);
    case 'pause': {
      const decision = tryAgain({ ...state, inDoubt: true }, { why: what }, circumstances);
      return decision.kind === 'retry' ? { ...decision, everybodyMs: decision.delayMs } : decision;
    }
  }
}

function waitForServer(state: RowState, reply: OtherStatus, circumstances: Circumstances): Decision {
  if (state.throttled >= MAX_THROTTLED) {
    return {
      kind: 'settle',
      ...giveUp(state, `The server kept asking for less (HTTP status ${reply.httpStatus}): rerun later.`),
    };
  }
  const delayMs = backoffMs(state.throttled, circumstances.random, reply.retryAfterMs);
  return { kind: 'retry', inDoubt: state.inDoubt, delayMs, everybodyMs: 0 };
}

interface Failure {
  readonly why: string;
  readonly remedy?: string;
}

function tryAgain(state: RowState, { why, remedy }: Failure, circumstances: Circumstances): Decision {
  const { inDoubt, lastReply } = state;
  if (state.tries < circumstances.maxAttempts) {
    const retryAfterMs = lastReply?.kind === 'status' ? lastReply.retryAfterMs : undefined;
    const delayMs = backoffMs(state.tries, circumstances.random, retryAfterMs);
    return { kind: 'retry', inDoubt, delayMs, everybodyMs: 0 };
  }
  const block = lastReply && circumstances.isRowAlone ? describeBlock(lastReply) : undefined;
  const met = block === undefined ? why : toRowsOwn(block);
  const what = `${met} (${state.tries === 1 ? 'after 1 try' : `after ${state.tries} tries`})`;
  if (!inDoubt) return { kind: 'settle', inDoubt, outcome: 'unavailable', detail: `${what}: rerun.` };
  const next = remedy ?? "Rerun, and the server's answer settles it.";
  const detail = `${what}. A send may have been applied. ${next}`;
  return { kind: 'settle', inDoubt, outcome: 'unknown', detail, isOpen: true };
}

function stop(state: RowState, reason: string, remedy: string): Decision {
  return { kind: 'stop', ...giveUp(state, remedy), reason: `${reason}. ${remedy}` };
}

/** A row that this run does not register, by no fault of its own: a doubt that was there stays. */
function giveUp(state: RowState, detail: string): { inDoubt: boolean; outcome: Outcome; detail: string } {
  const { inDoubt } = state;
  if (!inDoubt) return { inDoubt, outcome: 'unavailable', detail };
  return { inDoubt, outcome: 'unknown', detail: `${detail} ${EARLIER_SEND}` };
}
