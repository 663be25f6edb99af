import { askAfterwards } from './ask-afterwards.js';
import type { AskingEdges } from './ask-afterwards.js';
import { sleep } from '../core/clock.js';
import type { RegisterPlan } from '../plan/planned-row.js';
import { describePageReply } from '../row/block.js';
import { decide } from '../row/decision.js';
import type { Decision } from '../row/decision.js';
import { isSigned, rejectionText } from '../row/registration.js';
import type { Registration } from '../row/registration.js';
import type { Session } from '../server/session.js';
import type { Reply } from '../row/reply.js';
import type { RegistrationRequest } from '../server/endpoint.js';
import type { RunStop } from '../core/run-stop.js';
import { STOP_WORDS } from '../core/stop.js';
import type { StopKind } from '../core/stop.js';
import {
  addAttempt,
  beginRow,
  isRetry,
  settle,
  settleInvalid,
  settleKeptBack,
  settleRefusedAlone,
  settleUnfinished,
  settleUnreached,
  takeBack,
} from '../row/row-state.js';
import type { Attempt, RowState } from '../row/row-state.js';
import type { Settlement } from '../row/settlement.js';
import type { ReadSignature, Signature } from '../signature/signature.js';
import { StateError } from '../core/state-error.js';
import type { Slot } from './each-concurrently.js';
import type { Refusal } from '../gate/admin-session.js';
import { RowIntents } from '../record/row-intents.js';
import type { IntentEdges } from '../record/row-intents.js';
import { isRegistered, keyToSave, saveSettlement } from '../record/save-settlement.js';
import type { SavingEdges, Settled } from '../record/save-settlement.js';
import type { UnprovedRows } from '../record/unproved-rows.js';

export interface RowEdges extends AskingEdges, IntentEdges, SavingEdges {
  readonly maxAttempts: number;
  readonly readSignature: ReadSignature;
  readonly send: (request: RegistrationRequest, session: Session) => Promise<Attempt>;
  readonly unproved: UnprovedRows;
  /** A key came for the user in another shape than documented. */
  readonly onOddKey: (username: string) => void;
}

export type RowEnding = (row: RegisterPlan, slot: Slot) => Settlement | Promise<Settlement>;

/** Registers rows until the run stops; those whose turn comes afterwards end without a send. */
export function registering(edges: RowEdges): RowEnding {
  const { stop } = edges;
  return (row, slot) =>
    stop.reason === undefined ? registerRow(row, edges, slot) : endUnreached(row, stop.reason.kind);
}

export function endUnreached({ past }: RegisterPlan, kind: StopKind): Settlement {
  return settleUnreached(past, `the run stopped before this row's turn (${STOP_WORDS[kind]})`);
}

/**
 * One row's life: its intent is made durable, it waits for a slot, is sent with a stamp of its own, and what comes back
 * decides whether it settles or waits for another try. It holds its slot while it asks the gate and sends: not while the disk
 * works, nor while it waits for another try. The intent is written before the slot is there, so a kill may find one that
 * never left: it bears no mark then. After a power cut, which may cost marks, it counts as a possible send: that costs
 * doubt and never silence.
 */
export async function registerRow(row: RegisterPlan, edges: RowEdges, slot: Slot): Promise<Settlement> {
  const { gate, clock, stop } = edges;
  const intents = new RowIntents(row.registration, edges);
  let state = beginRow(row.past);
  try {
    for (;;) {
      if (!gate.session.isReady) await gate.session.ready();
      if (!gate.leads.isProved(row.registration.tokenType)) await gate.leads.untilFree(row);
      const step = await takeTurn({ row, intents, slot }, state, edges);
      if ('settlement' in step) return await end(row, step, edges);
      state = edges.unproved.isTainted(row) ? { ...step.state, inDoubt: true } : step.state;
      intents.noteTry(state);
      if ('isUndecided' in step) {
        // It is another row that is to tell.
        gate.leads.end(row);
        const settlement = settleRefused(state, await gate.session.untilDecided(row));
        return await end(row, settled(settlement), edges);
      }
      if (step.delayMs > 0) await sleep(clock, step.delayMs, stop.signal);
    }
  } catch (error) {
    if (error instanceof StateError) return settleUnwritable(state, error, stop);
    stop.stopForBug(error);
    // Nobody knows how far the send came: it counts as one that may have been applied, since its intent was noted.
    const cutOff = { ...state, attempts: state.attempts + 1, sentAt: intents.lastAt ?? state.sentAt };
    return settle(cutOff, 'unknown', 'A bug in this program cut the row off: rerun.');
  } finally {
    gate.leads.end(row);
    gate.blocks.end(row);
  }
}

/** What is on the disk may still be taken back; what is known to be mixed up by now is not put there as an answer. */
async function end(row: RegisterPlan, step: Settled, edges: RowEdges): Promise<Settlement> {
  const { registration } = row;
  const { unproved } = edges;
  const key = keyToSave(registration, step);
  if (key?.raw?.isOdd === true) edges.onOddKey(registration.username);
  if (!unproved.isTainted(row)) return unproved.settle(row, await saveSettlement(registration, step, edges), key);
  if (key !== undefined) unproved.keep(row, key);
  return saveSettlement(registration, { ...step, settlement: takeBack(step.settlement) }, edges);
}

/** What a slot was used for: the row is settled, goes on, or waits for the word of another row. */
type Step =
  | Settled
  | { readonly state: RowState; readonly delayMs: number }
  | { readonly state: RowState; readonly isUndecided: true };
interface RowTurn {
  readonly row: RegisterPlan;
  readonly intents: RowIntents;
  readonly slot: Slot;
}

