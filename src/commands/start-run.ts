import { randomUUID } from 'node:crypto';
import { basename, sep } from 'node:path';
import { readCertificateFile } from '../core/small-file.js';
import type { Command } from '../cli/arguments.js';
import { PROGRAM, toNextCommand, toTypedCommand } from '../cli/next-command.js';
import { readVersion } from '../help/version.js';
import { shellOf } from '../cli/shell-text.js';
import { resolveSettings } from '../settings/settings.js';
import type { Settings } from '../settings/settings.js';
import { chooseReporter } from '../cli/choose-reporter.js';
import type { OpenReporter } from '../cli/choose-reporter.js';
import { isColoured } from '../core/colour.js';
import { EXIT_CODES } from '../core/exit-code.js';
import { exitCodeOfFailure } from '../core/failure.js';
import { showLines } from '../core/safe-text.js';
import type { Clock } from '../core/clock.js';
import type { ExitCode } from '../core/exit-code.js';
import type { RunReport } from '../report/run-report.js';
import type { RunSummary } from '../report/summary.js';
import { toUsageError } from '../core/state-error.js';
import { takeLock } from '../record/lock.js';
import type { Lock } from '../record/lock.js';
import { describeOrigin, describeSelf, isRunning } from '../record/process-identity.js';
import type { Sharing } from '../signature/shared-signature-reader.js';
import { sharingOfRun } from '../signature/shared-signature-reader.js';
import { withinFileLimit } from '../wiring/file-limit.js';
import { endOnSignals, stopBy } from '../wiring/signals.js';
import type { MonitorWorld } from '../monitor/open-monitor.js';
import { terminationLogOf } from '../monitor/monitor-files.js';
import type { RunMonitor } from '../monitor/run-monitor.js';
import { locateJob, prepareJob, refuseShards } from '../wiring/job.js';
import type { Job } from '../wiring/job.js';
import type { Process } from '../core/process.js';
import { runJob } from '../wiring/run-job.js';
import { enterRound } from '../shards/enter-round.js';

/** The `run` command: settings, job, run, and what a person or a machine is told of it. */
export async function startRun(
  command: Extract<Command, { name: 'run' }>,
  process: Process,
  clock: Clock,
): Promise<ExitCode> {
  const { env, stdout, stderr } = process;
  const asked = await resolveSettings({ flags: command.flags, env });
  if (asked.dryRun) {
    const { dryRun } = await import('./dry-run.js');
    return dryRun(command.input, { settings: asked, process, clock });
  }
  const { few, threads: most } = sharingOfRun();
  const { settings, threads } = withinFileLimit(asked, most);
  const job = locateJob(command.input, settings);
  const { open: openReporter, warn } = await chooseReporter(settings, stderr, clock);
  const monitor = await startMonitor(job, settings, { clock, env, warn: (text) => warn('monitor', text) });
  return orToldFailure(monitor, async () => {
    const run = { command, process, clock, settings, sharing: { few, threads }, openReporter, monitor };
    const report = await runAlone(job, run);
    const { json, color } = settings;
    stdout.write(json ? `${JSON.stringify(report)}\n` : await summaryText(report, job, isColoured(stdout, env, color)));
    if (settings.report) {
      const { reportAtEnd } = await import('./start-report.js');
      await reportAtEnd(job, settings, { process, clock });
    }
    if (monitor !== undefined) {
      // The run is over, whatever comes of counting.
      const waiting = await keysWaiting(job, settings).catch(() => undefined);
      const ending = { exitCode: report.exit_code, report, keysWaiting: waiting };
      await monitor.end(ending, await summaryText(report, job, false));
    }
    return report.exit_code;
  });
}

interface Run {
  readonly command: Extract<Command, { name: 'run' }>;
  readonly process: Process;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly sharing: Sharing;
  readonly openReporter: OpenReporter;
  readonly monitor: RunMonitor | undefined;
}

