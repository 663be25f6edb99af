import type { SummaryCounter } from './summary.js';

/** Where a person, or whoever reads the log, follows a run. Nothing secret is ever handed to it. */
export interface Reporter {
  /** What is going on, in one line. */
  readonly note: (text: string) => void;
  /** What should be looked at. */
  readonly warn: (text: string) => void;
  /** Called after every row; shows what it wants to. */
  readonly progress: (counter: SummaryCounter) => void;
  /** The run is over: nothing is drawn any more. */
  readonly end: () => void;
}
