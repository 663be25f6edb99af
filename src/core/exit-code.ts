import type { Stop } from './stop.js';

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

export interface RunEnd {
  readonly stop: Stop | undefined;
  readonly byRetry: Readonly<Record<'no' | 'yes' | 'fix', number>>;
}

export function exitCodeOf({ stop, byRetry }: RunEnd): ExitCode {
  if (stop !== undefined) return EXIT_CODES[stop.kind].code;
  if (byRetry.yes > 0) return EXIT_CODES.rerun.code;
  return byRetry.fix > 0 ? EXIT_CODES.fix.code : EXIT_CODES.done.code;
}
