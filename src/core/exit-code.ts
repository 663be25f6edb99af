import type { RunSummary } from './summary.js';

/** How a process ends, and what it tells a schedule. */
export const EXIT_CODES = {
  done: { code: 0, meaning: 'every row done' },
  fix: { code: 1, meaning: 'finished; what is left needs a correction (`fix`)' },
  usage: { code: 2, meaning: 'nothing sent: wrong usage, settings, or an unreadable input' },
  rerun: { code: 3, meaning: 'finished; rerunning helps (`yes` rows left)' },
  stopped: {
    code: 4,
    meaning:
      'stopped early: administrator refused, server away, too many failures, state not writable; files are complete',
  },
  locked: { code: 5, meaning: 'another run holds this input' },
  bug: { code: 70, meaning: 'a bug: please report' },
  interrupted: { code: 130, meaning: 'interrupted (SIGINT); the same command goes on' },
  terminated: { code: 143, meaning: 'interrupted (SIGTERM); the same command goes on' },
} as const;
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES]['code'];

/** The exit code of a run that wrote its files. */
export function exitCodeOf(summary: Pick<RunSummary, 'stop' | 'byRetry'>): ExitCode {
  if (summary.stop !== undefined) return EXIT_CODES[summary.stop.kind].code;
  if (summary.byRetry.yes > 0) return EXIT_CODES.rerun.code;
  return summary.byRetry.fix > 0 ? EXIT_CODES.fix.code : EXIT_CODES.done.code;
}