/** The run itself, while nobody else has its input. */
async function runAlone(
  job: Job,
  { command, process: { env, stdin, stderr }, clock, settings, sharing, openReporter, monitor }: Run,
): Promise<RunReport> {
  const runId = randomUUID();
  const self = describeSelf(runId, clock);
  let lock: Lock | undefined;
  const stopListening = endOnSignals((signal) => {
    monitor?.leave(EXIT_CODES[stopBy(signal).kind].code);
    lock?.release();
    stderr.write(`${signal}: ended before anything was sent\n`);
  });
  try {
    lock = await takeLock(job.files.lock, clock, { self, isRunning, force: settings.takeLock }).catch(
      (error: unknown) => {
        throw toUsageError(error);
      },
    );
    monitor?.begin();
    if (job.part === undefined) refuseShards(job);
    else await enterRound({ ...job, part: job.part }, { settings, clock, holder: { self, isRunning } });
    await prepareJob(job, settings, stdin);
    const typed = { ...job, flags: command.flags, shard: settings.shard };
    const shell = shellOf(sep, env);
    const nextCommand = (summary: RunSummary): string | undefined => toNextCommand(typed, summary, shell);
    const origin = describeOrigin(`${PROGRAM} ${readVersion()}`, toTypedCommand(typed, shell));
    return await runJob(job, {
      settings,
      origin,
      clock,
      env,
      openReporter: (totalRows) => monitor?.watch(openReporter(totalRows)) ?? openReporter(totalRows),
      ...(monitor && { onClock: monitor.watchClock }),
      lock,
      runId,
      self,
      nextCommand,
      sharing,
      completeUndo: async (killed) => (await import('../undo/complete-undo.js')).completeUndo(killed),
      onSending: stopListening,
      onSent: loadingRest(stderr, clock),
    });
  } finally {
    stopListening();
    lock?.release();
  }
}

async function startMonitor({ files }: Job, settings: Settings, world: MonitorWorld): Promise<RunMonitor | undefined> {
  const { metricsFile, ca, origins } = settings;
  const terminationLog = terminationLogOf(settings.terminationLog);
  const ping = settings.ping && { address: settings.ping.reveal(), origin: origins.get('ping') ?? '' };
  if ([metricsFile, ping, terminationLog].every((asked) => asked === undefined)) return undefined;
  const { openMonitor } = await import('../monitor/open-monitor.js');
  const trusted = ca === undefined ? [] : readCertificateFile(ca, '--ca').map(String);
  const stem = basename(files.results).replace(/\.results\.csv$/, '');
  return openMonitor({ stem, metricsFile, terminationLog, ping, ca: trusted }, world);
}

/** Machines are told of an ending without a report too. */
async function orToldFailure(monitor: RunMonitor | undefined, act: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await act();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    await monitor?.end({ exitCode: exitCodeOfFailure(error), problem }, `${showLines(problem)}\n`);
    throw error;
  }
}

/** They are counted from the files, and only where somebody asks. */
async function keysWaiting(job: Job, settings: Settings): Promise<number | undefined> {
  if (settings.metricsFile === undefined) return undefined;
  const { countKeysWaiting } = await import('../wiring/hand-out-job.js');
  const { openStem } = await import('../wiring/stem-state.js');
  // What was said of the input is not said of the results.
  const own = { delimiter: undefined, columns: undefined, sheet: undefined, headerLine: undefined };
  const { input } = await openStem({ ...job, input: job.files.results }, { ...settings, ...own });
  return countKeysWaiting(job.files, input);
}

/** A request over the network takes longer than to hand it over: whatever is loaded in that time holds up nothing. */
const UNDER_WAY_MS = 10;

/** Loads what comes later: a limit of open files, or a new version in our place, must not keep it from being found. */
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

/** Loaded when there is something to sum up: the first request does not wait for it. */
async function summaryText(report: RunReport, { files }: Job, isInColour: boolean): Promise<string> {
  const { toSummaryLines } = await import('../cli/summary-text.js');
  return toSummaryLines(report, files, isInColour);
}
