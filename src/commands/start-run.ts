import { randomUUID } from 'node:crypto';
import { sep } from 'node:path';
import type { Command } from '../cli/arguments.js';
import { PROGRAM, toNextCommand, toTypedCommand } from '../cli/next-command.js';
import { readVersion } from '../help/version.js';
import { shellOf } from '../cli/shell-text.js';
import { resolveSettings } from '../settings/settings.js';
import type { Settings } from '../settings/settings.js';
import { isColoured } from '../core/colour.js';
import type { Clock } from '../core/clock.js';
import type { ExitCode } from '../core/exit-code.js';
import type { Reporter } from '../report/reporter.js';
import type { RunReport } from '../report/run-report.js';
import type { RunSummary } from '../report/summary.js';
import { toUsageError } from '../core/state-error.js';
import { takeLock } from '../record/lock.js';
import type { Lock } from '../record/lock.js';
import { describeOrigin, describeSelf, isRunning } from '../record/process-identity.js';
import { sharingOfRun } from '../signature/shared-signature-reader.js';
import { withinFileLimit } from '../wiring/file-limit.js';
import { endOnSignals } from '../wiring/signals.js';
import { checkFolder, locateJob, prepareJob } from '../wiring/job.js';
import type { Job } from '../wiring/job.js';
import type { Process } from '../core/process.js';
import { runJob } from '../wiring/run-job.js';
import { folding } from '../report/message-fold.js';

/** The `run` command: settings, job, run, and what a person or a machine is told of it. */
export async function startRun(
  command: Extract<Command, { name: 'run' }>,
  process: Process,
  clock: Clock,
): Promise<ExitCode> {
  const { env, stdin, stdout, stderr } = process;
  const asked = await resolveSettings({ flags: command.flags, env });
  if (asked.dryRun) {
    const { dryRun } = await import('./dry-run.js');
    return dryRun(command.input, { settings: asked, process, clock });
  }
  const { few, threads: most } = sharingOfRun();
  const { settings, threads } = withinFileLimit(asked, most);
  const job = locateJob(command.input, settings);
  checkFolder(job, settings);
  const runId = randomUUID();
  const self = describeSelf(runId, clock);
  let lock: Lock | undefined;
  const stopListening = endOnSignals((signal) => {
    lock?.release();
    stderr.write(`${signal}: ended before anything was sent\n`);
  });
  try {
    lock = await takeLock(job.files.lock, clock, { self, isRunning, force: settings.takeLock }).catch(
      (error: unknown) => {
        throw toUsageError(error);
      },
    );
    await prepareJob(job, settings, stdin);
    const openReporter = await chooseReporter(stderr, clock);
    const typed = { ...job, flags: command.flags };
    const shell = shellOf(sep, env);
    const nextCommand = (summary: RunSummary): string | undefined => toNextCommand(typed, summary, shell);
    const origin = describeOrigin(`${PROGRAM} ${readVersion()}`, toTypedCommand(typed, shell));
    const world = {
      settings,
      origin,
      clock,
      env,
      openReporter,
      lock,
      runId,
      self,
      nextCommand,
      sharing: { few, threads },
      onSending: stopListening,
      onSent: loadingRest(stderr, clock),
    };
    const report = await runJob(job, world);
    stdout.write(
      settings.json
        ? `${JSON.stringify(report)}\n`
        : await summaryText(report, job, { process, color: settings.color }),
    );
    if (settings.report) {
      const { reportAtEnd } = await import('./start-report.js');
      await reportAtEnd(job, settings, { process, clock });
    }
    return report.exit_code;
  } finally {
    stopListening();
    lock?.release();
  }
}

/** A request over the network takes longer than to hand it over: whatever is loaded in that time holds up nothing. */
const UNDER_WAY_MS = 10;

/**
 * Loads what a run may need later while its first request is under way: a limit of open files, or a new version in the
 * program's place, must not keep it from being found then.
 */
function loadingRest({ isTTY }: Process['stderr'], clock: Clock): () => void {
  let isLoading = false;
  return () => {
    if (isLoading) return;
    isLoading = true;
    clock.after(UNDER_WAY_MS, () => {
      // Who needs it and does not find it says so.
      const ignore = (): void => undefined;
      import('../cli/summary-text.js').catch(ignore);
      if (!isTTY) import('../cli/log-reporter.js').then(({ loadLogger }) => loadLogger()).catch(ignore);
    });
  };
}

/** Only what is going to be used is loaded: on a terminal no logger, and in a container no progress bar. */
async function chooseReporter(stderr: Process['stderr'], clock: Clock): Promise<(totalRows: number) => Reporter> {
  if (stderr.isTTY) {
    const { openTerminalReporter } = await import('../cli/terminal-reporter.js');
    return (totalRows) => folding(openTerminalReporter(totalRows, stderr, clock));
  }
  const { openLogReporter } = await import('../cli/log-reporter.js');
  return () => folding(openLogReporter(clock));
}

/** Loaded when there is something to sum up: the first request does not wait for it. */
async function summaryText(
  report: RunReport,
  { files }: Job,
  { process: { stdout, env }, color }: { readonly process: Process; readonly color: Settings['color'] },
): Promise<string> {
  const { toSummaryLines } = await import('../cli/summary-text.js');
  return toSummaryLines(report, files, isColoured(stdout, env, color));
}
