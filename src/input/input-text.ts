import { isAscii, isUtf8 } from 'node:buffer';
import { createReadStream, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { allowText } from '../core/allowance.js';
import type { Allowance } from '../core/allowance.js';
import { findByteOrderMark, isUnicode } from './encoding.js';
import type { Encoding } from './encoding.js';
import { HEAD_BYTES, isText } from '../workbook/foreign-file.js';
import { InputError } from '../core/input-error.js';
import { unreadableText } from './unreadable.js';

/** Whole characters as UTF-8; or why there are no more of them. */
export type TextPart = { readonly bytes: Buffer } | { readonly problem: string };

export interface InputText {
  readonly name: string;
  readonly encoding: Encoding;
  readonly hasBom: boolean;
  readonly parts: () => AsyncIterable<TextPart>;
}

export interface EncodingHint {
  readonly given?: Encoding | undefined;
  /** Where it was given: a flag, a variable, a line of a file. */
  readonly givenBy?: string | undefined;
  readonly allowed?: readonly Allowance[] | undefined;
  readonly remembered?: Encoding | undefined;
}

/** Opens a text; one whose encoding nobody names is UTF-8. @throws {InputError} when there is no text to read */
export async function openInputText(path: string, hint: EncodingHint = {}): Promise<InputText> {
  const head = await readHead(path);
  if (!isText(head)) throw new InputError(path, 1, await (await import('./workbook.js')).describeContainer(path));
  const mark = findByteOrderMark(head);
  const encoding = mark?.encoding ?? hint.given ?? hint.remembered ?? 'utf-8';
  const isAllowed = hint.allowed?.includes('encoding') === true;
  if (mark === undefined && !isUnicode(encoding) && !isAllowed && (await isNowUtf8(path))) {
    const [from, remedy] =
      hint.given === undefined
        ? [`earlier runs read ${encoding}`, 'give --encoding utf-8']
        : [`${hint.givenBy ?? '--encoding'} says ${encoding}`, 'give utf-8 there, or nothing'];
    throw new InputError(
      path,
      1,
      `${from}, but this is UTF-8: ${remedy}; or, if it only looks so, ${allowText('encoding')}`,
    );
  }
  const codec = await openCodec(encoding);
  const start = mark?.length ?? 0;
  return { name: path, encoding, hasBom: mark !== undefined, parts: () => readParts(path, { codec, start }) };
}

/** Somebody saved it anew: text beyond ASCII is UTF-8 only when it is meant to be. */
async function isNowUtf8(path: string): Promise<boolean> {
  let isPlain = true;
  for await (const part of readParts(path, { codec: UTF_8, start: 0 })) {
    if ('problem' in part) return false;
    isPlain &&= isAscii(part.bytes);
  }
  return !isPlain;
}

async function readHead(path: string): Promise<Buffer> {
  const unreadable = statProblem(path);
  if (unreadable !== undefined) throw new InputError(path, 1, unreadable);
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(HEAD_BYTES) });
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new InputError(path, 1, unreadableText(error));
  }
}

interface Decoding {
  readonly codec: Codec;
  readonly start: number;
}

async function* readParts(path: string, { codec, start }: Decoding): AsyncGenerator<TextPart> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = start;
  try {
    // A stream without an encoding gives Buffers.
    for await (const chunk of createReadStream(path, { start }) as AsyncIterable<Buffer>) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = codec.wholeLength(bytes);
      const { utf8, problem } = decode(codec, bytes.subarray(0, end), offset);
      yield { bytes: utf8 };
      if (problem !== undefined) {
        yield { problem };
        return;
      }
      offset += end;
      rest = bytes.subarray(end);
    }
    const { utf8, problem } = decode(codec, rest, offset);
    yield { bytes: utf8 };
    if (problem !== undefined) yield { problem };
  } catch (error) {
    yield { problem: unreadableText(error) };
  }
}

/** @param offset where the bytes stand in the file */
function decode(codec: Codec, bytes: Buffer, offset: number): { utf8: Buffer; problem: string | undefined } {
  const { utf8, length } = codec.decode(bytes);
  const nul = utf8.indexOf(0);
  if (nul < 0) return { utf8, problem: length < bytes.length ? codec.problem(offset + length) : undefined };
  const before = utf8.subarray(0, nul);
  return { utf8: before, problem: nulProblem(offset + codec.byteLength(before)) };
}

