import { TextDecoder } from 'node:util';
import { Parser } from 'saxen';
import type { Attributes } from 'saxen';

export interface XmlListener {
  /** The name without its prefix: some programs write `x:row`. */
  readonly open: (name: string, attributes: () => Attributes) => void;
  readonly close: (name: string) => void;
  readonly text: (text: string) => void;
}

/** Nothing that a workbook says takes so many characters without a tag, or stands so deep. */
const MAX_TOKEN = 2 * 1024 * 1024;
const MAX_DEPTH = 100;

/** Parses what is written to it. @throws {XmlError} for what is no XML */
export class XmlReader {
  readonly #parser = new Parser();
  #decoder: TextDecoder | undefined;
  #depth = 0;
  #sinceToken = 0;

  constructor({ open, close, text }: XmlListener) {
    const token = (): void => void (this.#sinceToken = 0);
    this.#parser
      .on('openTag', (name, attributes) => {
        token();
        this.#depth += 1;
        if (this.#depth > MAX_DEPTH) throw new XmlError('too deep');
        open(withoutPrefix(name), () => wellFormed(attributes()));
      })
      .on('closeTag', (name) => {
        token();
        this.#depth -= 1;
        close(withoutPrefix(name));
      })
      .on('text', (raw) => text(decodeText(raw)))
      .on('cdata', (raw) => text(withPlainLineEnds(raw)))
      // A document type could define entities, and no workbook has one.
      .on('attention', () => {
        throw new XmlError('a document type');
      })
      .on('error', (error) => {
        throw new XmlError(error.message);
      });
  }

  write(bytes: Buffer): void {
    this.#decoder ??= decoderOf(bytes);
    this.#sinceToken += bytes.length;
    this.#parser.write(decode(this.#decoder, bytes));
    if (this.#sinceToken > MAX_TOKEN) throw new XmlError('a token without an end');
  }

  end(): void {
    this.#parser.write(decode(this.#decoder ?? new TextDecoder()));
    this.#parser.end();
  }
}

export class XmlError extends Error {
  override readonly name = 'XmlError';
}

export function attributeOf(attributes: Attributes, name: string): string | undefined {
  const raw = attributes[name];
  return raw === undefined ? undefined : decodeText(raw);
}

function wellFormed(attributes: Attributes | false): Attributes {
  if (attributes === false) throw new XmlError('damaged attributes');
  return attributes;
}

function withoutPrefix(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

/** XML is UTF-8 unless its first bytes or its declaration say otherwise. */
function decoderOf(head: Buffer): TextDecoder {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return fatal('utf-16le');
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return fatal('utf-16be');
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.-]{1,40})["']/.exec(
    head.toString('latin1', 0, 300),
  );
  return fatal(declared?.[1] ?? 'utf-8');
}

function fatal(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new XmlError(`unknown encoding ${encoding}`);
  }
}

function decode(decoder: TextDecoder, bytes?: Buffer): string {
  try {
    return decoder.decode(bytes, { stream: bytes !== undefined });
  } catch {
    throw new XmlError('bytes that are no text');
  }
}

const ENTITIES: Readonly<Partial<Record<string, string>>> = {
  'amp;': '&',
  'apos;': "'",
  'gt;': '>',
  'lt;': '<',
  'quot;': '"',
};

/** The parser's own way to do it cuts characters beyond 16 bits in two. */
function decodeText(raw: string): string {
  const text = withPlainLineEnds(raw);
  if (!text.includes('&')) return text;
  return text.replaceAll(/&[#\w]{0,10};?/g, (all) => {
    const name = all.slice(1);
    const character = ENTITIES[name] ?? fromReference(name);
    if (character === undefined) throw new XmlError(`an unknown entity ${all}`);
    return character;
  });
}

function fromReference(name: string): string | undefined {
  const [, hex, digits] = /^#(?:x([\da-f]+)|(\d+));$/i.exec(name) ?? [];
  if (hex === undefined && digits === undefined) return undefined;
  const code = hex === undefined ? Number(digits) : parseInt(hex, 16);
  return code <= 0x10_ffff ? String.fromCodePoint(code) : undefined;
}

function withPlainLineEnds(raw: string): string {
  return raw.includes('\r') ? raw.replaceAll(/\r\n?/g, '\n') : raw;
}
