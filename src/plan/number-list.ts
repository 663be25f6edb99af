import { RowIndex } from './row-index.js';

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

/** The last number that was noted of each key: 40 bytes a key, so that a million of them are no burden. */
export class LastNumbers {
  readonly #keys = new RowIndex();
  /** By the number that the index has for the key, from 1. */
  readonly #numbers = new NumberList();

  note(key: string, number: number): void {
    const next = this.#keys.size + 1;
    this.#numbers.put(this.#keys.add(key, next)?.line ?? next, number);
  }

  of(key: string): number | undefined {
    const place = this.#keys.get(key)?.line;
    return place === undefined ? undefined : this.#numbers.at(place);
  }
}
