import { ALLOWANCE_NAMES } from '../core/allowance.js';
import type { RunContext } from './run-world.js';
import { describeSelection, describeSettings } from '../settings/settings.js';
import { EXIT_CODES, exitCodeOf } from '../core/exit-code.js';
import { mapOf, usedCell } from '../input/header.js';

import { RowFigures } from '../report/row-figures.js';
import { toRunReport } from '../report/run-report.js';
import type { RunReport } from '../report/run-report.js';
import { orUsageError, toStateError } from '../core/state-error.js';
import { openTextEncoding } from '../record/text-encoding.js';
import type { PlannedRows } from '../plan/plan-context.js';
import { selectRows } from '../plan/select-rows.js';
import { run } from '../batch/run.js';
import type { Ended, RunEdges } from '../batch/run.js';
import { existsSync } from 'node:fs';
import { writeAttempts } from '../manifest/attempt-log.js';
import { countRows } from '../manifest/input-totals.js';
import type { Totals } from '../manifest/row-totals.js';
import { openOutputs } from '../record/outputs.js';
import { describeUnchanged } from './unchanged-run.js';
import type { KilledRun } from './killed-run.js';
import { RunProof } from './run-proof.js';
import { ownRowsOf, planStem, toPlanRules } from './stem-state.js';
import type { StemState } from './stem-state.js';

export async function writeRows(
  context: RunContext,
  edges: Omit<RunEdges, 'writeRow'>,
  killed?: KilledRun,
): Promise<RunReport> {
  const { job, world, state, bytes, tally, watch = (rows: PlannedRows) => rows } = context;
  const { clock, settings } = world;
  const startedAt = killed?.entry.at ?? clock.now();
  const counted = countInput(state);
  const plan = planOf({ ...context, state: counted.state }, killed);
  const planned = watch(ownRowsOf(state, killed === undefined ? selectRows(plan, settings) : plan));
  const figures = new RowFigures(clock.random);
  let inputRows = 0;
  let isSent = false;
  const format = { ...state.dialect, ...(await openTextEncoding(state.dialect.encoding)) };
  const proof = new RunProof({ header: planned.header, startedAt, ...context });
  const outputs = orUsageError(() => openOutputs(job.files, planned.ownNames, format));
  try {
    const writeRow = (ended: Ended): void => {
      outputs.writeRow(ended);
      figures.add(ended, usedCell(planned.header, ended.row.cells, 'username'));
      proof.add(ended);
      if (ended.row.inputLine !== undefined) inputRows += 1;
    };
    const summary = await run(planned.rows, { ...edges, writeRow });
    isSent = killed === undefined;
    const exitCode = exitCodeOf(summary);
    const written = outputs.finish();
    const digests = { input: bytes.sha256, results: written.results.sha256, failed: written.failed.sha256 };
    const report = toRunReport({
      id: killed?.entry.id ?? world.runId,
      madeBy: killed === undefined ? world.origin : killed.entry.madeBy,
      input: job.input,
      ...{ inputBytes: bytes.size, inputSha256: bytes.sha256, inputRows },
      sheet: state.input.sheet?.name,
      startedAt,
      endedAt: killed?.endedAt ?? clock.now(),
      selection: killed === undefined ? describeSelection(settings) : (killed.entry.selection ?? {}),
      figures,
      summary: killed === undefined ? summary : { ...summary, sends: killed.replay.sends },
      ...{ exitCode, connections: context.countConnections?.() },
      nextCommand: world.nextCommand(summary),
      warnings: tally.counts(),
      signaturesDir: state.signaturesDir,
      encoding: state.dialect.encoding,
      columns: mapOf(planned.header),
      settings: killed?.entry.settings ?? describeSettings(settings),
      corrections: state.corrections.list(),
      unchanged: exitCode === EXIT_CODES.done.code ? await describeUnchanged(job, digests) : undefined,
      earlier: state.earlier,
    });
    const log = openLog(context, killed);
    const logged = log && { bytes: log.file.bytes, sha256: log.sha256 };
    outputs.complete(proof.complete(report, { written, log: logged, inputTotals: counted.totals }), log && [log.file]);
    return report;
  } catch (error) {
    outputs.discard();
    throw isSent ? toStateError(error) : error;
  }
}

/** One that was begun goes on, whoever runs: half of a log would be worse than none. */
export function openLog(
  { job: { files }, world }: Pick<RunContext, 'job' | 'world'>,
  killed: KilledRun | undefined,
): ReturnType<typeof writeAttempts> | undefined {
  const isAsked = world.settings.attemptLog || killed?.entry.settings['attemptLog'] === true;
  if (!isAsked && !existsSync(files.attempts)) return undefined;
  return writeAttempts(files.attempts, files.journal, killed?.entry.id ?? world.runId);
}

/** Rows that come into the results as they stand in the input are not summed up twice: it takes 1.2 µs a row. */
function countInput(state: StemState): { readonly state: StemState; readonly totals: (() => Totals) | undefined } {
  const { input, results, corrections, part } = state;
  const isWritten = input.header.added === undefined && corrections.list().length === 0 && part === undefined;
  if (isWritten) return { state, totals: undefined };
  const { file, totals } = countRows(input);
  return { state: { ...state, input: file, results: results === input ? file : results }, totals };
}

function planOf({ world: { settings }, state, tally }: RunContext, killed: KilledRun | undefined): PlannedRows {
  return planStem(state, {
    rules: {
      ...toPlanRules(state, settings),
      // What a killed run let pass may have been sent.
      ...(killed && { takeReplayed: (key: string) => killed.replay.take(key), allowed: ALLOWANCE_NAMES }),
    },
    ...(killed && { forgotten: () => killed.replay.rest() }),
    warn: (warning) => tally.add(warning),
  });
}
