import type { SummaryCounter } from './summary.js';

/** Where a person, or whoever reads the log, follows a run. Nothing secret is ever handed to it. */
export interface Reporter {
  readonly note: (text: string) => void;
  readonly warn: (text: string) => void;
  /** Called after every row; shows what it wants to. */
  readonly progress: (counter: SummaryCounter) => void;
  readonly end: () => void;
}
