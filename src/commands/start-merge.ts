import { randomUUID } from 'node:crypto';
import { sep } from 'node:path';
import type { Command } from '../cli/arguments.js';
import { PROGRAM, toNextAfterMerge, toTypedCommand } from '../cli/next-command.js';
import { shellOf } from '../cli/shell-text.js';
import { toMergeLines } from '../cli/summary-text.js';
import type { Clock } from '../core/clock.js';
import { isColoured } from '../core/colour.js';
import type { ExitCode } from '../core/exit-code.js';
import type { Process } from '../core/process.js';
import { showText } from '../core/safe-text.js';
import { toUsageError } from '../core/state-error.js';
import { readVersion } from '../help/version.js';
import { takeLock } from '../record/lock.js';
import type { Lock } from '../record/lock.js';
import { describeOrigin, describeSelf, isRunning } from '../record/process-identity.js';
import { resolveValues } from '../settings/settings.js';
import { mergeJob } from '../shards/merge-job.js';
import { locateFiles, locateJob } from '../wiring/job.js';
import { endOnSignals } from '../wiring/signals.js';
import { refuseStandardInput } from '../wiring/validate-job.js';

/** The `merge` command: the files of all shards become those of one run. No network, and never beside a run. */
export async function startMerge(
  { input, flags }: Extract<Command, { name: 'merge' }>,
  { env, stdout, stderr }: Process,
  clock: Clock,
): Promise<ExitCode> {
  refuseStandardInput(input, 'merge');
  const settings = await resolveValues('merge', { flags, env });
  const note = (text: string): void => void stderr.write(`${showText(text, 2000)}\n`);
  settings.warnings.forEach(note);
  const job = locateJob(input, settings);
  const self = describeSelf(randomUUID(), clock);
  let lock: Lock | undefined;
  const stopListening = endOnSignals(() => lock?.release());
  try {
    lock = await takeLock(job.files.lock, clock, { self, isRunning, force: settings.takeLock }).catch(
      (error: unknown) => {
        throw toUsageError(error);
      },
    );
    if (lock.takenOver !== undefined) note(lock.takenOver);
    const shell = shellOf(sep, env);
    const report = await mergeJob(job, {
      clock,
      holder: { self, isRunning },
      madeBy: describeOrigin(`${PROGRAM} ${readVersion()}`, toTypedCommand({ flags, input }, shell, 'merge')),
      filesOf: (shard) => locateFiles(input, { ...settings, shard }).files,
      nextCommand: (summary, { server, admin }) =>
        toNextAfterMerge({ flags, files: job.files, server, admin }, summary, shell),
      note,
    });
    const text = settings.json
      ? `${JSON.stringify(report)}\n`
      : toMergeLines(report, job.files, isColoured(stdout, env, settings.color));
    stdout.write(text);
    return report.exit_code;
  } finally {
    stopListening();
    lock?.release();
  }
}
