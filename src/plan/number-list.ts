const PIECE = 8192;

/** Numbers by their place from 0, 8 bytes each; in pieces, since what is one has to be copied to grow. */
export class NumberList {
  readonly #pieces: Float64Array[] = [];

  /** 0 where none was put. */
  at(place: number): number {
    return this.#pieces[Math.floor(place / PIECE)]?.[place % PIECE] ?? 0;
  }

  put(place: number, value: number): void {
    const piece = (this.#pieces[Math.floor(place / PIECE)] ??= new Float64Array(PIECE));
    piece[place % PIECE] = value;
  }
}
