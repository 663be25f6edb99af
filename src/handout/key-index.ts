import { NumberList } from '../plan/number-list.js';
import { RowIndex } from '../plan/row-index.js';
import { CUT_TIME } from '../record/keys-file.js';
import type { KeyPlace } from '../record/keys-file.js';

/** What became of a user's key by a later line of the keys file. */
export type Replaced = 'superseded' | 'taken_back';

/** A user's last key, which is theirs unless it was taken back. */
export interface CurrentKey extends Pick<KeyPlace, 'start' | 'end'> {
  /** Epoch ms; 0 where the line has no time that can be read. */
  readonly savedAt: number;
}

/** Where each user's key stands, and what became of it here: 60 bytes a user. */
export class KeyIndex {
  readonly #users = new RowIndex();
  // By the number that the index has for the user, from 1; an end of 0 says that there is no key.
  readonly #starts = new NumberList();
  readonly #ends = new NumberList();
  readonly #times = new NumberList();
  readonly #marks = new NumberList();

  /** Takes the lines of the keys file in their order. @returns what this one makes of the key before it, if there is one */
  note(username: string, savedAt: number, { start, end, isTakenBack }: KeyPlace): Replaced | undefined {
    const next = this.#users.size + 1;
    const number = this.#users.add(username, next)?.line ?? next;
    const hadKey = this.#ends.at(number) > 0 && this.#starts.at(number) !== start;
    this.#starts.put(number, start);
    this.#ends.put(number, isTakenBack ? 0 : end);
    this.#times.put(number, savedAt);
    if (!hadKey) return undefined;
    return isTakenBack ? 'taken_back' : 'superseded';
  }

  find(username: string): CurrentKey | undefined {
    const number = this.#number(username);
    const end = this.#ends.at(number);
    return end === 0 ? undefined : { start: this.#starts.at(number), end, savedAt: this.#times.at(number) };
  }

  /** The ledger tells of a key of this user, by its time: is it the one that is theirs now? */
  isCurrent(username: string, savedAt: number): boolean {
    const key = this.find(username);
    // A time that is cut off is none as soon as another line stands behind it.
    return key !== undefined && (key.savedAt === CUT_TIME ? 0 : key.savedAt) === savedAt;
  }

  /** What was last noted of the user's key with {@link mark}; 0 for nothing. */
  markOf(username: string): number {
    return this.#marks.at(this.#number(username));
  }

  mark(username: string, mark: number): void {
    const number = this.#number(username);
    if (number > 0) this.#marks.put(number, mark);
  }

  #number(username: string): number {
    return this.#users.get(username)?.line ?? 0;
  }
}
