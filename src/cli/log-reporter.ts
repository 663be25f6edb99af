import { createRequire } from 'node:module';
import type { Logger, pino } from 'pino';
import type { Clock } from '../core/clock.js';
import type { LogEvent } from '../report/log-event.js';
import type { Reporter } from '../report/reporter.js';
import { showText } from '../core/safe-text.js';
import type { SummaryCounter } from '../report/summary.js';

/** A line of progress at most this often, in ms: a log is read afterwards. */
const PROGRESS_EVERY_MS = 10_000;
const MAX_CHARACTERS = 2000;

/** JSON lines on standard error, written at once, so that none is lost when the process ends. */
export function openLogReporter(clock: Clock): Reporter {
  let opened: Logger | undefined;
  const logger = (): Logger => (opened ??= openLogger());
  let shownAt = clock.monotonic();
  return {
    note: (event, text, fields) => logger().info({ event, ...fields }, showText(text, MAX_CHARACTERS)),
    warn: (event, text, fields) => logger().warn({ event, ...fields }, showText(text, MAX_CHARACTERS)),
    progress: (counter: SummaryCounter) => {
      if (clock.monotonic() - shownAt < PROGRESS_EVERY_MS) return;
      shownAt = clock.monotonic();
      const { rows, sends, byOutcome } = counter.result(undefined);
      const outcomes = Object.fromEntries(Object.entries(byOutcome).filter(([, count]) => count > 0));
      logger().info({ event: 'progress' satisfies LogEvent, rows, sends, outcomes }, 'progress');
    },
    end: () => undefined,
  };
}

/** Most runs send long before they have something to say. */
export function loadLogger(): typeof pino {
  // What `import` gives, without the wait.
  return (createRequire(import.meta.url)('pino') as { pino: typeof pino }).pino;
}

function openLogger(): Logger {
  const open = loadLogger();
  const standardError = open.destination({ dest: 2, sync: true });
  // A log that can't be written (a full disk behind it) is no reason to cut off what is being registered.
  standardError.on('error', () => undefined);
  return open({ base: null, timestamp: open.stdTimeFunctions.isoTime }, standardError);
}
