/** Rows in their order, until nothing holds the first of them back any more. */
export class HeldRows<Row> {
  readonly #isHeld: (row: Row) => boolean;
  #rows: Row[] = [];
  #at = 0;

  constructor(isHeld: (row: Row) => boolean) {
    this.#isHeld = isHeld;
  }

  add(rows: readonly Row[]): void {
    for (const row of rows) this.#rows.push(row);
  }

  /** Takes the rows before the first that is held, or all of them. */
  *take({ isEnd }: { readonly isEnd: boolean }): Generator<Row> {
    for (let row = this.#rows[this.#at]; row !== undefined; row = this.#rows[this.#at]) {
      if (!isEnd && this.#isHeld(row)) break;
      this.#at += 1;
      yield row;
    }
    // Not one by one: to move those behind takes longer than to pass over them.
    if (this.#at * 2 < this.#rows.length) return;
    this.#rows = this.#rows.slice(this.#at);
    this.#at = 0;
  }
}
