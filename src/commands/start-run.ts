import { randomUUID } from 'node:crypto';
import type { Command } from '../cli/arguments.js';
import { resolveSettings } from '../cli/settings.js';
import { toSummaryLines } from '../cli/summary-text.js';
import type { Clock } from '../core/clock.js';
import type { ExitCode } from '../core/exit-code.js';
import { orUsageError } from '../core/state-error.js';
import { takeLock } from '../io/lock.js';
import { openLogReporter } from '../io/log-reporter.js';
import { openTerminalReporter } from '../io/terminal-reporter.js';
import { locateJob, prepareJob } from './job.js';
import type { Process } from '../process.js';
import { runJob } from './run-job.js';

/** The `run` command: settings, job, run, and what a person or a machine is told of it. */
export async function startRun(
  command: Extract<Command, { name: 'run' }>,
  process: Process,
  clock: Clock,
): Promise<ExitCode> {
  const { env, stdin, stdout, stderr } = process;
  const settings = await resolveSettings({ flags: command.flags, env });
  const job = locateJob(command.input, settings);
  const runId = randomUUID();
  const lock = orUsageError(() => takeLock(job.files.lock, clock, { runId, force: settings.takeLock }));
  try {
    await prepareJob(job, settings, stdin);
    const openReporter = (totalRows: number) =>
      stderr.isTTY ? openTerminalReporter(totalRows) : openLogReporter(clock);
    const report = await runJob(job, { settings, clock, env, openReporter, lock, runId });
    const isColoured = stdout.isTTY && (env['NO_COLOR'] ?? '') === '';
    stdout.write(settings.json ? `${JSON.stringify(report)}\n` : toSummaryLines(report, job.files, isColoured));
    return report.exit_code;
  } finally {
    lock.release();
  }
}
