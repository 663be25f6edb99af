import { askAfterwards } from './ask-afterwards.js';
import type { AskingEdges } from './ask-afterwards.js';
import type { RegisterPlan } from '../plan/planned-row.js';
import { describePageReply } from '../row/block.js';
import { decide } from '../row/decision.js';
import type { Decision, SettleDecision } from '../row/decision.js';
import type { Outcome } from '../row/outcome.js';
import { isSigned, rejectionText } from '../row/registration.js';
import type { PkiRegistration } from '../row/registration.js';
import type { Session } from '../server/session.js';
import type { Reply, Unreadable } from '../row/reply.js';
import type { RegistrationRequest } from '../server/endpoint.js';
import type { RunStop } from '../core/run-stop.js';
import { STOP_WORDS } from '../core/stop.js';
import {
  addAttempt,
  settle,
  settleInvalid,
  settleKeptBack,
  settleRefusedAlone,
  settleUnfinished,
  settleUnreached,
} from '../row/row-state.js';
import type { Attempt, RowState } from '../row/row-state.js';
import type { Settlement } from '../row/settlement.js';
import { bringsKey } from '../row/token-type.js';
import type { UndoWay } from '../row/undo.js';
import type { Signature, SignatureReading } from '../signature/signature.js';
import type { Refusal } from '../gate/admin-session.js';
import type { Passage } from '../gate/gate.js';
import type { RowIntents } from '../record/row-intents.js';
import type { IntentEdges } from '../record/row-intents.js';
import { isRegistered, toKeptKey } from '../record/save-settlement.js';
import type { SavingEdges, Settled } from '../record/save-settlement.js';
import type { UnprovedRows } from '../record/unproved-rows.js';

export interface RowEdges extends AskingEdges, IntentEdges, SavingEdges {
  readonly maxAttempts: number;
  readonly readSignature: (registration: PkiRegistration) => SignatureReading | Promise<SignatureReading>;
  readonly send: (request: RegistrationRequest, session: Session, cut: AbortSignal) => Promise<Attempt>;
  readonly onSent: () => void;
  readonly cut: AbortSignal;
  readonly unproved: UnprovedRows;
  /** A key came for the user in another shape than documented. */
  readonly onOddKey: (username: string) => void;
  /** Where it is no registration that is sent. */
  readonly undo?: UndoEdges;
}

/** What undoing has of its own: nothing of it is asked of what registers. */
export interface UndoEdges {
  readonly way: UndoWay;
  /** Asked before each send: what keeps it from leaving, if anything does. */
  readonly askFirst: (attempting: Attempting, edges: RowEdges) => Promise<Step | undefined>;
}

/** What a slot was used for: the row is settled, goes on, or waits for the word of another row. */
export type Step =
  | Settled
  | { readonly state: RowState; readonly delayMs: number }
  | { readonly state: RowState; readonly isUndecided: true };

export interface Attempting {
  readonly row: RegisterPlan;
  /** Before it is sent. */
  readonly state: RowState;
  readonly signature: Signature | undefined;
  readonly intents: RowIntents;
}

/**
 * The signature that is to be sent, if any, or why the row can't be: read before the intent, since a row that can't be sent
 * must not be taken for one that may have been; and anew for every try, so that no row that waits holds one in memory.
 */
export function readSignature(
  { registration }: RegisterPlan,
  state: RowState,
  { stop, readSignature }: RowEdges,
): Readied | Promise<Readied> {
  if (!isSigned(registration) || stop.reason !== undefined) return { signature: undefined };
  const reading = readSignature(registration);
  return reading instanceof Promise ? reading.then((read) => judgeReading(read, state)) : judgeReading(reading, state);
}

export type Readied = Pick<Attempting, 'signature'> | Settled;

function judgeReading(reading: SignatureReading, state: RowState): Readied {
  if ('rejection' in reading) return settled(settleUnreadable(state, rejectionText(reading.rejection)));
  if ('fault' in reading) return settled(settleKeptBack(state, rejectionText(reading.fault)));
  return reading;
}

/** Sends once, as soon as the gate lets it through. */
export async function attempt(attempting: Attempting, edges: RowEdges): Promise<Step> {
  const { row, state } = attempting;
  const kept = await edges.undo?.askFirst(attempting, edges);
  if (kept !== undefined) return kept;
  const step = await edges.gate.through<Attempt, Step>(row, sending(attempting, edges), (passage) =>
    judge(attempting, passage, edges),
  );
  return step ?? settled(endStopped(row, state, edges.stop), { kind: 'unsent', why: STOPPED });
}

/** How its bytes leave: not before that is noted. */
export function sending(
  { row: { registration }, signature, intents }: Attempting,
  { send, onSent, cut }: RowEdges,
): (session: Session) => Promise<Attempt> {
  return (session) => {
    const sent = send({ registration, signature, mayLeave: intents.markLeft }, session, cut);
    onSent();
    return sent;
  };
}

