import { describeSettings } from '../cli/settings.js';
import type { Settings } from '../cli/settings.js';
import type { Clock } from '../core/clock.js';
import { EXIT_CODES, exitCodeOf } from '../core/exit-code.js';
import { mapOf } from '../core/header.js';
import type { RunEntry } from '../core/journal-entry.js';
import type { JournalReplay } from '../plan/journal-replay.js';
import type { PlanWarning } from '../core/plan-warning.js';
import type { Reporter } from '../core/reporter.js';
import { toRunReport } from '../core/run-report.js';
import type { RunReport } from '../core/run-report.js';
import { orUsageError } from '../core/state-error.js';
import { WarningTally } from '../core/warning-tally.js';
import type { Lock } from '../io/lock.js';
import { toSummaryText } from '../io/summary-file.js';
import { openTextEncoding } from '../io/text-encoding.js';
import type { PlannedRows } from '../plan/plan-context.js';
import { planRows } from '../plan/plan-rows.js';
import { selectRows } from '../plan/select-rows.js';
import { run } from '../run.js';
import type { RunEdges } from '../run.js';
import type { Job } from './job.js';
import { openOutputs } from './outputs.js';
import { checksInFull } from './signature-rules.js';
import { tellRemarks } from './tell-remarks.js';
import { describeLeft } from './as-left.js';
import { toPlanRules } from './stem-state.js';
import type { StemState } from './stem-state.js';

/** What a run needs beside its job. */
export interface RunWorld {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly openReporter: (totalRows: number) => Reporter;
  readonly lock: Pick<Lock, 'takenOver' | 'onLost'>;
  readonly runId: string;
  /** Called before anything is sent: from then on the run itself hears signals, and leaves its files complete. */
  readonly onSending: () => void;
}

export interface RunContext {
  readonly job: Job;
  readonly world: RunWorld;
  readonly reporter: Reporter;
  readonly state: StemState;
  /** SHA-256 of the input, hex. */
  readonly sha256: string;
}

/** A run that was killed, as its journal tells of it. */
export interface KilledRun {
  readonly entry: RunEntry;
  readonly replay: JournalReplay;
  /** Epoch ms of its last sign of life. */
  readonly endedAt: number;
  /** What is to be said of its rows before they are written. */
  readonly watch: (rows: PlannedRows, warn: (warning: PlanWarning) => void) => PlannedRows;
}

/** Plans the rows over what is known, and leaves the results of what became of them. */
export async function writeRows(
  { job, world, reporter, state, sha256 }: RunContext,
  edges: Omit<RunEdges, 'writeRow'>,
  killed?: KilledRun,
): Promise<RunReport> {
  const { clock, settings } = world;
  const startedAt = killed?.entry.at ?? clock.now();
  const tally = new WarningTally(reporter.warn);
  const warn = (warning: PlanWarning): void => tally.add(warning);
  const plan = planRows({
    ...state,
    rules: {
      ...toPlanRules(state, settings.defaultStatus),
      ...(killed && { takeReplayed: (key: string) => killed.replay.take(key) }),
    },
    ...(killed && { forgotten: () => killed.replay.rest() }),
    warn,
  });
  const planned = killed === undefined ? selectRows(plan, settings) : killed.watch(plan, warn);
  const format = { ...state.dialect, ...(await openTextEncoding(state.dialect.encoding)) };
  const outputs = orUsageError(() => openOutputs(job.files, planned.ownNames, format));
  try {
    const sent = { rows: planned.rows, readSignature: edges.readSignature };
    // Only a full check has anything to say beside what refuses a row.
    const { rows, readSignature } = checksInFull(settings) ? tellRemarks(sent, (warning) => tally.add(warning)) : sent;
    const summary = await run(rows, { ...edges, readSignature, writeRow: outputs.writeRow });
    const exitCode = exitCodeOf(summary);
    const digests = { input: sha256, ...outputs.finish() };
    const report = toRunReport({
      id: killed?.entry.id ?? world.runId,
      input: job.input,
      startedAt,
      endedAt: killed?.endedAt ?? clock.now(),
      summary: killed === undefined ? summary : { ...summary, sends: killed.replay.sends },
      exitCode,
      warnings: tally.counts(),
      signaturesDir: state.signaturesDir,
      encoding: state.dialect.encoding,
      columns: mapOf(planned.header),
      settings: killed?.entry.settings ?? describeSettings(settings),
      corrections: state.corrections.list(),
      asLeft: exitCode === EXIT_CODES.done.code ? await describeLeft(job, digests) : undefined,
      earlier: state.earlier,
    });
    outputs.complete(toSummaryText(report));
    return report;
  } catch (error) {
    outputs.discard();
    throw error;
  }
}
