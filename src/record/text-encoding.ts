import type { Encoding } from '../input/encoding.js';

export interface TextEncoding {
  readonly encode: (text: string) => Uint8Array;
  /** The text with what the encoding lacks as `\uXXXX`. */
  readonly escape: (text: string) => string;
}

export async function openTextEncoding(encoding: Encoding): Promise<TextEncoding> {
  const escape = (text: string): string => text;
  if (encoding === 'utf-8') return { escape, encode: (text) => Buffer.from(text) };
  if (encoding === 'utf-16le') return { escape, encode: (text) => Buffer.from(text, 'utf16le') };
  if (encoding === 'utf-16be') return { escape, encode: (text) => Buffer.from(text, 'utf16le').swap16() };
  return openLegacy(encoding);
}

async function openLegacy(encoding: Encoding): Promise<TextEncoding> {
  const { default: iconv } = await import('iconv-lite');
  const encode = (text: string): Buffer => iconv.encode(text, encoding);
  const known = new Map<string, string>();
  const escapeCharacter = (character: string): string => {
    const shown = known.get(character);
    if (shown !== undefined) return shown;
    // What stands for no character may have a byte of its own, which is none when it is read again.
    const isThere = character !== '\ufffd' && iconv.decode(encode(character), encoding) === character;
    const escaped = isThere ? character : toEscape(character);
    known.set(character, escaped);
    return escaped;
  };
  return { encode, escape: (text) => text.replaceAll(/[^\0-\x7f]/gu, escapeCharacter) };
}

function toEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `\\u${code > 0xffff ? `{${code.toString(16)}}` : code.toString(16).padStart(4, '0')}`;
}
