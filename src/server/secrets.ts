import type { KnownKeys } from './known-keys.js';
import { base64Forms, fold, readingsOf, squeeze } from './spellings.js';

/** So many characters of a secret in a row are a part of it. */
export const PART = 6;
/** A key is longer; what is not would be found in many a message. */
const SHORTEST_KEY = 4;
/** A shorter one is a word like others: to mark where it stood would tell it. */
const SHORTEST_MARKED = 8;
export const MARK = '[secret]';
/** In place of a text that quotes a secret in another way than as it is. */
export const LEFT_OUT = '(left out: it quoted a secret)';
/** Texts that were looked through, so that one that comes with every reply is not looked through again. */
const MOST_SEEN = 64;
const LONGEST_SEEN = 120;

/**
 * All that nobody may read in what comes from outside: what this run logs in with and sends, and what it was given for it. A
 * server may quote it in any spelling; what is shown of a reply passes here when it is decoded.
 */
export class Secrets {
  #texts: readonly string[] = [];
  #needles = needlesOf([]);
  #keys: KnownKeys | undefined;
  readonly #seen = new Map<string, Seen>();

  constructor(...texts: readonly string[]) {
    this.add(...texts);
  }

  add(...texts: readonly string[]): void {
    const all = new Set([...this.#texts, ...texts].filter((text) => text.trim() !== ''));
    // The longest first: it may hold another one.
    this.#texts = [...all].sort((one, other) => other.length - one.length);
    this.#needles = needlesOf(this.#texts);
    this.#seen.clear();
  }

  /** Activation keys, of whatever row; more may be added to them. */
  know(keys: KnownKeys): void {
    this.#keys = keys;
    this.#seen.clear();
  }

  /**
   * A mark for each secret and known key, or {@link LEFT_OUT} where one stands otherwise, or a part of a secret.
   * @param key that came with it
   */
  hide(text: string, key?: string): string {
    if (text === '') return text;
    const seen = this.#see(text);
    if (!seen.isShown && this.#holdsKey(seen, key)) return this.#hideKeys(text, key);
    // Whatever key is known from now on: nothing is kept from anybody by hiding what was shown before.
    seen.isShown = true;
    return seen.hidden;
  }

  /** The text with a mark for each whole secret, however short a part of one stays; undefined where one stays in another spelling. */
  mask(text: string): string | undefined {
    const pieces = split(text, this.#texts);
    const readings = readingsOf(pieces.join(' '));
    const whole = this.#texts.flatMap(formsOf);
    return isIn(readings, { isPart: () => false, whole }) ? undefined : pieces.join(MARK);
  }

  #holdsKey({ readings }: Seen, key: string | undefined): boolean {
    return (key !== undefined && isIn(readings, keyNeedles(key))) || this.#keys?.isAnyIn(readings ?? []) === true;
  }

  #hideKeys(text: string, key: string | undefined): string {
    const around = key === undefined || key.length < SHORTEST_MARKED ? [text] : text.split(key);
    const pieces = around.flatMap((piece) => this.#keys?.split(piece) ?? [piece]);
    const rest = pieces.join(' ');
    const seen = this.#see(rest);
    return seen.hidden !== rest || this.#holdsKey(seen, key) ? LEFT_OUT : pieces.join(MARK);
  }

  #see(text: string): Seen {
    const known = this.#seen.get(text);
    if (known !== undefined) return known;
    const seen = look(text, this.#texts, this.#needles);
    if (text.length > LONGEST_SEEN) return seen;
    if (this.#seen.size >= MOST_SEEN) this.#seen.clear();
    // A copy: a text that is cut from another one keeps that in memory.
    this.#seen.set(Buffer.from(text).toString(), seen);
    return seen;
  }
}

/** A text that was looked through; without readings, nothing of it may be shown. */
interface Seen {
  readonly hidden: string;
  readonly readings: ReadonlySet<string> | undefined;
  isShown: boolean;
}

function look(text: string, secrets: readonly string[], needles: Needles): Seen {
  const pieces = split(
    text,
    secrets.filter(({ length }) => length >= SHORTEST_MARKED),
  );
  const readings = readingsOf(pieces.join(' '));
  return { readings, hidden: isIn(readings, needles) ? LEFT_OUT : pieces.join(MARK), isShown: false };
}

function split(text: string, secrets: readonly string[]): readonly string[] {
  const found = secrets.filter((secret) => text.includes(secret));
  return found.reduce<readonly string[]>((pieces, secret) => pieces.flatMap((piece) => piece.split(secret)), [text]);
}

/** What a text must not hold: each part of a secret, and a secret that is shorter as a whole. */
interface Needles {
  readonly isPart: (part: string) => boolean;
  readonly whole: readonly string[];
}

/** For many texts. */
function needlesOf(secrets: readonly string[]): Needles {
  const forms = secrets.flatMap(formsOf);
  const parts = new Set(forms.flatMap(partsOf));
  return { isPart: (part) => parts.has(part), whole: forms.filter(({ length }) => length < PART) };
}

/** For one text. */
function keyNeedles(key: string): Needles {
  const forms = formsOf(key).filter(({ length }) => length >= SHORTEST_KEY);
  const all = forms.join('\n');
  return { isPart: (part) => all.includes(part), whole: forms.filter(({ length }) => length < PART) };
}

/** As they stand in readings. */
function formsOf(secret: string): readonly string[] {
  const folded = fold(secret);
  const letters = squeeze(folded);
  const forms = new Set([folded]);
  // Of one that is made of signs, the few letters between are no part.
  if (letters.length >= Math.min(PART, folded.length)) forms.add(letters);
  // What is in capitals afterwards can't be decoded.
  for (const form of base64Forms(secret)) if (form.length >= PART) forms.add(squeeze(fold(form)));
  forms.delete('');
  return [...forms];
}

function isIn(readings: ReadonlySet<string> | undefined, { isPart, whole }: Needles): boolean {
  if (readings === undefined) return true;
  for (const reading of readings) {
    for (let at = 0; at + PART <= reading.length; at += 1) if (isPart(reading.slice(at, at + PART))) return true;
    for (const text of whole) if (reading.includes(text)) return true;
  }
  return false;
}

function partsOf(text: string): readonly string[] {
  return Array.from({ length: Math.max(0, text.length - PART + 1) }, (_, at) => text.slice(at, at + PART));
}
