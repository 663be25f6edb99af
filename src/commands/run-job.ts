import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeSettings } from '../cli/settings.js';
import type { Settings } from '../cli/settings.js';
import type { Clock } from '../core/clock.js';
import { exitCodeOf } from '../core/exit-code.js';
import { InputError } from '../core/input-error.js';
import { JournalReplay } from '../core/journal-entry.js';
import type { Reporter } from '../core/reporter.js';
import { toRunReport } from '../core/run-report.js';
import type { RunReport } from '../core/run-report.js';
import { orUsageError } from '../core/state-error.js';
import { UsageError } from '../core/usage-error.js';
import { WarningTally } from '../core/warning-tally.js';
import { Gate } from '../gate.js';
import { ReplacedFile } from '../io/durable-file.js';
import { readInputBytes } from '../io/input-bytes.js';
import { readJournal } from '../io/journal.js';
import type { Lock } from '../io/lock.js';
import { toSummaryText } from '../io/summary-file.js';
import type { Job } from './job.js';
import { openEdges } from './open-edges.js';
import { openOutputs } from './outputs.js';
import { planRows } from '../plan/plan-rows.js';
import { run } from '../run.js';
import type { RunEdges } from '../run.js';
import { readStemState } from './stem-state.js';
import type { StemState } from './stem-state.js';

/** What a run needs beside its job. */
export interface RunWorld {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly openReporter: (totalRows: number) => Reporter;
  readonly lock: Pick<Lock, 'takenOver' | 'onLost'>;
  readonly runId: string;
}

/**
 * Runs a job to its end and leaves its files complete. What a killed run left is completed first, as if that run had been
 * interrupted there; from then on this is a rerun like any other.
 * @throws {UsageError, InputError} before anything is sent; {StateError} when the files can't be completed
 */
export async function runJob(job: Job, world: RunWorld): Promise<RunReport> {
  const { lineEnds, sha256 } = await readInputBytes(job.input).catch(() => ({ lineEnds: 0, sha256: '' }));
  const reporter = world.openReporter(Math.max(0, lineEnds - 1));
  try {
    for (const warning of world.settings.warnings) reporter.warn(warning);
    if (world.lock.takenOver !== undefined) reporter.warn(world.lock.takenOver);
    if (existsSync(job.files.journal)) await completeKilledRun(job, world, reporter);
    const state = await readStemState(job, world.settings.signaturesDir);
    checkServer(job, state, world.settings.server);
    if (state.savedKeys.isTorn)
      reporter.warn(`${job.files.keys}: an unfinished last line was cut off; its key was never reported as saved`);
    return await sendRows({ job, world, reporter, state, sha256 });
  } finally {
    reporter.end();
  }
}

/** What is done on one server is not done on another: a rehearsal must never make the real run believe that all is done. */
function checkServer({ files }: Job, { earlier, results }: StemState, server: string): void {
  const before = earlier?.settings['server'];
  if (results === undefined || before === undefined || before === server) return;
  throw new UsageError([
    `${files.results} tells of runs against ${before}, this one is against ${server}: give another --name, or start over with --fresh (if it is the same server under a new name, write that name into ${files.summary})`,
  ]);
}

interface RunContext {
  readonly job: Job;
  readonly world: RunWorld;
  readonly reporter: Reporter;
  readonly state: StemState;
}

async function sendRows(context: RunContext & { sha256: string }): Promise<RunReport> {
  const { job, world, reporter, state } = context;
  const { clock, settings } = world;
  const { edges, close } = orUsageError(() => openEdges({ ...world, reporter, files: job.files, state }));
  world.lock.onLost((reason) => edges.gate.stop({ kind: 'stopped', reason }));
  try {
    orUsageError(() =>
      edges.journal.append({
        type: 'run',
        version: 1,
        id: world.runId,
        input: resolve(job.input),
        sha256: context.sha256,
        at: clock.now(),
      }),
    );
    const onWindowFull = (): void => reporter.warn('the oldest unfinished row holds up the others until it is settled');
    return await writeRows(context, {
      ...edges,
      concurrency: settings.concurrency,
      showProgress: reporter.progress,
      onWindowFull,
    });
  } catch (error) {
    // The input broke before anything was sent: there is nothing to go on with.
    if (error instanceof InputError) rmSync(job.files.journal, { force: true });
    throw error;
  } finally {
    await close();
  }
}

