import { NumberList } from './number-list.js';
import { RowIndex } from './row-index.js';

/** When each user's last key was saved: 40 bytes a user, so that a million of them are no burden. */
export class KeyTimes {
  readonly #users = new RowIndex();
  /** Epoch ms, by the number that the index has for the user, from 1. */
  readonly #times = new NumberList();

  note(username: string, savedAt: number): void {
    const next = this.#users.size + 1;
    this.#times.put(this.#users.add(username, next)?.line ?? next, savedAt);
  }

  /** Is there a key of this user that was saved at this time (epoch ms) or later? */
  hasSince(username: string, sinceMs: number): boolean {
    const number = this.#users.get(username)?.line;
    return number !== undefined && this.#times.at(number) >= sinceMs;
  }
}
