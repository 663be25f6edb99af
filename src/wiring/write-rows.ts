import { ALLOWANCE_NAMES } from '../core/allowance.js';
import type { RunContext } from './run-world.js';
import { describeSelection, describeSettings } from '../settings/settings.js';
import { EXIT_CODES, exitCodeOf } from '../core/exit-code.js';
import { mapOf, usedCell } from '../input/header.js';

import type { EndedRow } from '../report/summary.js';
import { RowFigures } from '../report/row-figures.js';
import { toRunReport } from '../report/run-report.js';
import type { RunReport } from '../report/run-report.js';
import { orUsageError } from '../core/state-error.js';
import { toSummaryText } from '../record/summary-file.js';
import { openTextEncoding } from '../record/text-encoding.js';
import type { PlannedRows } from '../plan/plan-context.js';
import { planRows } from '../plan/plan-rows.js';
import { selectRows } from '../plan/select-rows.js';
import { run } from '../batch/run.js';
import type { RunEdges } from '../batch/run.js';
import { openOutputs } from '../record/outputs.js';
import { describeUnchanged } from './unchanged-run.js';
import type { KilledRun } from './killed-run.js';
import { toPlanRules } from './stem-state.js';

export async function writeRows(
  context: RunContext,
  edges: Omit<RunEdges, 'writeRow'>,
  killed?: KilledRun,
): Promise<RunReport> {
  const { job, world, state, bytes, tally, watch } = context;
  const { clock, settings } = world;
  const startedAt = killed?.entry.at ?? clock.now();
  const plan = planOf(context, killed);
  const planned = watch(killed === undefined ? selectRows(plan, settings) : plan);
  const figures = new RowFigures(clock.random);
  let inputRows = 0;
  const format = { ...state.dialect, ...(await openTextEncoding(state.dialect.encoding)) };
  const outputs = orUsageError(() => openOutputs(job.files, planned.ownNames, format));
  try {
    const writeRow = (ended: EndedRow): void => {
      outputs.writeRow(ended);
      figures.add(ended, usedCell(planned.header, ended.row.cells, 'username'));
      if (ended.row.inputLine !== undefined) inputRows += 1;
    };
    const summary = await run(planned.rows, { ...edges, writeRow });
    const exitCode = exitCodeOf(summary);
    const digests = { input: bytes.sha256, ...outputs.finish() };
    const report = toRunReport({
      id: killed?.entry.id ?? world.runId,
      madeBy: killed === undefined ? world.origin : killed.entry.madeBy,
      input: job.input,
      inputBytes: bytes.size,
      inputSha256: bytes.sha256,
      inputRows,
      sheet: state.input.sheet?.name,
      startedAt,
      endedAt: killed?.endedAt ?? clock.now(),
      selection: killed === undefined ? describeSelection(settings) : (killed.entry.selection ?? {}),
      figures,
      summary: killed === undefined ? summary : { ...summary, sends: killed.replay.sends },
      exitCode,
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
    outputs.complete(toSummaryText(report));
    return report;
  } catch (error) {
    outputs.discard();
    throw error;
  }
}

function planOf({ world: { settings }, state, tally }: RunContext, killed: KilledRun | undefined): PlannedRows {
  return planRows({
    ...state,
    rules: {
      ...toPlanRules(state, settings),
      // What a killed run let pass may have been sent.
      ...(killed && { takeReplayed: (key: string) => killed.replay.take(key), allowed: ALLOWANCE_NAMES }),
    },
    ...(killed && { forgotten: () => killed.replay.rest() }),
    warn: (warning) => tally.add(warning),
  });
}