/** Plans the rows over what is known, and leaves the results of what became of them. */
async function writeRows(
  { job, world, reporter, state }: RunContext,
  edges: Omit<RunEdges, 'writeRow'>,
  replay?: JournalReplay,
): Promise<RunReport> {
  const { clock, settings } = world;
  const startedAt = clock.now();
  const tally = new WarningTally(reporter.warn);
  const planned = planRows({
    ...state,
    rules: {
      defaultStatus: settings.defaultStatus,
      hasKeySince: (username, sinceMs) => (state.savedKeys.savedAt.get(username) ?? -1) >= sinceMs,
      ...(replay && { takeReplayed: (key: string) => replay.take(key) }),
    },
    ...(replay && { forgotten: () => replay.rest() }),
    warn: (warning) => tally.add(warning),
  });
  const outputs = orUsageError(() => openOutputs(job.files, planned.ownNames));
  try {
    const summary = await run(planned.rows, { ...edges, writeRow: outputs.writeRow });
    const report = toRunReport({
      input: job.input,
      startedAt,
      endedAt: clock.now(),
      summary,
      exitCode: exitCodeOf(summary),
      warnings: tally.counts(),
      signaturesDir: state.signaturesDir,
      settings: describeSettings(settings),
      corrections: state.corrections.list(),
      earlier: state.earlier,
    });
    outputs.complete();
    const summaryFile = new ReplacedFile(job.files.summary);
    summaryFile.write(toSummaryText(report));
    summaryFile.replace();
    rmSync(job.files.journal, { force: true });
    return report;
  } catch (error) {
    outputs.discard();
    throw error;
  }
}

/** Completes the files of a killed run with what its journal knows, and sends nothing. */
async function completeKilledRun(job: Job, world: RunWorld, reporter: Reporter): Promise<void> {
  const { entries, tornBytes } = readJournal(job.files.journal);
  const replay = new JournalReplay();
  for (const entry of entries) replay.add(entry);
  const first = entries[0];
  if (first?.type !== 'run') {
    // The kill came before the first entry: nothing was sent.
    rmSync(job.files.journal);
    return;
  }
  if (!existsSync(first.input)) {
    throw new UsageError([
      `${job.files.journal} is of a killed run over ${first.input}, which is not there: put it back, or use --fresh`,
    ]);
  }
  const { done, inDoubt, left } = replay.counts();
  const torn = tornBytes > 0 ? `; an unfinished last entry (${tornBytes} bytes) was cut off` : '';
  reporter.note(
    `an earlier run was cut off: ${done} rows done, ${inDoubt} in doubt, ${left} left of those it came to${torn}; going on`,
  );
  const killedJob = { ...job, input: first.input };
  const state = await readStemState(killedJob, world.settings.signaturesDir);
  const gate = new Gate(world.clock, () => Promise.resolve('unclear'));
  gate.stop({ kind: 'interrupted', reason: 'an earlier run was cut off' });
  const nothing = (): never => {
    throw new Error('a run that only completes files sends nothing');
  };
  await writeRows(
    { job: killedJob, world, reporter, state },
    {
      clock: world.clock,
      gate,
      maxAttempts: 1,
      concurrency: 1,
      readSignature: nothing,
      send: nothing,
      saveKey: nothing,
      journal: { append: nothing, sync: nothing },
      showProgress: () => undefined,
      onWindowFull: () => undefined,
    },
    replay,
  );
}
