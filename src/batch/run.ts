import { InputError } from '../core/input-error.js';
import type { PlannedRow, RegisterPlan } from '../plan/planned-row.js';
import { retryOf } from '../row/outcome.js';
import { verdictOf } from '../row/return-code.js';
import type { RunStop } from '../core/run-stop.js';
import type { Settlement } from '../row/settlement.js';
import { StateError } from '../core/state-error.js';
import { SummaryCounter } from '../report/summary.js';
import type { EndedRow, RunSummary } from '../report/summary.js';
import { eachConcurrently } from './each-concurrently.js';
import type { Slot } from './each-concurrently.js';
import type { FailureLimit } from './failure-limit.js';
import { HeldRows } from './held-rows.js';
import type { RowEnding } from './straight-life.js';

export interface RunEdges {
  readonly concurrency: number;
  readonly stop: RunStop;
  readonly endRow: RowEnding;
  readonly failures: FailureLimit;
  /** Puts a row into the results, in their order. @throws {StateError} */
  readonly writeRow: (row: Ended) => void;
  readonly showProgress: (counter: SummaryCounter) => void;
  readonly onWindowFull: () => void;
  /** What the answers rest on; absent where nothing is sent. */
  readonly proofs?: RunProofs;
}

/** What is still to be proved of rows that have ended. */
export interface RunProofs {
  readonly isOpen: (row: RegisterPlan) => boolean;
  /** What comes into the results: the row's settlement, or that its answer is taken back. */
  readonly close: (row: RegisterPlan, settlement: Settlement) => Settlement;
  /** Resolves when nothing is open any more, and what was taken back is on the disk. */
  readonly prove: () => Promise<void>;
}

/**
 * The batch: rows → outcomes → results, counted. Whatever happens to a row is a value, so every row that was read comes
 * out, in the input's order. A run that stops reads on without sending: its results are complete all the same.
 * @throws {InputError} when the input breaks before anything was sent; {StateError} when the results can't be written
 */
export async function run(rows: AsyncIterable<PlannedRow>, edges: RunEdges): Promise<RunSummary> {
  const { stop, proofs, showProgress } = edges;
  const counter = new SummaryCounter();
  const held = new HeldRows<Ended>(({ plan }) => plan !== undefined && proofs?.isOpen(plan) === true);
  let broken: string | undefined;
  try {
    const onWindowFull = (): void => lookOn(edges.onWindowFull, stop);
    const concurrency = { concurrency: edges.concurrency, onWindowFull };
    for await (const ended of eachConcurrently(rows, concurrency, (row, slot) => endRow(row, edges, slot))) {
      for (const row of ended) {
        counter.add(row);
        lookOn(() => showProgress(counter), stop);
      }
      held.add(ended);
      for (const row of held.take({ isEnd: false })) report(row, counter, edges);
    }
  } catch (error) {
    if (!(error instanceof InputError) || counter.sends === 0) throw error;
    broken = `${error.message}. Nothing was read from line ${error.line} on.`;
  }
  await proofs?.prove();
  for (const row of held.take({ isEnd: true })) report(row, counter, edges);
  if (broken === undefined) return counter.result(stop.reason);
  // A run that had stopped before says both.
  const { kind, reason } = stop.reason ?? { kind: 'stopped', reason: undefined };
  return counter.result({ kind, reason: reason === undefined ? broken : `${reason}. ${broken}` });
}

/** Who only looks on can't keep rows from coming out. */
function lookOn(look: () => void, stop: RunStop): void {
  try {
    look();
  } catch (error) {
    stop.stopForBug(error);
  }
}

/** A row that has ended, and what it was to be, where that was to be sent. */
export interface Ended extends EndedRow {
  readonly plan?: RegisterPlan;
}

/** Without results there is no use in going on: what waits is not sent any more, what is in flight ends. */
function report(ended: Ended, counter: SummaryCounter, { writeRow, proofs, stop }: RunEdges): void {
  const { plan, settlement: before } = ended;
  const settlement = (plan && proofs?.close(plan, before)) ?? before;
  const final = settlement === before ? ended : { ...ended, settlement, withoutKey: false };
  if (final !== ended) counter.replace(ended, final);
  try {
    writeRow(final);
  } catch (error) {
    if (error instanceof StateError) stop.stop({ kind: 'stopped', reason: error.message });
    else stop.stopForBug(error);
    throw error;
  }
}

function endRow(row: PlannedRow, edges: RunEdges, slot: Slot): Ended | Promise<Ended> {
  const { plan, isOutside } = row;
  if (plan.kind !== 'register') {
    if (plan.kind === 'settle') noteEnd(plan.settlement, edges);
    const carried = plan.kind === 'carry' && retryOf(plan.settlement) === 'no';
    const isLeftOut = plan.kind === 'carry' && plan.isLeftOut === true && retryOf(plan.settlement) === 'yes';
    return { row, settlement: plan.settlement, sends: 0, carried, withoutKey: false, isLeftOut, isOutside };
  }
  const ended = edges.endRow(plan, slot, row.inputLine ?? row.line);
  const end = (settlement: Settlement): Ended => {
    noteEnd(settlement, edges);
    return toEnded(row, plan, settlement);
  };
  return ended instanceof Promise ? ended.then(end) : end(ended);
}

/** As soon as a row has ended, not when its turn in the results comes: a run that is clearly wrong ends at once. */
function noteEnd({ outcome }: Settlement, { failures, stop }: RunEdges): void {
  const reason = failures.add(outcome);
  if (reason !== undefined) stop.stop({ kind: 'stopped', reason });
}

function toEnded(row: PlannedRow, plan: RegisterPlan, settlement: Settlement): Ended {
  const sends = settlement.attempts - (plan.past?.attempts ?? 0);
  return {
    row,
    plan,
    settlement,
    sends,
    carried: false,
    withoutKey:
      sends > 0 && settlement.outcome === 'key_lost' && verdictOf(settlement.returnCode, 'noToken') === 'success',
  };
}
