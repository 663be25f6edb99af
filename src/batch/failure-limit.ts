import type { Outcome } from '../row/outcome.js';

/** A share says something only when so many rows have ended. */
export const ENOUGH_ROWS = 50;

export interface MostFailures {
  readonly count: number;
  readonly isPercent: boolean;
}

/** Reads `20` or `5%`, which the settings have checked. */
export function parseMostFailures(text: string | undefined): MostFailures | undefined {
  return text === undefined ? undefined : { count: Number(text.replace('%', '')), isPercent: text.endsWith('%') };
}

/** A row that ends like this has failed. What was not sent since the run stopped has not. */
const FAILURES: ReadonlySet<Outcome> = new Set(['refused', 'invalid', 'key_lost', 'unavailable', 'unknown']);

/** Notices a run that is clearly wrong, such as one with the wrong list or against the wrong server. */
export class FailureLimit {
  readonly #most: MostFailures | undefined;
  #rows = 0;
  #failures = 0;

  constructor(most: MostFailures | undefined) {
    this.#most = most;
  }

  /** A row of this run has ended. @returns why the run should stop, if it should */
  add(outcome: Outcome): string | undefined {
    this.#rows += 1;
    if (this.#most === undefined || !FAILURES.has(outcome)) return undefined;
    this.#failures += 1;
    const { count, isPercent } = this.#most;
    const isOver = isPercent
      ? this.#rows >= ENOUGH_ROWS && this.#failures * 100 > count * this.#rows
      : this.#failures > count;
    if (!isOver) return undefined;
    const limit = `--max-failures ${count}${isPercent ? '%' : ''}`;
    return `${this.#failures} of ${this.#rows} rows failed, more than ${limit} allows: see their detail, mend it, then rerun`;
  }
}
