import { retryOf } from '../row/outcome.js';
import { Latencies } from './latencies.js';
import type { PaceFigures } from './latencies.js';
import { People, tokenOf } from './people.js';
import type { PeopleCount } from './people.js';
import type { EndedRow } from './summary.js';

/** What a summary says of the rows beside their outcomes: counted as they come into the results, in flat memory but for people. */
export class RowFigures {
  readonly #people: People;
  readonly #latencies = new Latencies();

  /** @param random from 0 to 1 */
  constructor(random: () => number) {
    this.#people = new People(random);
  }

  /** @param username empty where the row has none: then it is of nobody */
  add({ settlement, sends }: Pick<EndedRow, 'settlement' | 'sends'>, username: string): void {
    const { outcome, latencyMs } = settlement;
    if (username !== '') this.#people.add(username, { isLeft: retryOf(settlement) !== 'no', token: tokenOf(outcome) });
    if (sends > 0 && latencyMs !== undefined) this.#latencies.add(latencyMs);
  }

  people(): PeopleCount {
    return this.#people.count();
  }

  pace(sends: number, durationMs: number): PaceFigures {
    return this.#latencies.figures(sends, durationMs);
  }
}