function takeTurn({ row, intents, slot }: RowTurn, state: RowState, edges: RowEdges): Promise<Step> {
  const { username } = row.registration;
  return edges.gate.inTurn({ username, isRetry: isRetry(state) }, async () => {
    // Before the intent: a row that can't be sent must not be taken for one that may have been.
    const reading = await readSignature(row.registration, edges);
    if (reading !== undefined && 'rejection' in reading) {
      return settled(settleUnreadable(state, rejectionText(reading.rejection)));
    }
    if (reading !== undefined && 'fault' in reading) {
      return settled(settleKeptBack(state, rejectionText(reading.fault)));
    }
    const signature = reading?.signature;
    return await slot(
      () => attempt({ row, signature, intents }, state, edges),
      () => intents.note(state, signature),
    );
  });
}

/** Read anew for every try, so that no row that waits holds one in memory. */
function readSignature(
  registration: Registration,
  { stop, readSignature }: RowEdges,
): ReturnType<ReadSignature> | undefined {
  if (!isSigned(registration) || stop.reason !== undefined) return undefined;
  return readSignature(registration);
}

interface Attempting {
  readonly row: RegisterPlan;
  readonly signature: Signature | undefined;
  readonly intents: RowIntents;
}

async function attempt(attempting: Attempting, state: RowState, edges: RowEdges): Promise<Step> {
  const { gate, clock } = edges;
  const { row, signature, intents } = attempting;
  const { registration } = row;
  const passage = await gate.through(row, (session) =>
    edges.send({ registration, signature, mayLeave: intents.markLeft }, session),
  );
  if (passage === undefined) return settled(endStopped(row, state, edges.stop), { kind: 'unsent', why: STOPPED });
  const { sent, session } = passage;
  if (sent.reply.kind === 'unsent') gate.leads.handOver(row);
  const after = addAttempt(state, sent);
  const decision = decide(after, sent.reply, {
    tokenType: registration.tokenType,
    maxAttempts: edges.maxAttempts,
    endpointSeen: gate.leads.isProved(registration.tokenType),
    isRowAlone: gate.blocks.note(row, sent.reply),
    stampErrorMs: sent.stampErrorMs,
    random: clock.random(),
  });
  const decided = { ...after, inDoubt: decision.inDoubt };
  edges.unproved.note(row, sent.proof, decided);
  if (decision.kind === 'ask_session') {
    const { detail } = decision;
    const refusal = await gate.session.judge({
      sender: row,
      session,
      isOldNews: state.past?.outcome === 'refused',
      detail,
    });
    if (refusal !== 'again') return concludeRefused(decided, refusal);
    // The session's fault, not the row's: it costs the row no try.
    return attemptAgain(attempting, { ...decided, tries: state.tries }, edges);
  }
  if (sent.reply.kind === 'answer') {
    gate.leads.prove(registration.tokenType);
    if (decision.kind === 'settle') gate.session.noteAnswer(session, isRegistered(decision.outcome));
  }
  if (decision.kind !== 'settle' || decision.isOpen === undefined) return conclude(decided, decision, edges);
  const asked = await askAfterwards(row, { decision, signature }, edges);
  edges.unproved.note(row, asked.proof, decided);
  return conclude(decided, asked.decision, edges);
}

/** The run has stopped; a row that was not sent in it is as one whose turn never came. */
function endStopped(row: RegisterPlan, state: RowState, { reason }: RunStop): Settlement {
  if (state.lastReply === undefined && reason !== undefined) return endUnreached(row, reason.kind);
  return settleUnfinished(state, STOPPED);
}

/** A row that was refused with its session keeps its slot, since the next send with a new one is to be its own. */
async function attemptAgain(attempting: Attempting, state: RowState, edges: RowEdges): Promise<Step> {
  attempting.intents.noteTry(state);
  await attempting.intents.note(state, attempting.signature);
  return attempt(attempting, state, edges);
}

function concludeRefused(state: RowState, refusal: Exclude<Refusal, 'again'>): Step {
  if (refusal === 'undecided') return { state, isUndecided: true };
  return settled(settleRefused(state, refusal), state.lastReply);
}

function conclude(
  state: RowState,
  decision: Exclude<Decision, { kind: 'ask_session' }>,
  { gate, stop }: RowEdges,
): Step {
  switch (decision.kind) {
    case 'settle':
      return settled(
        { ...settle(state, decision.outcome, decision.detail), ...(decision.needsFix && { needsFix: true }) },
        state.lastReply,
      );
    case 'retry':
      if (decision.everybodyMs > 0) gate.pause(decision.everybodyMs);
      return { state, delayMs: decision.delayMs };
    case 'stop':
      stop.stop({ kind: 'person', reason: decision.reason });
      return settled(settle(state, decision.outcome, decision.detail), state.lastReply);
  }
}

function settleRefused(state: RowState, refusal: Exclude<Refusal, 'again' | 'undecided'>): Settlement {
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

function settled(settlement: Settlement, reply?: Reply): Settled {
  return { settlement, reply };
}

/** The signature can't be read or sent. What the server said of the row is kept if it was said in this run. */
function settleUnreadable(state: RowState, reason: string): Settlement {
  if (state.lastReply === undefined) return settleInvalid(state.past, reason);
  return settle(state, state.inDoubt ? 'unknown' : 'invalid', reason);
}

/** The intent could not be noted, so nothing was sent. */
function settleUnwritable(state: RowState, error: StateError, stop: RunStop): Settlement {
  stop.stop({ kind: 'stopped', reason: error.message });
  return settleUnfinished(state, STOPPED);
}

/** Why it stopped stands in the summary, once. */
const STOPPED = 'the run stopped before this row was settled';
