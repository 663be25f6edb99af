import type { ActivationKey, WrittenForm } from '../row/reply.js';
import { exactJson, isRecord, isSaidOnce, literalsOf, parseJson } from './json.js';

/** A key is never this deep, and a hostile reply must not exhaust the stack. */
const MAX_DEPTH = 8;

/**
 * What servers may call a key, the likeliest first, without regard to case and marks. The documents know `key` alone, right in
 * the `object` (OTP seed, vendor documentation); the others are what related APIs call it.
 */
const NAMES = [
  ...['key', 'activationkey', 'provisioningkey', 'offlinekey', 'otpkey', 'tokenkey', 'secretkey'],
  ...['activationcode', 'provisioningcode', 'secret', 'seed'],
];
/** Of the member that holds it, where the key is an object itself. */
const VALUE_NAMES = ['value', 'text', 'data', 'content'];

/** As nearly all replies have it: nothing is lost of such an object by taking its key alone. */
const PLAIN_OBJECT = /^\{"key": ?"([!#-[\]-~]+)"\}$/;
/** What programs write where there is no key. */
const NO_KEY = /^(?:0+|[-_.?]+|null|nil|none|undefined|nan|n\/a|false|true)$/i;
/** What an authenticator reads from a QR code, the key within it: it says what it is, whatever it is called. */
const ADDRESS = /^otpauth:/i;
/** What a CSV holds, and a person types, as it is. */
const PLAIN_TEXT = /^[^\p{Cc}\p{Cs}\u2028\u2029\ufeff]+$/u;
const ASCII = /^[ -~]+$/;

/** A body, in characters. */
export interface ReplyText {
  readonly text: string;
  /** The same, a character a byte; present where the bytes are no UTF-8. */
  readonly latin1?: string | undefined;
}

/**
 * The activation key in a reply. It is shown once: whatever came in its place is kept, to the byte, and what looks most like a
 * key is picked out of it.
 * @returns nothing where nothing came that could hold one
 */
export function findKey(reply: Readonly<Record<string, unknown>>, body: ReplyText): ActivationKey | undefined {
  const { object } = reply;
  // Nearly all replies end here.
  if (typeof object === 'string' && body.latin1 === undefined && isSaidOnce(body.text, '"object"')) {
    if (object === '' && othersOf(reply).length === 0) return undefined;
    const text = PLAIN_OBJECT.exec(object)?.[1];
    if (text !== undefined && !NO_KEY.test(text)) return { text, bare: false };
  }
  const carried = carriedBy(reply, body);
  if (!carried.values.some((value) => holdsText(value))) return undefined;
  const [best] = carried.values.flatMap((value) => seek(value)).sort((a, b) => a.rank - b.rank);
  const { text, rank } = best ?? { text: '', rank: 0 };
  const bare = rank === BARE;
  const isPlain = body.latin1 === undefined ? PLAIN_TEXT.test(text) : ASCII.test(text);
  const looksEmpty = NO_KEY.test(text);
  if (isPlain && !looksEmpty && isExact(carried, text)) return { text, bare };
  const written = isPlain || text === '' ? { text } : writeKey(text, body);
  const isOdd = !isPlain || looksEmpty || !isInPlace(carried, text);
  return { ...written, bare, raw: { ...writeRaw(carried.literal, body), isOdd } };
}

/** What may hold the key, and how it stands in the reply. */
interface Carried {
  readonly values: readonly unknown[];
  readonly literal: string;
  /** It is the `object`, and not the whole reply. */
  readonly isObject: boolean;
}

/** The `object`; the whole reply where it has none that says anything, or more than one. */
function carriedBy(reply: Readonly<Record<string, unknown>>, { text, latin1 }: ReplyText): Carried {
  const source = latin1 ?? text;
  const literals = literalsOf(source, 'object');
  const values = literals.map(exactJson);
  const [literal] = literals;
  if (literal !== undefined && literals.length === 1 && holdsText(values[0])) {
    return { values, literal, isObject: true };
  }
  const others = othersOf(reply);
  const exact = others.length > 0 ? exactJson(source) : undefined;
  const rest = isRecord(exact) ? Object.fromEntries(others.map((name) => [name, exact[name]])) : {};
  return { values: [...values, rest], literal: source.trim(), isObject: false };
}

