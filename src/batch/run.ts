import { InputError } from '../core/input-error.js';
import type { PlannedRow } from '../plan/planned-row.js';
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
import type { RowEnding } from './register-row.js';

export interface RunEdges {
  readonly concurrency: number;
  readonly stop: RunStop;
  readonly endRow: RowEnding;
  readonly failures: FailureLimit;
  /** Puts a row into the results, in their order. @throws {StateError} */
  readonly writeRow: (row: EndedRow) => void;
  readonly showProgress: (counter: SummaryCounter) => void;
  readonly onWindowFull: () => void;
}

/**
 * The batch: rows → outcomes → results, counted. Whatever happens to a row is a value, so every row that was read comes
 * out, in the input's order. A run that stops reads on without sending: its results are complete all the same.
 * @throws {InputError} when the input breaks before anything was sent; {StateError} when the results can't be written
 */
export async function run(rows: AsyncIterable<PlannedRow>, edges: RunEdges): Promise<RunSummary> {
  const { stop } = edges;
  const counter = new SummaryCounter();
  try {
    for await (const ended of eachConcurrently(rows, edges, (row, slot) => endRow(row, edges, slot))) {
      for (const row of ended) report(row, counter, edges);
    }
  } catch (error) {
    if (!(error instanceof InputError) || counter.sends === 0) throw error;
    const broken = `${error.message}. Nothing was read from line ${error.line} on.`;
    // A run that had stopped before says both.
    const { kind, reason } = stop.reason ?? { kind: 'stopped', reason: undefined };
    return counter.result({ kind, reason: reason === undefined ? broken : `${reason}. ${broken}` });
  }
  return counter.result(stop.reason);
}

/** Without results there is no use in going on: what waits is not sent any more, what is in flight ends. */
function report(ended: EndedRow, counter: SummaryCounter, { writeRow, showProgress, stop }: RunEdges): void {
  try {
    writeRow(ended);
    counter.add(ended);
    showProgress(counter);
  } catch (error) {
    if (error instanceof StateError) stop.stop({ kind: 'stopped', reason: error.message });
    else stop.stopForBug(error);
    throw error;
  }
}

async function endRow(row: PlannedRow, edges: RunEdges, slot: Slot): Promise<EndedRow> {
  const { plan } = row;
  if (plan.kind !== 'register') {
    if (plan.kind === 'settle') noteEnd(plan.settlement, edges);
    const carried = plan.kind === 'carry' && retryOf(plan.settlement.outcome) === 'no';
    return { row, settlement: plan.settlement, sends: 0, carried, withoutKey: false };
  }
  const settlement = await edges.endRow(plan, slot);
  noteEnd(settlement, edges);
  return toEnded(row, settlement, plan.past);
}

/** As soon as a row has ended, not when its turn in the results comes: a run that is clearly wrong ends at once. */
function noteEnd({ outcome }: Settlement, { failures, stop }: RunEdges): void {
  const reason = failures.add(outcome);
  if (reason !== undefined) stop.stop({ kind: 'stopped', reason });
}

function toEnded(row: PlannedRow, settlement: Settlement, past: Settlement | undefined): EndedRow {
  const sends = settlement.attempts - (past?.attempts ?? 0);
  return {
    row,
    settlement,
    sends,
    carried: false,
    withoutKey:
      sends > 0 && settlement.outcome === 'key_lost' && verdictOf(settlement.returnCode, 'noToken') === 'success',
  };
}
