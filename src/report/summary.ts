import { OUTCOME_NAMES, retryOf } from '../row/outcome.js';
import type { Outcome, RetryMarker } from '../row/outcome.js';
import { guardCell } from '../core/safe-text.js';
import type { Settlement } from '../row/settlement.js';
import type { UndoPart } from '../row/undo.js';
import type { Stop } from '../core/stop.js';

export interface RunSummary {
  readonly rows: number;
  /** Rows that needed nothing more when the run began. */
  readonly carried: number;
  /** Sends of this run that may have left. */
  readonly sends: number;
  readonly byOutcome: Readonly<Record<Outcome, number>>;
  readonly byRetry: Readonly<Record<RetryMarker, number>>;
  /** Return codes of the rows' last answers, over all runs. */
  readonly byReturnCode: Readonly<Record<string, number>>;
  /** OTP rows of this run that the server registered without giving a key. */
  readonly withoutKey: number;
  /** Rows that need nothing but another run, and that this one was not to send. */
  readonly leftOut: number;
  /** Rows to correct that `--where` or `--visible-only` does not mean. */
  readonly fixOutside: number;
  readonly stop: Stop | undefined;
}

export interface EndedRow {
  /** In the first input, and the own cells as they go into the results. */
  readonly row: {
    readonly line: number;
    readonly inputLine?: number;
    readonly cells: readonly string[];
    readonly undo?: UndoPart;
  };
  readonly settlement: Settlement;
  readonly carried: boolean;
  /** Sends of this run that may have left. */
  readonly sends: number;
  readonly withoutKey: boolean;
  /** It needs nothing but another run, and this one was not to send it. */
  readonly isLeftOut?: boolean;
  readonly isOutside?: boolean | undefined;
}

type Counted = Pick<EndedRow, 'settlement' | 'carried' | 'sends' | 'withoutKey' | 'isLeftOut' | 'isOutside'>;

/** Codes counted by themselves; a server that makes up a new one for every row can't fill the memory. */
const MAX_CODES = 100;

export class SummaryCounter {
  #rows = 0;
  #carried = 0;
  #sends = 0;
  #withoutKey = 0;
  #leftOut = 0;
  #fixOutside = 0;
  readonly #byOutcome = zeros(OUTCOME_NAMES);
  readonly #byRetry: Record<RetryMarker, number> = { no: 0, yes: 0, fix: 0 };
  readonly #byReturnCode = new Map<string, number>();

  get rows(): number {
    return this.#rows;
  }

  get carried(): number {
    return this.#carried;
  }

  get sends(): number {
    return this.#sends;
  }

  add(row: Counted): void {
    this.#count(row, 1);
  }

  /** The row turned out to have ended in another way. */
  replace(before: Counted, after: Counted): void {
    this.#count(before, -1);
    this.#count(after, 1);
  }

  /** Such as `registered 12, refused 1`. */
  shortText(): string {
    const counts = OUTCOME_NAMES.map((name) => ({ name, count: this.#byOutcome[name] }));
    return counts
      .filter(({ count }) => count > 0)
      .map(({ name, count }) => `${name} ${count}`)
      .join(', ');
  }

  result(stop: Stop | undefined): RunSummary {
    return {
      rows: this.#rows,
      carried: this.#carried,
      sends: this.#sends,
      byOutcome: { ...this.#byOutcome },
      byRetry: { ...this.#byRetry },
      byReturnCode: Object.fromEntries(this.#byReturnCode),
      withoutKey: this.#withoutKey,
      leftOut: this.#leftOut,
      fixOutside: this.#fixOutside,
      stop,
    };
  }

  #count(row: Counted, by: 1 | -1): void {
    const { outcome, returnCode } = row.settlement;
    this.#rows += by;
    this.#sends += by * row.sends;
    if (row.carried) this.#carried += by;
    if (row.withoutKey) this.#withoutKey += by;
    if (row.isLeftOut === true) this.#leftOut += by;
    this.#byOutcome[outcome] += by;
    const retry = retryOf(row.settlement);
    this.#byRetry[retry] += by;
    if (retry === 'fix' && outcome !== 'undone' && row.isOutside === true) this.#fixOutside += by;
    if (returnCode !== '') this.#countCode(returnCode, by);
  }

  #countCode(returnCode: string, by: 1 | -1): void {
    const shown = guardCell(returnCode, 40);
    const isListed = this.#byReturnCode.has(shown) || (by > 0 && this.#byReturnCode.size < MAX_CODES);
    const code = isListed ? shown : 'other';
    const count = (this.#byReturnCode.get(code) ?? 0) + by;
    if (count === 0) this.#byReturnCode.delete(code);
    else this.#byReturnCode.set(code, count);
  }
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  // Object.fromEntries loses the names, which are all there.
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}
