import type { Clock } from '../core/clock.js';
import type { Process } from '../core/process.js';
import { folding } from '../report/message-fold.js';
import { both, quiet } from '../report/reporter.js';
import type { Reporter, Tell } from '../report/reporter.js';
import { showText } from '../core/safe-text.js';
import type { Settings } from '../settings/settings.js';

export type OpenReporter = (totalRows: number) => Reporter;

/** Where a run is followed, and where what is to be said before and after it goes. */
export interface Shown {
  readonly open: OpenReporter;
  readonly warn: Tell;
}

/** Loads no logger on a terminal and no bar elsewhere. @throws {UsageError} for a log file that can't be written */
export async function chooseReporter(
  { quiet: isQuiet, logFile }: Pick<Settings, 'quiet' | 'logFile'>,
  stderr: Process['stderr'],
  clock: Clock,
): Promise<Shown> {
  const { open, warn } = await forStandardError(stderr, clock);
  const shown: OpenReporter = isQuiet ? (totalRows) => quiet(open(totalRows)) : open;
  if (logFile === undefined) return { open: (totalRows) => folding(shown(totalRows)), warn };
  const { openLogFile, openLogReporter } = await import('./log-reporter.js');
  const fd = openLogFile(logFile);
  return {
    open: (totalRows) => folding(both(shown(totalRows), openLogReporter(clock, { totalRows, fd }))),
    warn: (...told) => [warn, openLogReporter(clock, { fd }).warn].forEach((tell) => tell(...told)),
  };
}

async function forStandardError(stderr: Process['stderr'], clock: Clock): Promise<Shown> {
  if (stderr.isTTY) {
    const { openTerminalReporter } = await import('./terminal-reporter.js');
    return {
      open: (totalRows) => openTerminalReporter(totalRows, stderr, clock),
      warn: (_, text) => void stderr.write(`warning: ${showText(text, 2000)}\n`),
    };
  }
  const { openLogReporter } = await import('./log-reporter.js');
  return { open: (totalRows) => openLogReporter(clock, { totalRows }), warn: openLogReporter(clock).warn };
}
