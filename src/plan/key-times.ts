import { LastNumbers } from './number-list.js';

/** When each user's last key was saved. */
export class KeyTimes {
  /** Epoch ms. */
  readonly #times = new LastNumbers();

  note(username: string, savedAt: number): void {
    this.#times.note(username, savedAt);
  }

  /** Is there a key of this user that was saved at this time (epoch ms) or later? */
  hasSince(username: string, sinceMs: number): boolean {
    const savedAt = this.#times.of(username);
    return savedAt !== undefined && savedAt >= sinceMs;
  }
}
