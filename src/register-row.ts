import { sleep } from './core/clock.js';
import type { Clock } from './core/clock.js';
import { decide } from './core/decision.js';
import type { Decision } from './core/decision.js';
import { contentOf } from './core/journal-entry.js';
import type { JournalEntry } from './core/journal-entry.js';
import type { Registration } from './core/registration.js';
import type { ActivationKey } from './core/reply.js';
import { addAttempt, beginRow, settle, settleInvalid, settleUnfinished } from './core/row-state.js';
import type { Attempt, RowState } from './core/row-state.js';
import type { Settlement } from './core/settlement.js';
import type { Signature, SignatureReading } from './core/signature.js';
import { StateError } from './core/state-error.js';
import type { Slot } from './each-concurrently.js';
import type { Gate, Refusal } from './gate.js';

/** What a row needs of the world. */
export interface RowEdges {
  readonly clock: Clock;
  readonly gate: Gate;
  readonly maxAttempts: number;
  readonly readSignature: (path: string) => SignatureReading;
  readonly send: (registration: Registration, signature: Signature | undefined) => Promise<Attempt>;
  /** Resolves when the key is on the disk. */
  readonly saveKey: (username: string, key: string) => Promise<void>;
  readonly journal: { readonly append: (entry: JournalEntry) => void; readonly sync: () => Promise<void> };
}

/** A row that is to be registered. */
export interface RowToRegister {
  readonly registration: Registration;
  readonly past: Settlement | undefined;
}

/**
 * One row's life: its intent is made durable, it waits for a slot, is sent with a stamp of its own, and what comes back
 * decides whether it settles or waits for another try. It holds a slot for the send alone: not while the disk works,
 * nor while it waits. The intent is written before the slot is there, so a kill may find one that never left: that
 * counts as a possible send, which costs doubt and never silence.
 */
export async function registerRow(row: RowToRegister, edges: RowEdges, slot: Slot): Promise<Settlement> {
  const { gate, journal, clock } = edges;
  const key = `${row.registration.tokenType}:${row.registration.username}`;
  let state = beginRow(row.past);
  let intendedAt: number | undefined;
  try {
    for (;;) {
      // Before the intent: a row that can't be sent must not be taken for one that may have been.
      const reading = readSignature(row.registration, edges);
      if (reading !== undefined && 'problem' in reading) {
        const settlement = settleUnreadable(state, `signature_path ${reading.problem}`);
        return await saveSettlement(row.registration, settled(settlement), edges);
      }
      // A run that has stopped sends nothing more: an intent would only leave doubt.
      if (gate.stopReason === undefined) {
        intendedAt = clock.now();
        const content = contentOf(row.registration, reading?.signature);
        journal.append({
          type: 'intent',
          key,
          attempt: state.attempts + 1,
          at: intendedAt,
          ...(content && { content }),
        });
        await journal.sync();
      }
      const request = { registration: row.registration, signature: reading?.signature };
      const step = await slot(() => attempt(request, state, edges));
      if ('settlement' in step) return await saveSettlement(row.registration, step, edges);
      state = step.state;
      journal.append({ type: 'try', key, settlement: settleUnfinished(state, CUT_OFF) });
      if (step.delayMs > 0) await sleep(clock, step.delayMs, gate.stopSignal);
    }
  } catch (error) {
    if (error instanceof StateError) return settleUnwritable(state, error, gate);
    gate.stopForBug(error);
    // Nobody knows how far the send came: it counts as one that may have been applied, since its intent was noted.
    const cutOff = { ...state, attempts: state.attempts + 1, sentAt: intendedAt ?? state.sentAt };
    return settle(cutOff, 'unknown', 'A bug in this program cut the row off: rerun.');
  }
}

/** What a slot was used for: the row is settled, or goes on. */
type Step = Settled | { readonly state: RowState; readonly delayMs: number };
interface Settled {
  readonly settlement: Settlement;
  /** Only ever handed to the keys file. */
  readonly activationKey: ActivationKey | undefined;
}

/** Read anew for every try, so that no row that waits holds one in memory. */
function readSignature(registration: Registration, { gate, readSignature }: RowEdges): SignatureReading | undefined {
  if (registration.tokenType !== 'pki' || gate.stopReason !== undefined) return undefined;
  return readSignature(registration.signaturePath);
}