interface Codec {
  /** Where the last whole character ends: a chunk can cut one in two. */
  readonly wholeLength: (bytes: Buffer) => number;
  /** The characters up to the first bytes that are none, and how many bytes those were. */
  readonly decode: (bytes: Buffer) => { utf8: Buffer; length: number };
  readonly byteLength: (utf8: Buffer) => number;
  readonly problem: (offset: number) => string;
}

async function openCodec(encoding: Encoding): Promise<Codec> {
  if (encoding === 'utf-8') return UTF_8;
  if (encoding === 'utf-16le') return utf16(encoding, (bytes) => bytes);
  if (encoding === 'utf-16be') return utf16(encoding, (bytes) => Buffer.from(bytes).swap16());
  return legacy(encoding);
}

const UTF_8: Codec = {
  wholeLength: lastCharacterEnd,
  decode: (bytes) => {
    const length = isUtf8(bytes) ? bytes.length : utf8Length(bytes);
    return { utf8: bytes.subarray(0, length), length };
  },
  byteLength: (utf8) => utf8.length,
  problem: (offset) =>
    `the byte at offset ${offset} is not UTF-8: say what it is, such as --encoding windows-1252, or save the file as "CSV UTF-8"`,
};

function lastCharacterEnd(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

function utf8Length(bytes: Buffer): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    const prefix = bytes.subarray(0, middle);
    if (isUtf8(prefix.subarray(0, lastCharacterEnd(prefix)))) low = middle;
    else high = middle - 1;
  }
  return lastCharacterEnd(bytes.subarray(0, low));
}

function utf16(encoding: Encoding, toLittleEndian: (bytes: Buffer) => Buffer): Codec {
  return {
    wholeLength: (bytes) => {
      const end = bytes.length - (bytes.length % 2);
      const last = toLittleEndian(bytes.subarray(Math.max(0, end - 2), end));
      return last.length > 0 && (last.readUInt16LE() & 0xfc00) === 0xd800 ? end - 2 : end;
    },
    decode: (bytes) => {
      const text = toLittleEndian(bytes.subarray(0, bytes.length - (bytes.length % 2))).toString('utf16le');
      const half = text.search(/\p{Cs}/u);
      const whole = half < 0 ? text : text.slice(0, half);
      return { utf8: Buffer.from(whole), length: whole.length * 2 };
    },
    byteLength: (utf8) => utf8.toString().length * 2,
    problem: (offset) => notInEncoding(encoding, offset),
  };
}

/** More than a record may have: what is longer needs no whole characters any more. */
const MAX_CUT_BYTES = 2 * 1024 * 1024;

/** Code pages, and the East Asian encodings: in none of them does a character end in a byte below 0x30 but as itself. */
async function legacy(encoding: Encoding): Promise<Codec> {
  const { default: iconv } = await import('iconv-lite');
  return {
    wholeLength: (bytes) => {
      const last = bytes.findLastIndex((byte) => byte < 0x30);
      return last < 0 && bytes.length > MAX_CUT_BYTES ? bytes.length : last + 1;
    },
    decode: (bytes) => {
      const text = iconv.decode(bytes, encoding, { stripBOM: false });
      const bad = text.indexOf('\ufffd');
      if (bad < 0) return { utf8: Buffer.from(text), length: bytes.length };
      const whole = text.slice(0, bad);
      return { utf8: Buffer.from(whole), length: iconv.encode(whole, encoding).length };
    },
    byteLength: (utf8) => iconv.encode(utf8.toString(), encoding).length,
    problem: (offset) => notInEncoding(encoding, offset),
  };
}

function notInEncoding(encoding: Encoding, offset: number): string {
  return `the byte at offset ${offset} is not ${encoding}: give another --encoding, or save the file as "CSV UTF-8"`;
}

function nulProblem(offset: number): string {
  // In UTF-16 every second byte of plain text is one.
  const utf16 = offset === 0 ? 'utf-16be' : offset === 1 ? 'utf-16le' : undefined;
  if (utf16 !== undefined) return `the byte at offset ${offset} is NUL, as in UTF-16: give --encoding ${utf16}`;
  return `the byte at offset ${offset} is NUL, which no text has: remove it, or export the file again`;
}

/** Opening what is no file could wait for ever. */
function statProblem(path: string): string | undefined {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return 'this is a folder: give a CSV or a workbook';
    return stats.isFile() ? undefined : 'this is no regular file: give a CSV, or - for standard input';
  } catch (error) {
    return unreadableText(error);
  }
}
