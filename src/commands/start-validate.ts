import type { Command } from '../cli/arguments.js';
import { resolveValues } from '../settings/settings.js';
import { isColoured, openPaint } from '../core/colour.js';
import { toValidationLines } from '../cli/validate-text.js';
import type { Clock } from '../core/clock.js';
import { EXIT_CODES } from '../core/exit-code.js';
import type { ExitCode } from '../core/exit-code.js';
import { toControlText } from '../manifest/control-totals.js';
import { controlTotalsOf } from '../wiring/check-expected.js';
import type { Process } from '../core/process.js';
import { locateFiles, locateJob } from '../wiring/job.js';
import { refuseStandardInput, validateJob } from '../wiring/validate-job.js';

export async function startValidate(
  { input, flags }: Extract<Command, { name: 'validate' }>,
  process: Process,
  clock: Clock,
): Promise<ExitCode> {
  refuseStandardInput(input, 'validate');
  const settings = await resolveValues('validate', { flags, env: process.env });
  const { stdout, env } = process;
  if (settings.controlTotals) {
    // Whoever approves an input looks at it in somebody else's folder.
    const totals = await controlTotalsOf(locateFiles(input, settings), settings, clock);
    stdout.write(settings.json ? `${JSON.stringify(totals)}\n` : toControlText(totals));
    return EXIT_CODES.done.code;
  }
  const job = locateJob(input, settings);
  const report = await validateJob(job, { settings, process, clock });
  const paint = openPaint(isColoured(stdout, env, settings.color));
  stdout.write(settings.json ? `${JSON.stringify(report)}\n` : toValidationLines(report, paint));
  return report.exit_code;
}
