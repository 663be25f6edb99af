import type { LogEvent, LogFields } from './log-event.js';
import type { SummaryCounter } from './summary.js';

export type Tell = (event: LogEvent, text: string, fields?: LogFields) => void;

/** Where a person, or whoever reads the log, follows a run. Nothing secret is ever handed to it. */
export interface Reporter {
  readonly note: Tell;
  readonly warn: Tell;
  /** Called after every row; shows what it wants to. */
  readonly progress: (counter: SummaryCounter) => void;
  readonly end: () => void;
}

/** For those who know of one thing alone. */
export function telling(tell: Tell, event: LogEvent): (text: string) => void {
  return (text) => tell(event, text);
}

export function both(one: Reporter, other: Reporter): Reporter {
  return {
    note: (...told) => [one, other].forEach(({ note }) => note(...told)),
    warn: (...told) => [one, other].forEach(({ warn }) => warn(...told)),
    progress: (counter) => [one, other].forEach(({ progress }) => progress(counter)),
    end: () => [one, other].forEach(({ end }) => end()),
  };
}

/** Only what somebody should look at. */
export function quiet({ warn, end }: Pick<Reporter, 'warn' | 'end'>): Reporter {
  const nothing = (): undefined => undefined;
  return { note: nothing, warn, progress: nothing, end };
}
