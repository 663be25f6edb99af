/**
 * How many rows are made ready before a slot is theirs: as few as keep the slots busy, since each of them is in doubt after a
 * power cut. A slot that finds none ready asks for half as many again; what was left over at every slot of a round is a
 * standing queue (as CoDel calls it) and shrinks the lead by half of itself.
 */
export class Lead {
  readonly #limit: number;
  #rows: number;
  /** Slots that were taken since the last change, and the fewest rows that one of them left waiting. */
  #taken = 0;
  #fewest = Infinity;

  /** @param rows at first */
  constructor(rows: number, limit: number) {
    this.#rows = rows;
    this.#limit = limit;
  }

  get rows(): number {
    return this.#rows;
  }

  /** A slot was taken by a row that was ready, and so many others still are. */
  noteTaken(ready: number): void {
    this.#taken += 1;
    this.#fewest = Math.min(this.#fewest, ready);
    if (this.#taken < ROUNDS * this.#rows) return;
    this.#change(this.#rows - Math.floor(this.#fewest / 2));
  }

  /** A slot is empty, and some rows wait to be made ready. What the last change brings is waited for. */
  noteIdle(): void {
    if (this.#taken < this.#rows) return;
    this.#change(Math.min(this.#limit, Math.ceil(this.#rows * 1.5)));
  }

  #change(rows: number): void {
    this.#rows = rows;
    this.#taken = 0;
    this.#fewest = Infinity;
  }
}

/** A sync now and then takes some times as long as most. */
const ROUNDS = 8;
