import type { Outcome, RetryMarker } from '../row/outcome.js';
import type { Standing } from './standing.js';

type Named = Pick<Standing, 'line' | 'failedLine' | 'username'>;

/** Why rows are left, those together that are left for one reason. */
export interface Cause {
  /** Absent for rows that were not tried yet. */
  readonly outcome: Outcome | undefined;
  readonly retry: RetryMarker;
  readonly returnCode: string;
  /** Of the first of them: of another row it may name another value. */
  readonly detail: string;
  readonly rows: number;
  /** The first few. */
  readonly who: readonly Named[];
}

/** Reasons that are told apart; what comes of more of them is one. */
const MOST = 30;
const NAMED = 5;

export class Causes {
  readonly #causes = new Map<string, Cause & { rows: number; readonly who: Named[] }>();

  add({ line, failedLine, username, settlement }: Standing, retry: RetryMarker): void {
    const { outcome, returnCode = '', detail = '' } = settlement ?? {};
    const own = `${outcome ?? ''} ${retry} ${returnCode} ${returnCode === '' ? withoutValues(detail) : ''}`;
    const key = this.#causes.has(own) || this.#causes.size < MOST ? own : `${outcome ?? ''} ${retry}`;
    let cause = this.#causes.get(key);
    if (cause === undefined) {
      const isOne = key === own;
      cause = { outcome, retry, returnCode: isOne ? returnCode : '', detail: isOne ? detail : '', rows: 0, who: [] };
      this.#causes.set(key, cause);
    }
    cause.rows += 1;
    if (cause.who.length < NAMED) cause.who.push({ line, failedLine, username });
  }

  /** Rows in doubt first, as what may be true of them already; then what needs a person, then by how many rows there are. */
  result(): readonly Cause[] {
    const weightOf = ({ outcome, retry }: Cause): number => (outcome === 'unknown' ? 2 : retry === 'fix' ? 1 : 0);
    const named = ({ outcome }: Cause): string => outcome ?? '';
    return [...this.#causes.values()].sort(
      (a, b) => weightOf(b) - weightOf(a) || b.rows - a.rows || (named(a) < named(b) ? -1 : 1),
    );
  }
}

/** Two rows that have different values wrong have the same thing wrong. */
function withoutValues(detail: string): string {
  return detail.replaceAll(/"[^"]*"/g, '""').replaceAll(/\d+/g, '0');
}
