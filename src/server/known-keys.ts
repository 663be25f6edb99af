import { fold, squeeze } from './spellings.js';

/** In letters and digits, as all lengths here. What is shorter stands in many a text by chance. */
const SHORTEST = 6;
/** A longer one is known by so many of its first, and one more. */
const LONGEST = 64;

/**
 * The activation keys that the keys file has, of all rows and runs, so far as a text can be searched for them: 10 to 15 bytes a
 * key, of a hash. A key is known by its letters and digits, whatever stands between them. Two texts share a hash with a chance
 * of 1 in 10^15, and then the one that is no key is hidden as if it were.
 */
export class KnownKeys {
  readonly #parts: readonly Part[] = Array.from({ length: PARTS }, () => new Part());
  /** That some key has; the longest first, since it may hold another one. */
  readonly #widths: Width[] = [];
  readonly #factors: Factors;

  /** @param random a whole number below 2^31, which nobody else can tell: so what is kept of a key tells of it to nobody */
  constructor(random: () => number) {
    // Odd, since another one would lose what the first characters say.
    this.#factors = [random() * 2 + 1, random() * 2 + 1];
  }

  add(key: string): void {
    const { length, one, other } = hashOf(ASCII.test(key) ? key : squeeze(fold(key)), this.#factors);
    if (length < SHORTEST) return;
    if (!this.#widths.some((width) => width.length === length)) this.#addWidth(length);
    partOf(this.#parts, other).add(one, other);
  }

  /** @param readings of a text: what it may be a spelling of, folded and squeezed */
  isAnyIn(readings: Iterable<string>): boolean {
    if (this.#widths.length === 0) return false;
    for (const reading of readings) if (this.#widths.some((width) => this.#find(reading, width) >= 0)) return true;
    return false;
  }

  /** The text in pieces, without the keys that stand between them. One that is longer than is known of it stays. */
  split(text: string): readonly string[] {
    const { letters, places } = lettersOf(text);
    for (const width of this.#widths) {
      const at = width.length > LONGEST ? -1 : this.#find(letters, width);
      const [start, last] = [places[at], places[at + width.length - 1]];
      if (start === undefined || last === undefined) continue;
      return [text.slice(0, start), text.slice(last + 1)].flatMap((piece) => this.split(piece));
    }
    return [text];
  }

  #addWidth(length: number): void {
    const [factor, otherFactor] = this.#factors;
    let [one, other] = [1, 1];
    for (let at = 0; at < length; at += 1) [one, other] = [Math.imul(one, factor), Math.imul(other, otherFactor)];
    this.#widths.push({ length, one, other });
    this.#widths.sort((a, b) => b.length - a.length);
  }

  /** The hash of what is in the window is that of the one before, less what left it, and what came. @returns -1 for nowhere */
  #find(letters: string, { length, one: leaving, other: otherLeaving }: Width): number {
    const [factor, otherFactor] = this.#factors;
    let one = 0;
    let other = 0;
    for (let at = 0; at < letters.length; at += 1) {
      const code = letters.charCodeAt(at);
      const left = at < length ? 0 : letters.charCodeAt(at - length);
      one = (Math.imul(one, factor) + code - Math.imul(left, leaving)) | 0;
      other = (Math.imul(other, otherFactor) + code - Math.imul(left, otherLeaving)) | 0;
      if (at + 1 >= length && partOf(this.#parts, other).has(one, other)) return at + 1 - length;
    }
    return -1;
  }
}

type Factors = readonly [number, number];

/** So many characters, and two numbers of 32 bits of them: their hash, each a polynomial in its factor. */
interface Hash {
  readonly length: number;
  readonly one: number;
  readonly other: number;
}

/** A length that some key has, and what the first character weighs in the hash when so many have come behind it. */
type Width = Hash;

/** Most keys are, and are hashed as they are: to fold one takes longer. */
const ASCII = /^[ -~]*$/;
/** What an ASCII character is compared as; 0 where it is no letter or digit. */
const LETTERS = Uint8Array.from({ length: 128 }, (_, code) => squeeze(fold(String.fromCharCode(code))).charCodeAt(0));

/** Of its first letters and digits. @param text folded, or ASCII */
function hashOf(text: string, [factor, otherFactor]: Factors): Hash {
  let [length, one, other] = [0, 0, 0];
  for (let at = 0; at < text.length && length <= LONGEST; at += 1) {
    const code = text.charCodeAt(at);
    const letter = LETTERS[code] ?? code;
    if (letter === 0) continue;
    one = (Math.imul(one, factor) + letter) | 0;
    other = (Math.imul(other, otherFactor) + letter) | 0;
    length += 1;
  }
  return { length, one, other };
}

/** Its letters and digits as they are compared, and where in it each of them stands. */
function lettersOf(text: string): { readonly letters: string; readonly places: readonly number[] } {
  const found = Array.from({ length: text.length }, (_, at) => squeeze(fold(text.charAt(at))));
  return { letters: found.join(''), places: found.flatMap((letters, at) => Array.from(letters, () => at)) };
}

/** What grows in small steps leaves little behind. */
const PARTS = 64;

function partOf(parts: readonly Part[], other: number): Part {
  const part = parts[other >>> 26];
  if (part === undefined) throw new Error('every hash has its part');
  return part;
}

/** Of the other hash, so many bits make a whole number with the first. */
const OTHER_BITS = 21;

/** Open addressing: at most 4/5 of the slots are used, and a table that is full grows by a half. */
class Part {
  /** Hashes; 0 is free. */
  #slots = new Float64Array(16);
  #size = 0;

  add(one: number, other: number): void {
    if (this.#size >= this.#slots.length * 0.8) this.#grow();
    const slot = this.#find(one, other);
    if (this.#slots[slot] !== 0) return;
    this.#slots[slot] = toNumber(one, other);
    this.#size += 1;
  }

  has(one: number, other: number): boolean {
    return this.#size > 0 && this.#slots[this.#find(one, other)] !== 0;
  }

  #find(one: number, other: number): number {
    const slots = this.#slots;
    const number = toNumber(one, other);
    let at = (one >>> 1) % slots.length;
    while (slots[at] !== 0 && slots[at] !== number) at = (at + 1) % slots.length;
    return at;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(Math.ceil(old.length * 1.5));
    for (const number of old) {
      if (number === 0) continue;
      const one = Math.floor(number / 2 ** OTHER_BITS);
      const other = (number - one * 2 ** OTHER_BITS) << (32 - OTHER_BITS);
      this.#slots[this.#find(one, other)] = number;
    }
  }
}

function toNumber(one: number, other: number): number {
  return (one >>> 0) * 2 ** OTHER_BITS + (other >>> (32 - OTHER_BITS)) || 1;
}
