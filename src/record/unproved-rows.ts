import type { Clock } from '../core/clock.js';
import type { Dependent, Proof } from '../core/proof.js';
import type { RunStop } from '../core/run-stop.js';
import { StateError } from '../core/state-error.js';
import { keyOf } from '../row/registration.js';
import type { Registration } from '../row/registration.js';
import { settleUnfinished, takeBack } from '../row/row-state.js';
import type { RowState } from '../row/row-state.js';
import type { Settlement } from '../row/settlement.js';
import type { JournalEntry } from './journal-entry.js';
import type { KeptKey, SavedKey } from './keys-file.js';

/** Where it is noted that an answer is taken back. */
export interface UnprovedEdges {
  readonly clock: Clock;
  readonly stop: RunStop;
  readonly journal: { readonly append: (entry: JournalEntry) => void; readonly sync: () => Promise<void> };
  readonly keys: { readonly append: (key: SavedKey) => void; readonly sync: () => Promise<void> };
}

/** A row, by the object that it is for the whole run. */
interface Sent {
  readonly registration: Registration;
}

/** A row that was answered, and what the answers rest on: a connection's last 200 rows are kept, so this is small. */
class Unproved implements Dependent {
  /** What it is by now, until it is settled. */
  state: RowState | undefined;
  settlement: Settlement | undefined;
  /** What the answer brought to the keys file. */
  key: Omit<KeptKey, 'raw'> | undefined;
  /** Of the last answer, and of those before it. */
  #last: Proof | undefined;
  #earlier: Proof[] | undefined;
  readonly #row: Sent;
  readonly #takeBack: (row: Sent) => void;

  constructor(row: Sent, takeBack: (row: Sent) => void) {
    this.#row = row;
    this.#takeBack = takeBack;
  }

  get isTainted(): boolean {
    return this.#last?.isTainted === true || this.#earlier?.some(({ isTainted }) => isTainted) === true;
  }

  get isOpen(): boolean {
    return this.#last?.isOpen === true || this.#earlier?.some(({ isOpen }) => isOpen) === true;
  }

  rest(proof: Proof): void {
    if (this.#last !== undefined) (this.#earlier ??= []).push(this.#last);
    this.#last = proof;
    proof.add(this);
  }

  onTaint(): void {
    this.#takeBack(this.#row);
  }
}

/**
 * The rows whose answers are not proved yet. Where they turn out to be mixed up, journal and keys file say at once that they
 * are taken back, so that no later run believes them; of the results, those rows come out in doubt.
 */
export class UnprovedRows {
  readonly #edges: UnprovedEdges;
  readonly #rows = new Map<Sent, Unproved>();
  #noting: Promise<unknown> = Promise.resolve();

  constructor(edges: UnprovedEdges) {
    this.#edges = edges;
  }

  note(row: Sent, proof: Proof | undefined, state: RowState): void {
    if (proof === undefined) return;
    let unproved = this.#rows.get(row);
    if (unproved === undefined) {
      unproved = new Unproved(row, this.#takeBack);
      this.#rows.set(row, unproved);
    }
    unproved.state = state;
    unproved.rest(proof);
  }

  /** Is some answer of the row known to be mixed up? */
  isTainted(row: Sent): boolean {
    return this.#rows.get(row)?.isTainted === true;
  }

  /** A key that came when its answer was known to be mixed up, or that no return code came with: it may be somebody's. */
  keep({ registration: { username } }: Sent, { raw, ...key }: KeptKey): void {
    const { clock, keys } = this.#edges;
    this.#note(() => {
      keys.append({ username, ...key, ...(raw && { raw }), savedAt: clock.now() });
      keys.append({ username, ...key, savedAt: clock.now(), isTakenBack: true });
      return keys.sync();
    });
  }

  /** The row's settlement, and its key if it brought one, are on the disk. @returns what it is by now */
  settle(row: Sent, settlement: Settlement, key: KeptKey | undefined): Settlement {
    const unproved = this.#rows.get(row);
    if (unproved === undefined) return settlement;
    unproved.state = undefined;
    unproved.settlement = settlement;
    // Without all that came with it, which may be long.
    unproved.key = key && { key: key.key, ...(key.form && { form: key.form }) };
    if (!unproved.isTainted) return settlement;
    this.#takeBack(row);
    return takeBack(settlement);
  }

  /** Does nobody know yet whether the row's answers are its own? */
  isOpen(row: Sent): boolean {
    return this.#rows.get(row)?.isOpen === true;
  }

  /** The row's time in this run is over. @returns what comes into the results */
  close(row: Sent, settlement: Settlement): Settlement {
    const isTainted = this.isTainted(row);
    this.#rows.delete(row);
    return isTainted ? takeBack(settlement) : settlement;
  }

  /** Resolves when all that was taken back is on the disk, or the run has stopped since it can't be. */
  async noted(): Promise<void> {
    await this.#noting;
  }

  readonly #takeBack = (row: Sent): void => {
    const { clock, keys, journal } = this.#edges;
    const unproved = this.#rows.get(row);
    if (unproved === undefined) return;
    const { state, key } = unproved;
    const settlement = unproved.settlement ?? (state && settleUnfinished(state, MIXED_UP));
    if (settlement === undefined) throw new Error('a row is taken back that was never answered');
    const { username } = row.registration;
    this.#note(() => {
      if (key !== undefined) keys.append({ username, ...key, savedAt: clock.now(), isTakenBack: true });
      journal.append({ type: 'taken_back', key: keyOf(row.registration), settlement: takeBack(settlement) });
      return Promise.all([keys.sync(), journal.sync()]);
    });
  };

  #note(write: () => Promise<unknown>): void {
    const written = Promise.resolve()
      .then(write)
      .catch((error: unknown) => {
        if (!(error instanceof StateError)) throw error;
        this.#edges.stop.stop({ kind: 'stopped', reason: error.message });
      });
    this.#noting = Promise.all([this.#noting, written]);
  }
}

const MIXED_UP = 'answers got mixed up';