/** What else a reply says than the documents have it say. */
function othersOf(reply: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(reply).filter((name) => name !== 'code' && name !== 'message' && name !== 'object');
}

/** Does the key alone say all? It is the object, or its only member, as the documents have it. */
function isExact(carried: Carried, text: string): boolean {
  const { values, isObject } = carried;
  if (!isObject || values[0] === text) return isObject;
  const fields = fieldsOf(carried);
  return fields?.['key'] === text && Object.keys(fields).length === 1;
}

/** More beside it, or blanks around it, are no reason to warn of it. */
function isInPlace(carried: Carried, text: string): boolean {
  const key = carried.isObject ? fieldsOf(carried)?.['key'] : undefined;
  return typeof key === 'string' && key.trim() === text;
}

/** The members of an object that says its key once: a parser keeps the last of several. */
function fieldsOf({ values: [object], literal }: Carried): Readonly<Record<string, unknown>> | undefined {
  const fields = unwrap(object);
  const inner = typeof object === 'string' ? object : literal;
  return isRecord(fields) && literalsOf(inner, 'key').length === 1 ? fields : undefined;
}

function unwrap(value: unknown): unknown {
  return typeof value === 'string' ? exactJson(value) : value;
}

/** A text that may be the key; the lower its rank, the likelier. */
interface Candidate {
  readonly text: string;
  readonly rank: number;
}
const BY_ADDRESS = NAMES.length;
const BARE = BY_ADDRESS + 1;

/** All texts that stand where a key may stand. @param rank of the name that it stands under */
function seek(value: unknown, rank = BARE, depth = 0): readonly Candidate[] {
  if (typeof value === 'string') {
    const text = value.trim();
    const inner = depth < MAX_DEPTH && /^["[{]/.test(text) ? exactJson(text) : undefined;
    if (inner !== undefined) return seek(inner, rank, depth + 1);
    return text === '' ? [] : [{ text, rank }];
  }
  if (depth > MAX_DEPTH) return [];
  if (Array.isArray(value)) {
    if (rank < BY_ADDRESS && value.length > 1 && !value.some((element) => typeof element === 'object')) {
      return [{ text: JSON.stringify(value), rank }];
    }
    return value.flatMap((element) => seek(element, rank, depth + 1));
  }
  if (!isRecord(value)) return [];
  const members = Object.entries(value);
  return members.flatMap(([name, inner]) => {
    const plainName = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
    const own = NAMES.indexOf(plainName);
    if (own >= 0) return seek(inner, own, depth + 1);
    const isValue = rank < BY_ADDRESS && (VALUE_NAMES.includes(plainName) || members.length === 1);
    // What has another name is no key, unless it says so itself; a key may stand further down.
    return seek(inner, isValue ? rank : BARE, depth + 1).flatMap((found) => {
      if (found.rank < BARE) return [found];
      return ADDRESS.test(found.text) ? [{ ...found, rank: BY_ADDRESS }] : [];
    });
  });
}

/** Is there anything in it that could be a key, or a part of one? */
function holdsText(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') {
    const text = value.trim();
    const inner = depth <= MAX_DEPTH && /^(?:["[{]|null$|true$|false$)/.test(text) ? parseJson(text) : undefined;
    return inner === undefined ? text !== '' : holdsText(inner, depth + 1);
  }
  if (typeof value !== 'object' || value === null) return false;
  return depth > MAX_DEPTH || Object.values(value).some((inner) => holdsText(inner, depth + 1));
}

function writeKey(text: string, { latin1 }: ReplyText): Pick<ActivationKey, 'text' | 'form'> {
  // Above a byte stands what the reply itself wrote as \uXXXX.
  const isBytes = latin1 !== undefined && Buffer.from(text, 'latin1').toString('latin1') === text;
  return isBytes
    ? { text: Buffer.from(text, 'latin1').toString('base64'), form: 'base64' }
    : { text: JSON.stringify(text), form: 'json' };
}

function writeRaw(literal: string, { latin1 }: ReplyText): { readonly text: string; readonly form: WrittenForm } {
  const bytes = Buffer.from(literal, latin1 === undefined ? 'utf8' : 'latin1');
  const text = bytes.toString();
  const isText = PLAIN_TEXT.test(text) && Buffer.from(text).equals(bytes);
  return isText ? { text, form: 'json' } : { text: bytes.toString('base64'), form: 'base64' };
}
