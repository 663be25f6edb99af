import type { Command } from '../cli/arguments.js';
import type { Clock } from '../core/clock.js';
import { EXIT_CODES } from '../core/exit-code.js';
import type { ExitCode } from '../core/exit-code.js';
import type { Process } from '../core/process.js';
import { showLines, showName } from '../core/safe-text.js';
import { toReportText } from '../page/report-text.js';
import { resolveValues } from '../settings/settings.js';
import type { Settings } from '../settings/settings.js';
import { InputError } from '../core/input-error.js';
import { UsageError } from '../core/usage-error.js';
import type { Job } from '../wiring/job.js';
import { locateResults } from '../wiring/job.js';
import { readStory, writePage } from '../wiring/report-job.js';

/** The `report` command: what the files of a run say, for people who don't read CSV. */
export async function startReport(
  { results, flags }: Extract<Command, { name: 'report' }>,
  { env, stdout, stderr }: Process,
  clock: Clock,
): Promise<ExitCode> {
  const settings = await resolveValues('report', { flags, env });
  for (const warning of settings.warnings) stderr.write(`${warning}\n`);
  const job = locateResults(results, settings);
  const story = await readStory(job, settings, clock);
  if (settings.text) {
    stdout.write(toReportText(story));
    return EXIT_CODES.done.code;
  }
  writePage(job.files, story);
  stdout.write(`Report:  ${showName(job.files.report)}\n`);
  return EXIT_CODES.done.code;
}

/** What became of the rows hangs on no page: one that can't be written is only warned of. */
export async function reportAtEnd(
  job: Job,
  settings: Settings,
  { process: { stdout, stderr }, clock }: { readonly process: Process; readonly clock: Clock },
): Promise<void> {
  try {
    writePage(job.files, await readStory(job, settings, clock));
  } catch (error) {
    if (!(error instanceof InputError || error instanceof UsageError)) throw error;
    stderr.write(`warning: no report was written: ${showLines(error.message)}\n`);
    return;
  }
  if (!settings.json) stdout.write(`Report:  ${showName(job.files.report)}\n`);
}
