import type { Outcome } from '../row/outcome.js';

/** Whether somebody has a token, as far as a row or all their rows tell. Of several, the first here holds. */
export const TOKEN_STATES = ['there', 'without_key', 'in_doubt', 'none'] as const;
export type TokenState = (typeof TOKEN_STATES)[number];

/** @param outcome of a row; undefined for one that was not tried */
export function tokenOf(outcome: Outcome | undefined): TokenState {
  if (outcome === 'registered' || outcome === 'already_registered') return 'there';
  if (outcome === 'key_lost') return 'without_key';
  return outcome === 'unknown' ? 'in_doubt' : 'none';
}

/** How many people the rows are of, by username. */
export interface PeopleCount {
  readonly all: number;
  /** None of their rows is left. */
  readonly done: number;
  /** Some row of theirs is left. */
  readonly left: number;
  /** Some row of theirs is `registered` or `already_registered`. */
  readonly with_token: number;
}

export interface PersonSign {
  readonly isLeft: boolean;
  readonly token: TokenState;
}

/**
 * Counts people among rows, in some 10 bytes for each. A person is known by 60 bits of a hash of the username: two of a million
 * share them with a chance of 1 in 2·10^6. Its seeds are another pair for every run, so that no file can be made to share them.
 */
export class People {
  readonly #seeds: readonly [number, number];
  readonly #parts = Array.from({ length: PARTS }, () => new Part());

  /** @param random from 0 to 1 */
  constructor(random: () => number) {
    this.#seeds = [random() * WORD, random() * WORD];
  }

  add(username: string, { isLeft, token }: PersonSign): void {
    const [low, high] = hashOf(username, this.#seeds);
    const part = this.#parts[low % PARTS];
    if (part === undefined) throw new Error('every word has its part');
    part.add(low, high, (isLeft ? IS_LEFT : 0) | TOKEN_SIGNS[token]);
  }

  /** By the rows of this person that were added so far. */
  tokenOf(username: string): TokenState {
    const [low, high] = hashOf(username, this.#seeds);
    return tokenOfSigns(this.#parts[low % PARTS]?.signsOf(low, high) ?? 0);
  }

  countTokens(): Record<TokenState, number> {
    const counts: Record<TokenState, number> = { there: 0, without_key: 0, in_doubt: 0, none: 0 };
    for (const part of this.#parts) part.eachSigns((signs) => (counts[tokenOfSigns(signs)] += 1));
    return counts;
  }

  count(): PeopleCount {
    let [all, left, withToken] = [0, 0, 0];
    const count = (signs: number): void => {
      all += 1;
      if ((signs & IS_LEFT) !== 0) left += 1;
      if ((signs & TOKEN_SIGNS.there) !== 0) withToken += 1;
    };
    for (const part of this.#parts) part.eachSigns(count);
    return { all, done: all - left, left, with_token: withToken };
  }
}

const PARTS = 64;
const WORD = 0x100000000;
const IS_LEFT = 1;
const TOKEN_SIGNS = { there: 2, without_key: 4, in_doubt: 8, none: 0 } as const satisfies Record<TokenState, number>;
const SIGNS = 15;

function tokenOfSigns(signs: number): TokenState {
  return TOKEN_STATES.find((state) => (signs & TOKEN_SIGNS[state]) !== 0) ?? 'none';
}

/** Open addressing: at most 4/5 of the slots are used, and a table that is full grows by a quarter. */
class Part {
  #size = 0;
  /** Per slot: a word (0: free), and another one whose lowest bits are the signs. */
  #slots = new Uint32Array(2 * 16);

  add(low: number, high: number, signs: number): void {
    if (this.#size * 2 >= this.#slots.length * 0.8) this.#grow();
    const key = low === 0 ? 1 : low;
    const at = find(this.#slots, key, high);
    if (this.#slots[at] === 0) {
      this.#size += 1;
      this.#slots[at] = key;
      this.#slots[at + 1] = high & ~SIGNS;
    }
    this.#slots[at + 1] = (this.#slots[at + 1] ?? 0) | signs;
  }

  signsOf(low: number, high: number): number {
    return this.#slots[find(this.#slots, low === 0 ? 1 : low, high) + 1] ?? 0;
  }

  eachSigns(tell: (signs: number) => void): void {
    for (let at = 0; at < this.#slots.length; at += 2)
      if (this.#slots[at] !== 0) tell((this.#slots[at + 1] ?? 0) & SIGNS);
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(2 * Math.ceil((old.length / 2) * 1.25));
    for (let at = 0; at < old.length; at += 2) {
      const [low = 0, high = 0] = [old[at], old[at + 1]];
      if (low === 0) continue;
      const to = find(this.#slots, low, high);
      [this.#slots[to], this.#slots[to + 1]] = [low, high];
    }
  }
}

function find(slots: Uint32Array, low: number, high: number): number {
  // Where a person stands in its part hangs on other bits than the part.
  let at = 2 * (Math.floor(low / PARTS) % (slots.length / 2));
  while (slots[at] !== 0 && (slots[at] !== low || ((slots[at + 1] ?? 0) & ~SIGNS) !== (high & ~SIGNS))) {
    at = (at + 2) % slots.length;
  }
  return at;
}

/** Two words, mixed as MurmurHash3 does. */
function hashOf(text: string, [first, second]: readonly [number, number]): [number, number] {
  let [low, high] = [first | 0, second | 0];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    low = Math.imul(low ^ unit, 0xcc9e2d51);
    high = Math.imul(high ^ unit, 0x1b873593);
    low ^= low >>> 15;
    high ^= high >>> 13;
  }
  low = Math.imul(low ^ (high >>> 16), 0x85ebca6b);
  high = Math.imul(high ^ (low >>> 13), 0xc2b2ae35);
  return [(low ^ (low >>> 16)) >>> 0, (high ^ (high >>> 16)) >>> 0];
}
