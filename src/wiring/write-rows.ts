import type { RunContext } from './run-world.js';
import { describeSettings } from '../settings/settings.js';
import { EXIT_CODES, exitCodeOf } from '../core/exit-code.js';
import { mapOf } from '../input/header.js';
import { toRunReport } from '../report/run-report.js';
import type { RunReport } from '../report/run-report.js';
import { orUsageError } from '../core/state-error.js';
import { toSummaryText } from '../record/summary-file.js';
import { openTextEncoding } from '../record/text-encoding.js';
import { planRows } from '../plan/plan-rows.js';
import { selectRows } from '../plan/select-rows.js';
import { run } from '../batch/run.js';
import type { RunEdges } from '../batch/run.js';
import { openOutputs } from '../record/outputs.js';
import { describeUnchanged } from './unchanged-run.js';
import type { KilledRun } from './killed-run.js';
import { toPlanRules } from './stem-state.js';

export async function writeRows(
  { job, world, state, sha256, tally, watch }: RunContext,
  edges: Omit<RunEdges, 'writeRow'>,
  killed?: KilledRun,
): Promise<RunReport> {
  const { clock, settings } = world;
  const startedAt = killed?.entry.at ?? clock.now();
  const plan = planRows({
    ...state,
    rules: {
      ...toPlanRules(state, settings.defaultStatus),
      ...(killed && { takeReplayed: (key: string) => killed.replay.take(key) }),
    },
    ...(killed && { forgotten: () => killed.replay.rest() }),
    warn: (warning) => tally.add(warning),
  });
  const planned = watch(killed === undefined ? selectRows(plan, settings) : plan);
  const format = { ...state.dialect, ...(await openTextEncoding(state.dialect.encoding)) };
  const outputs = orUsageError(() => openOutputs(job.files, planned.ownNames, format));
  try {
    const summary = await run(planned.rows, { ...edges, writeRow: outputs.writeRow });
    const exitCode = exitCodeOf(summary);
    const digests = { input: sha256, ...outputs.finish() };
    const report = toRunReport({
      id: killed?.entry.id ?? world.runId,
      input: job.input,
      startedAt,
      endedAt: killed?.endedAt ?? clock.now(),
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