async function attempt(
  { registration, signature }: { registration: Registration; signature: Signature | undefined },
  state: RowState,
  edges: RowEdges,
): Promise<Step> {
  const { gate, clock } = edges;
  if (!(await gate.pass())) return settled(settleUnfinished(state, STOPPED));
  const sent = await edges.send(registration, signature);
  const after = addAttempt(state, sent);
  const decision = decide(after, sent.reply, {
    tokenType: registration.tokenType,
    maxAttempts: edges.maxAttempts,
    endpointSeen: gate.isEndpointSeen,
    random: clock.random(),
  });
  if (sent.reply.kind === 'answer' && decision.kind !== 'ask_session') gate.noteAnswer();
  return conclude({ ...after, inDoubt: decision.inDoubt }, decision, gate);
}

async function conclude(state: RowState, decision: Decision, gate: Gate): Promise<Step> {
  switch (decision.kind) {
    case 'settle': {
      const key = state.lastReply?.kind === 'answer' ? state.lastReply.key : undefined;
      return settled(settle(state, decision.outcome, decision.detail), key);
    }
    case 'retry':
      if (decision.everybody) gate.pause(decision.delayMs);
      return { state, delayMs: decision.delayMs };
    case 'stop':
      gate.stop({ kind: 'stopped', reason: decision.reason });
      return settled(settle(state, decision.outcome, decision.detail));
    case 'ask_session':
      return settled(settleRefused(state, await gate.judgeRefusal(decision.detail)));
  }
}

function settleRefused(state: RowState, refusal: Refusal): Settlement {
  switch (refusal) {
    case 'row_alone':
      return settle(state, 'refused', 'The session is good: this administrator has no right over this user.');
    case 'unexplained': {
      const detail =
        'This administrator seems to have no right over this user; the session could not be checked: look at both, then rerun.';
      // A no that may be about the session settles no doubt.
      return settle(state, state.inDoubt ? 'unknown' : 'refused', detail);
    }
    case 'stopped':
      return settle(
        state,
        state.inDoubt ? 'unknown' : 'unavailable',
        'refused, and the run stopped: see the summary, then rerun',
      );
  }
}

function settled(settlement: Settlement, activationKey?: ActivationKey): Settled {
  return { settlement, activationKey };
}

/** The signature can't be read. What the server said of the row is kept if it was said in this run. */
function settleUnreadable(state: RowState, reason: string): Settlement {
  if (state.lastReply === undefined) return settleInvalid(state.past, reason);
  return settle(state, state.inDoubt ? 'unknown' : 'invalid', reason);
}

/** The key, then the settlement, are on the disk before the row is reported. */
async function saveSettlement(registration: Registration, step: Settled, edges: RowEdges): Promise<Settlement> {
  const { tokenType, username } = registration;
  let { settlement } = step;
  const activationKey = tokenType === 'otp' ? keyToSave(step) : undefined;
  if (activationKey !== undefined) {
    try {
      await edges.saveKey(username, activationKey);
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      edges.gate.stop({ kind: 'stopped', reason: error.message });
      const detail = `Registered, but the key could not be saved: ${error.message}. Unregister the token, then rerun.`;
      settlement = { ...settlement, outcome: 'key_lost', detail };
    }
  }
  try {
    edges.journal.append({ type: 'settled', key: `${tokenType}:${username}`, settlement });
    await edges.journal.sync();
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    // The results may still be writable: the row is as it is, and the run stops.
    edges.gate.stop({ kind: 'stopped', reason: error.message });
  }
  return settlement;
}

/** A plain text in place of a key is one only where the server says that it registered; else it is a message. */
function keyToSave({ settlement, activationKey }: Settled): string | undefined {
  const { outcome } = settlement;
  const hasToken = outcome === 'registered' || outcome === 'already_registered' || outcome === 'key_lost';
  if (activationKey === undefined || !hasToken || (activationKey.bare && outcome !== 'registered')) return undefined;
  return activationKey.text;
}

/** The intent could not be noted, so nothing was sent. */
function settleUnwritable(state: RowState, error: StateError, gate: Gate): Settlement {
  gate.stop({ kind: 'stopped', reason: error.message });
  return settleUnfinished(state, STOPPED);
}

/** What a journal says of a row that waits; nobody reads it unless the run is killed then. */
const CUT_OFF = 'the run was cut off while the row waited for another try';
/** Why it stopped stands in the summary, once. */
const STOPPED = 'the run stopped before this row was settled';
