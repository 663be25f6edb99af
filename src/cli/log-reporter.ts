import { createRequire } from 'node:module';
import type { Logger, pino } from 'pino';
import type { Clock } from '../core/clock.js';
import type { LogEvent } from '../report/log-event.js';
import type { Reporter } from '../report/reporter.js';
import { orStateError, orUsageError } from '../core/state-error.js';
import { openOutlet } from '../disk/own-file.js';
import { showText } from '../core/safe-text.js';
import type { SummaryCounter } from '../report/summary.js';

/** A line of progress at most this often, in ms: a log is read afterwards. */
const PROGRESS_EVERY_MS = 10_000;
const MAX_CHARACTERS = 2000;

export interface LogOptions {
  /** As many rows as there seem to be; 0 where nobody knows. */
  readonly totalRows?: number;
  /** An open file; standard error unless given. */
  readonly fd?: number;
}

const STANDARD_ERROR = 2;

/** JSON lines, written at once, so that none is lost when the process ends. */
export function openLogReporter(clock: Clock, { totalRows = 0, fd = STANDARD_ERROR }: LogOptions = {}): Reporter {
  let opened: Logger | undefined;
  const logger = (): Logger => (opened ??= openLogger(fd));
  const startedAt = clock.monotonic();
  let shownAt = startedAt;
  return {
    note: (event, text, fields) => logger().info({ event, ...fields }, showText(text, MAX_CHARACTERS)),
    warn: (event, text, fields) => logger().warn({ event, ...fields }, showText(text, MAX_CHARACTERS)),
    progress: (counter: SummaryCounter) => {
      if (clock.monotonic() - shownAt < PROGRESS_EVERY_MS) return;
      shownAt = clock.monotonic();
      const { rows, sends, byOutcome } = counter.result(undefined);
      const outcomes = Object.fromEntries(Object.entries(byOutcome).filter(([, count]) => count > 0));
      const figures = toFigures(counter, totalRows, clock.monotonic() - startedAt);
      logger().info(
        { event: 'progress' satisfies LogEvent, rows, sends, outcomes, ...figures },
        toProgressMessage(rows, totalRows, figures),
      );
    },
    end: () => undefined,
  };
}

/** Most runs send long before they have something to say. */
export function loadLogger(): typeof pino {
  // What `import` gives, without the wait.
  return (createRequire(import.meta.url)('pino') as { pino: typeof pino }).pino;
}

/** A log that goes on in this file, pipe or device. @throws {UsageError} when it can't be written, or is none of ours */
export function openLogFile(path: string): number {
  return orUsageError(() => orStateError(path, () => openOutlet(path)));
}

/** Rows a second without those that were done before, and how long the rest takes, where that can be told. */
function toFigures(
  { rows, carried }: SummaryCounter,
  totalRows: number,
  elapsedMs: number,
): { readonly rows_per_second: number; readonly left_s?: number } {
  const rate = (rows - carried) / Math.max(0.001, elapsedMs / 1000);
  const isKnown = totalRows >= rows && totalRows > 0 && rate > 0;
  return {
    rows_per_second: Math.round(rate * 10) / 10,
    ...(isKnown && { left_s: Math.round((totalRows - rows) / rate) }),
  };
}

function toProgressMessage(rows: number, totalRows: number, figures: ReturnType<typeof toFigures>): string {
  const { rows_per_second: rate, left_s: left } = figures;
  const of = totalRows >= rows && totalRows > 0 ? ` of ${totalRows}` : '';
  return `${rows}${of} rows, ${rate}/s${left === undefined ? '' : `, ${left} s left`}`;
}

function openLogger(fd: number): Logger {
  const open = loadLogger();
  const lines = open.destination({ dest: fd, sync: true });
  // A log that can't be written (a full disk behind it) is no reason to cut off what is being registered.
  lines.on('error', () => undefined);
  return open({ base: null, timestamp: open.stdTimeFunctions.isoTime }, lines);
}
