import { sleep } from '../core/clock.js';
import type { RegisterPlan } from '../plan/planned-row.js';
import type { RunStop } from '../core/run-stop.js';
import { mayBeBlocked } from '../row/block.js';
import { isOddShape } from '../row/odd-key.js';
import { beginRow, isRetry, settle, settleUnfinished, takeBack } from '../row/row-state.js';
import type { RowState } from '../row/row-state.js';
import type { Settlement } from '../row/settlement.js';
import { StateError } from '../core/state-error.js';
import type { Slot } from './each-concurrently.js';
import { RowIntents } from '../record/row-intents.js';
import { keyToSave, saveSettlement } from '../record/save-settlement.js';
import type { Settled } from '../record/save-settlement.js';
import { attempt, readSignature, settled, settleByRefusal, STOPPED } from './row-attempt.js';
import type { RowEdges, Step } from './row-attempt.js';

export interface RowLife {
  readonly row: RegisterPlan;
  readonly intents: RowIntents;
  readonly slot: Slot;
  state: RowState;
}

export function beginLife(row: RegisterPlan, edges: RowEdges, slot: Slot): RowLife {
  return { row, slot, intents: new RowIntents(row.registration, edges), state: beginRow(row.past) };
}

/**
 * One row's life: its intent is made durable, it waits for a slot, is sent with a stamp of its own, and what comes back
 * decides whether it settles or waits for another try. It holds its slot while it asks the gate and sends: not while the disk
 * works, nor while it waits for another try. The intent is written before the slot is there, so a kill may find one that
 * never left: it bears no mark then. After a power cut, which may cost marks, it counts as a possible send: that costs
 * doubt and never silence.
 */
export function registerRow(row: RegisterPlan, edges: RowEdges, slot: Slot): Promise<Settlement> {
  return goOn(beginLife(row, edges, slot), edges);
}

/** @param first what the row's first turn came to, where it has had it */
export async function goOn(life: RowLife, edges: RowEdges, first?: Step | Promise<Step>): Promise<Settlement> {
  const { row, intents } = life;
  const { gate, clock, stop } = edges;
  try {
    for (let given = first; ; given = undefined) {
      const step = await (given ?? nextStep(life, edges));
      if ('settlement' in step) return await end(row, step, edges);
      life.state = edges.unproved.isTainted(row) ? { ...step.state, inDoubt: true } : step.state;
      intents.noteTry(life.state);
      if ('isUndecided' in step) {
        // It is another row that is to tell.
        gate.leads.end(row);
        const settlement = settleByRefusal(life.state, await gate.session.untilDecided(row));
        return await end(row, settled(settlement), edges);
      }
      if (step.delayMs > 0) await sleep(clock, step.delayMs, stop.signal);
    }
  } catch (error) {
    return cutOff(life, error, stop);
  } finally {
    leave(row, edges);
  }
}

async function nextStep({ row, intents, slot, state }: RowLife, edges: RowEdges): Promise<Step> {
  const { gate } = edges;
  const { username, tokenType } = row.registration;
  if (!gate.session.isReady) await gate.session.ready();
  if (!gate.leads.isProved(tokenType)) {
    await gate.leads.untilFree(row, mayBeBlocked(row.past) ? slot.untilStuck : undefined);
  }
  return gate.inTurn<Step>({ username, isRetry: isRetry(state) }, async () => {
    const read = await readSignature(row, state, edges);
    if ('settlement' in read) return read;
    const { signature } = read;
    return slot.run(
      () => attempt({ row, state, signature, intents }, edges),
      () => intents.note(state, signature),
    );
  });
}

/** What is on the disk may still be taken back; what is known to be mixed up by now is not put there as an answer. */
export async function end(row: RegisterPlan, step: Settled, edges: RowEdges): Promise<Settlement> {
  const { registration } = row;
  const { unproved } = edges;
  const key = keyToSave(registration, step);
  if (key !== undefined && isOdd(step)) edges.onOddKey(registration.username);
  if (!unproved.isTainted(row)) return unproved.settle(row, await saveSettlement(registration, step, edges), key);
  if (key !== undefined) unproved.keep(row, key);
  return saveSettlement(registration, { ...step, settlement: takeBack(step.settlement) }, edges);
}

function isOdd({ reply }: Settled): boolean {
  return reply?.kind === 'answer' && reply.key !== undefined && isOddShape(reply.key);
}

/** Its intent could not be noted, so nothing was sent; or a bug ended its life. */
export function cutOff({ state, intents }: RowLife, error: unknown, stop: RunStop): Settlement {
  if (error instanceof StateError) {
    stop.stop({ kind: 'stopped', reason: error.message });
    return settleUnfinished(state, STOPPED);
  }
  stop.stopForBug(error);
  // Nobody knows how far the send came: it counts as one that may have been applied, since its intent was noted.
  const cut = { ...state, attempts: state.attempts + 1, sentAt: intents.lastAt ?? state.sentAt };
  return settle(cut, 'unknown', 'A bug in this program cut the row off: rerun.');
}

export function leave(row: RegisterPlan, { gate }: RowEdges): void {
  gate.leads.end(row);
  gate.blocks.end(row);
}
