import { RowIndex } from './row-index.js';

const PIECE = 8192;

/** When each user's last key was saved: 40 bytes a user, so that a million of them are no burden. */
export class KeyTimes {
  readonly #users = new RowIndex();
  /** Epoch ms, by the number that the index has for the user, from 1; in pieces, since none is ever copied. */
  readonly #times: Float64Array[] = [];

  note(username: string, savedAt: number): void {
    const next = this.#users.size + 1;
    const number = this.#users.add(username, next)?.line ?? next;
    const times = (this.#times[Math.floor(number / PIECE)] ??= new Float64Array(PIECE));
    times[number % PIECE] = savedAt;
  }

  /** Is there a key of this user that was saved at this time (epoch ms) or later? */
  hasSince(username: string, sinceMs: number): boolean {
    const number = this.#users.get(username)?.line;
    return number !== undefined && (this.#times[Math.floor(number / PIECE)]?.[number % PIECE] ?? 0) >= sinceMs;
  }
}