/** What came back decides what becomes of the row: at once, unless the session or the server has to be asked first. */
export function judge(
  attempting: Attempting,
  { sent, session }: Passage<Attempt>,
  edges: RowEdges,
): Step | Promise<Step> {
  const { gate, clock } = edges;
  const { row } = attempting;
  const { tokenType } = row.registration;
  if (sent.reply.kind === 'unsent') gate.leads.handOver(row);
  const after = addAttempt(attempting.state, sent);
  const decision = decide(after, sent.reply, {
    tokenType,
    maxAttempts: edges.maxAttempts,
    endpointSeen: gate.leads.isProved(tokenType),
    isRowAlone: gate.blocks.note(row, sent.reply),
    stampErrorMs: sent.stampErrorMs,
    random: clock.random(),
    undo: edges.undo?.way,
  });
  const state = { ...after, inDoubt: decision.inDoubt };
  edges.unproved.note(row, sent.proof, state);
  if (sent.reply.kind === 'unreadable' && edges.undo === undefined) keepUnclaimed(row, sent.reply, edges);
  if (decision.kind === 'ask_session') {
    return judgeSession({ ...attempting, state }, { session, detail: decision.detail }, edges);
  }
  if (sent.reply.kind === 'answer') {
    gate.leads.prove(tokenType);
    if (decision.kind === 'settle') gate.session.noteAnswer(session, isAccepted(decision.outcome));
  }
  if (decision.kind !== 'settle' || decision.isOpen === undefined) return conclude(state, decision, edges);
  return askOpen({ ...attempting, state }, decision, edges);
}

/** A key that came, and no word that the row is registered: for a person who finds a token there, and for nobody else. */
function keepUnclaimed(row: RegisterPlan, { key }: Unreadable, { unproved, onOddKey }: RowEdges): void {
  const { username, tokenType } = row.registration;
  if (key === undefined || !bringsKey(tokenType)) return;
  unproved.keep(row, toKeptKey(key));
  onOddKey(username);
}

function isAccepted(outcome: Outcome): boolean {
  return isRegistered(outcome) || outcome === 'undone';
}

async function judgeSession(
  attempting: Attempting,
  { session, detail }: { readonly session: Session; readonly detail: string },
  edges: RowEdges,
): Promise<Step> {
  const { state } = attempting;
  const isOldNews = state.past?.outcome === 'refused';
  const refusal = await edges.gate.session.judge({ sender: attempting.row, session, isOldNews, detail });
  if (refusal === 'undecided') return { state, isUndecided: true };
  if (refusal !== 'again') return settled(settleByRefusal(state, refusal), state.lastReply);
  // The session's fault, not the row's: it costs no try, and keeps its slot, as the next send is to be its own.
  const again = { ...state, tries: state.tries - 1 };
  attempting.intents.noteTry(again);
  await attempting.intents.note(again, attempting.signature);
  return attempt({ ...attempting, state: again }, edges);
}

async function askOpen(
  { row, state, signature }: Attempting,
  decision: SettleDecision,
  edges: RowEdges,
): Promise<Step> {
  const asked = await askAfterwards(row, { decision, signature }, edges);
  edges.unproved.note(row, asked.proof, state);
  return conclude(state, asked.decision, edges);
}

function conclude(
  state: RowState,
  decision: Exclude<Decision, { kind: 'ask_session' }>,
  { gate, stop }: RowEdges,
): Step {
  switch (decision.kind) {
    case 'settle': {
      const settlement = settle(state, decision.outcome, decision.detail);
      return settled(decision.needsFix ? { ...settlement, needsFix: true } : settlement, state.lastReply);
    }
    case 'retry':
      if (decision.everybodyMs > 0) gate.pause(decision.everybodyMs);
      return { state, delayMs: decision.delayMs };
    case 'stop':
      stop.stop({ kind: 'person', reason: decision.reason });
      return settled(settle(state, decision.outcome, decision.detail), state.lastReply);
  }
}

export function settleByRefusal(state: RowState, refusal: Exclude<Refusal, 'again' | 'undecided'>): Settlement {
  switch (refusal) {
    case 'row_alone':
      return settleRefusedAlone(state);
    case 'unexplained':
      return settle(
        state,
        // A no that may be about the session settles nothing.
        state.inDoubt ? 'unknown' : 'unavailable',
        `${describePageReply(state.lastReply) ?? 'Refused'}: this administrator has no right over this user, or the session had ended. Nothing could tell: look at both, then rerun.`,
      );
    case 'stopped':
      return settle(
        state,
        state.inDoubt ? 'unknown' : 'unavailable',
        'refused, and the run stopped: see the summary, then rerun',
      );
  }
}

export function settled(settlement: Settlement, reply?: Reply): Settled {
  return { settlement, reply };
}

export function endUnreached({ past }: RegisterPlan, end: keyof typeof STOP_WORDS): Settlement {
  return settleUnreached(past, `the run stopped before this row's turn (${STOP_WORDS[end]})`);
}

/** The run has stopped; a row that was not sent in it is as one whose turn never came. */
export function endStopped(row: RegisterPlan, state: RowState, { reason }: RunStop): Settlement {
  if (state.lastReply === undefined && reason !== undefined) return endUnreached(row, reason.kind);
  return settleUnfinished(state, STOPPED);
}

/** The signature can't be read or sent. What the server said of the row is kept if it was said in this run. */
function settleUnreadable(state: RowState, reason: string): Settlement {
  if (state.lastReply === undefined) return settleInvalid(state.past, reason);
  return settle(state, state.inDoubt ? 'unknown' : 'invalid', reason);
}

/** Why it stopped stands in the summary, once. */
export const STOPPED = 'the run stopped before this row was settled';
