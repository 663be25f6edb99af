import { hash } from 'node:crypto';

/**
 * Remembers rows by key in 32 bytes each, so that a million rows know their duplicates. A row is known by the first 80
 * bits of a SHA-256: two keys of a million share them with a chance of 1 in 10^12. It is parted by one of these bits'
 * words, since what grows in small steps leaves little behind.
 */
export class RowIndex {
  readonly #parts: readonly Part[] = Array.from({ length: PARTS }, () => new Part());
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param spelling of a key that has several */
  add(key: string, line: number, { content = '', spelling = '' }: Told = {}): IndexEntry | undefined {
    const digest = digestWords(key);
    const there = this.#part(digest).add(digest, line, { content, spelling });
    if (there === undefined) this.#size += 1;
    return there;
  }

  get(key: string): IndexEntry | undefined {
    if (this.#size === 0) return undefined;
    const digest = digestWords(key);
    return this.#part(digest).get(digest);
  }

  #part(digest: Digest): Part {
    const part = this.#parts[(digest[2] >>> SPELLING_BITS) % PARTS];
    if (part === undefined) throw new Error('every word has its part');
    return part;
  }
}

const PARTS = 64;

/** Open addressing: at most 4/5 of the slots are used, and a table that is full grows by a quarter. */
class Part {
  /** Per slot: 80 bits of the key's digest and 16 of its spelling's, the line (0: free), a word of the content's. */
  #slots = new Uint32Array(16 * WORDS);
  #capacity = 16;
  #size = 0;

  add(digest: Digest, line: number, { content, spelling }: Required<Told>): IndexEntry | undefined {
    if (this.#size >= this.#capacity * 0.8) this.#grow();
    const slot = this.#find(digest);
    const there = this.#at(slot);
    if (there !== undefined) return there;
    const slots = this.#slots;
    slots[slot] = digest[0];
    slots[slot + 1] = digest[1];
    slots[slot + 2] = (digest[2] | spellingWord(spelling)) >>> 0;
    slots[slot + 3] = line;
    slots[slot + 4] = contentWord(content);
    this.#size += 1;
    return undefined;
  }

  get(digest: Digest): IndexEntry | undefined {
    return this.#at(this.#find(digest));
  }

  #at(slot: number): IndexEntry | undefined {
    const line = this.#slots[slot + 3] ?? 0;
    if (line === 0) return undefined;
    const [spelt, word] = [this.#slots[slot + 2] ?? 0, this.#slots[slot + 4] ?? 0];
    return {
      line,
      isSame: (content) => contentWord(content) === word,
      isSpelt: (spelling) => spellingWord(spelling) === (spelt & SPELLING_MASK),
    };
  }

  #find(digest: Digest): number {
    const slots = this.#slots;
    const a = digest[0];
    const b = digest[1];
    const c = digest[2];
    // Of 31 bits, the remainder is an integer's.
    let at = ((a >>> 1) % this.#capacity) * WORDS;
    while (slots[at + 3] !== 0 && (slots[at] !== a || slots[at + 1] !== b || keyBits(slots[at + 2]) !== c)) {
      at = (at + WORDS) % slots.length;
    }
    return at;
  }

  #grow(): void {
    const old = this.#slots;
    this.#capacity = Math.ceil(this.#capacity * 1.25);
    this.#slots = new Uint32Array(this.#capacity * WORDS);
    for (let at = 0; at < old.length; at += WORDS) {
      if (old[at + 3] === 0) continue;
      const slot = this.#find([old[at] ?? 0, old[at + 1] ?? 0, keyBits(old[at + 2])]);
      for (let word = 0; word < WORDS; word += 1) this.#slots[slot + word] = old[at + word] ?? 0;
    }
  }
}

export interface IndexEntry {
  readonly line: number;
  readonly isSame: (content: string) => boolean;
  /** Was the key spelt so? One of 65,536 other spellings passes for it. */
  readonly isSpelt: (spelling: string) => boolean;
}

export interface Told {
  readonly content?: string;
  readonly spelling?: string;
}

type Digest = readonly [number, number, number];

const WORDS = 5;
/** Of the third word, the lower bits are the spelling's. */
const SPELLING_BITS = 16;
const KEY_BITS = 0xffff_0000;
const SPELLING_MASK = 0x0000_ffff;

/** One row is looked for in several indexes, one after the other, and the contents of many are the same. */
const lastKey: { text: string | undefined; digest: Digest } = { text: undefined, digest: [0, 0, 0] };
const lastContent = { text: '', word: 0 };

function digestWords(text: string): Digest {
  if (text !== lastKey.text) {
    const digest = digestOf(text);
    lastKey.digest = [wordAt(digest, 0), wordAt(digest, 4), keyBits(wordAt(digest, 8))];
    lastKey.text = text;
  }
  return lastKey.digest;
}

function contentWord(text: string): number {
  if (text !== lastContent.text) {
    lastContent.word = text === '' ? 0 : wordAt(digestOf(text), 0);
    lastContent.text = text;
  }
  return lastContent.word;
}

function keyBits(word = 0): number {
  return (word & KEY_BITS) >>> 0;
}

function spellingWord(text: string): number {
  return text === '' ? 0 : wordAt(digestOf(text), 0) >>> SPELLING_BITS;
}

/** As text, a character a byte, since short-lived buffers cost more than twice the hash. */
function digestOf(text: string): string {
  return hash('sha256', text, 'binary');
}

function wordAt(digest: string, at: number): number {
  const low = digest.charCodeAt(at) | (digest.charCodeAt(at + 1) << 8) | (digest.charCodeAt(at + 2) << 16);
  return (low | (digest.charCodeAt(at + 3) << 24)) >>> 0;
}
