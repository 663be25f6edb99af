import type { Stop } from './stop.js';

/** How a process ends, what that means, and whether a schedule may repeat the same command by itself. */
export const EXIT_CODES = {
  done: { code: 0, meaning: 'every row done', isToRepeat: false },
  fix: { code: 1, meaning: 'finished; what is left needs a correction (`fix`)', isToRepeat: false },
  usage: {
    code: 2,
    meaning: 'nothing sent: wrong usage, settings, or an unreadable input',
    isToRepeat: false,
  },
  rerun: { code: 3, meaning: 'finished; rerunning helps (`yes` rows left)', isToRepeat: true },
  stopped: {
    code: 4,
    meaning:
      'stopped early, a later repetition may help: server away, too many failures, state not writable; files are complete',
    isToRepeat: true,
  },
  locked: { code: 5, meaning: "another run holds this input, or this administrator's session", isToRepeat: true },
  person: {
    code: 6,
    meaning:
      'stopped early, a person must act first: administrator, licence or right refused, proxy refuses, no CENTAGATE there, distrust, answers mixed up; files are complete',
    isToRepeat: false,
  },
  bug: { code: 70, meaning: 'a bug: please report', isToRepeat: false },
  interrupted: { code: 130, meaning: 'interrupted (SIGINT); the same command goes on', isToRepeat: true },
  terminated: { code: 143, meaning: 'interrupted (SIGTERM); the same command goes on', isToRepeat: true },
} as const;
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES]['code'];

/** The codes above 0 after which a schedule may repeat the same command by itself, or those after which it may not. */
export function failuresToRepeat(isToRepeat: boolean): readonly ExitCode[] {
  const failures = Object.values(EXIT_CODES).filter(({ code }) => code > 0);
  return failures.filter((end) => end.isToRepeat === isToRepeat).map(({ code }) => code);
}

export interface RunEnd {
  readonly stop: Stop | undefined;
  readonly byRetry: Readonly<Record<'no' | 'yes' | 'fix', number>>;
}

export function exitCodeOf({ stop, byRetry }: RunEnd): ExitCode {
  if (stop !== undefined) return EXIT_CODES[stop.kind].code;
  if (byRetry.yes > 0) return EXIT_CODES.rerun.code;
  return byRetry.fix > 0 ? EXIT_CODES.fix.code : EXIT_CODES.done.code;
}
