import type { Clock } from '../core/clock.js';
import { contentOf } from './journal-entry.js';
import type { JournalEntry } from './journal-entry.js';
import { keyOf } from '../row/registration.js';
import type { Registration } from '../row/registration.js';
import { settleUnfinished } from '../row/row-state.js';
import type { RowState } from '../row/row-state.js';
import type { Signature } from '../signature/signature.js';
import type { RunStop } from '../core/run-stop.js';

export interface IntentEdges {
  readonly clock: Clock;
  readonly stop: RunStop;
  readonly journal: {
    readonly append: (entry: JournalEntry) => void;
    readonly sync: () => Promise<void>;
    /** The bytes of the row's last intent are about to leave; false when that can't be noted, and they must not. */
    readonly markLeft: (key: string) => boolean;
  };
}

/** What a journal says of a row that waits; nobody reads it unless the run is killed then. */
const CUT_OFF = 'the run was cut off while the row waited for another try';

export class RowIntents {
  lastAt: number | undefined;
  readonly #registration: Registration;
  readonly #key: string;
  readonly #edges: IntentEdges;

  constructor(registration: Registration, edges: IntentEdges) {
    this.#registration = registration;
    this.#key = keyOf(registration);
    this.#edges = edges;
  }

  /** Throws a {@link StateError}, or rejects with one. A stopped run sends no more: an intent would only be doubt. */
  note(state: RowState, signature: Signature | undefined): Promise<void> {
    const { clock, stop, journal } = this.#edges;
    if (stop.reason !== undefined) return Promise.resolve();
    this.lastAt = clock.now();
    const content = contentOf(this.#registration, signature);
    const entry = { type: 'intent', key: this.#key, attempt: state.attempts + 1, at: this.lastAt } as const;
    journal.append(content === undefined ? entry : { ...entry, content });
    return journal.sync();
  }

  /** False when the bytes must not leave. */
  readonly markLeft = (): boolean => this.#edges.journal.markLeft(this.#key);

  noteTry(state: RowState): void {
    const settlement = settleUnfinished(state, CUT_OFF);
    this.#edges.journal.append({ type: 'try', key: this.#key, settlement });
  }
}
