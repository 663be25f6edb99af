import { RowIndex } from './row-index.js';

/** When each user's last key was saved: 40 bytes a user, so that a million of them are no burden. */
export class KeyTimes {
  readonly #users = new RowIndex();
  /** Epoch ms, by the number that the index has for the user, from 1. */
  readonly #times: number[] = [];

  /** A later call is of a later key. */
  note(username: string, savedAt: number): void {
    const number = this.#users.add(username, this.#times.length + 1)?.line;
    if (number === undefined) this.#times.push(savedAt);
    else this.#times[number - 1] = savedAt;
  }

  /** Is there a key of this user that was saved at this time (epoch ms) or later? */
  hasSince(username: string, sinceMs: number): boolean {
    const number = this.#users.get(username)?.line;
    return number !== undefined && (this.#times[number - 1] ?? 0) >= sinceMs;
  }
}
