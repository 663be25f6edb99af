/** A longer head is not read to its end: undici's own limit. */
const MAX_HEAD_BYTES = 16 * 1024;
/** A line before a chunk, with whatever stands behind the size. */
const MAX_SIZE_LINE_BYTES = 4 * 1024;

export const NO_HTTP = 'the reply is no HTTP';
export const LONG_HEAD = 'the reply has too many headers';
export const UPGRADED = 'the server goes over to another protocol, which nobody asked for';
export const CODED = 'the reply is in a coding that nobody asked for';

/** What the framer makes of bytes that came. */
export interface Framed {
  /** What the parser is to see of them; empty when nothing. */
  readonly bytes: Buffer;
  /** Bytes behind the end of what was waited for; line ends alone are none. */
  readonly surplus?: Buffer;
  /** The reply is none that may be believed: nothing more of it is read. */
  readonly fault?: string;
}

type Part = 'nothing' | 'head' | 'body' | 'size' | 'chunk' | 'trailers' | 'rest';

/**
 * Knows, byte by byte, what belongs to the one reply that is waited for, and hands that to undici's parser: without the
 * interim replies before it, which a server may send unasked and undici takes for a broken connection (RFC 9110, 15.2), and
 * only where the head says what no two readers can take differently. It is stricter than that parser about status lines and
 * codings, and takes what RFC 9112 allows in blanks.
 */
export class ReplyFramer {
  #part: Part = 'nothing';
  /** Of a head or a line that is not whole yet. */
  #held: Buffer = NONE;
  /** Bytes of the body, or of the chunk with its line end, that are still to come. */
  #left = 0;

  /** Has the reply come to its end, as far as that is told by its bytes? */
  get isIdle(): boolean {
    return this.#part === 'nothing';
  }

  /** A request leaves: what comes next is its reply. */
  expect(): void {
    this.#part = 'head';
    this.#held = NONE;
  }

  take(piece: Buffer): Framed {
    const bytes = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece]);
    this.#held = NONE;
    if (this.#part === 'nothing') return toFramed(NONE, bytes);
    if (this.#part === 'rest') return { bytes };
    const reading = new Passage(bytes);
    const fault = this.#read(reading);
    if (fault !== undefined) {
      this.#part = 'rest';
      return { bytes: reading.taken(), fault };
    }
    return reading.at === bytes.length
      ? { bytes: reading.taken() }
      : toFramed(reading.taken(), bytes.subarray(reading.at));
  }

  /** Reads on while a part is whole. */
  #read(reading: Passage): string | undefined {
    let fault: string | undefined;
    // Each part that is whole changes the part, or takes bytes.
    for (let isWhole = true; isWhole && fault === undefined && this.#part !== 'nothing';) {
      const before = reading.at;
      const part = this.#part;
      fault = this.#readPart(reading);
      isWhole = this.#held.length === 0 && (this.#part !== part || reading.at > before);
    }
    return fault;
  }

  #readPart(reading: Passage): string | undefined {
    switch (this.#part) {
      case 'nothing':
        return undefined;
      case 'head':
        return this.#readHead(reading);
      case 'body':
      case 'chunk':
        this.#left -= reading.pass(this.#left);
        if (this.#left === 0) this.#part = this.#part === 'body' ? 'nothing' : 'size';
        return undefined;
      case 'size':
        return this.#readSize(reading);
      case 'trailers':
        return this.#readTrailer(reading);
      case 'rest':
        reading.pass(Infinity);
        return undefined;
    }
  }

  #readHead(reading: Passage): string | undefined {
    reading.skipLineEnds();
    if (!reading.mayBegin(HTTP)) return NO_HTTP;
    const text = reading.upTo(HEAD_END, MAX_HEAD_BYTES);
    if (text === undefined) {
      this.#held = reading.hold();
      return this.#held.length > MAX_HEAD_BYTES ? LONG_HEAD : undefined;
    }
    const head = readHead(text);
    if ('fault' in head) return head.fault;
    const length = text.length + HEAD_END.length;
    if (head.part === 'head') reading.skip(length);
    else if (head.text === text) reading.pass(length);
    else {
      reading.skip(text.length);
      reading.insert(head.text);
      reading.pass(HEAD_END.length);
    }
    this.#part = head.part;
    this.#left = head.length;
    return undefined;
  }

  #readSize(reading: Passage): string | undefined {
    const line = reading.upTo(LINE_END, MAX_SIZE_LINE_BYTES);
    if (line === undefined) {
      this.#held = reading.hold();
      return this.#held.length > MAX_SIZE_LINE_BYTES ? NO_HTTP : undefined;
    }
    const digits = SIZE_LINE.exec(line)?.[1];
    if (digits === undefined) return NO_HTTP;
    reading.pass(digits.length);
    // What a chunk says beside its size is for nobody here.
    reading.skip(line.length - digits.length);
    reading.pass(LINE_END.length);
    const size = parseInt(digits, 16);
    this.#part = size === 0 ? 'trailers' : 'chunk';
    this.#left = size + LINE_END.length;
    return undefined;
  }

  #readTrailer(reading: Passage): string | undefined {
    const line = reading.upTo(LINE_END, MAX_HEAD_BYTES);
    if (line === undefined) {
      this.#held = reading.hold();
      return this.#held.length > MAX_HEAD_BYTES ? LONG_HEAD : undefined;
    }
    reading.pass(line.length + LINE_END.length);
    if (line === '') this.#part = 'nothing';
    return undefined;
  }
}

const NONE = Buffer.alloc(0);
const HTTP = Buffer.from('HTTP/1.');
const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');
const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?(?=\r\n|$)/;
/** BWS before and within an extension (RFC 9112, 7.1.1); some servers fill up the size with blanks. */
const SIZE_LINE = /^([0-9a-f]{1,8})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/i;
const FRAMING_HEADER = /\r\n(content-length|transfer-encoding):([^\r\n]*)/gi;
const LENGTH = /^\s*\d{1,15}\s*$/;
/** As most servers write it. */
const CLEAN_LENGTH = /^ \d+$/;

interface Head {
  /** As the parser is to see it. */
  readonly text: string;
  /** What follows: `head` after an interim reply. */
  readonly part: Part;
  readonly length: number;
}

/** A busy server's replies of one second mostly have the same head. */
let lastHead: { readonly text: string; readonly head: Head | { readonly fault: string } } | undefined;

function readHead(text: string): Head | { readonly fault: string } {
  if (text !== lastHead?.text) lastHead = { text, head: parseHead(text) };
  return lastHead.head;
}

function parseHead(text: string): Head | { readonly fault: string } {
  const code = STATUS_LINE.exec(text)?.[1];
  if (code === undefined) return { fault: NO_HTTP };
  const status = Number(code);
  // No interim reply: what follows it is no HTTP.
  if (status === 101) return { fault: UPGRADED };
  if (status < 200) return { text, part: 'head', length: 0 };
  if (status === 204 || status === 304) return { text, part: 'nothing', length: 0 };
  const { length, coding, headers } = framingOf(text);
  if (coding !== undefined && coding !== 'chunked' && status === 200) return { fault: CODED };
  // Whatever is odd about it, the parser says, or the connection's end.
  if (headers > 1) return { text, part: 'rest', length: 0 };
  if (coding === 'chunked') return { text, part: 'size', length: 0 };
  if (length === undefined || !LENGTH.test(length)) return { text, part: 'rest', length: 0 };
  const bytes = Number(length);
  return {
    text: CLEAN_LENGTH.test(length) ? text : cleanLength(text),
    part: bytes === 0 ? 'nothing' : 'body',
    length: bytes,
  };
}

interface Framing {
  /** As it stands behind its colon, the first of them. */
  length: string | undefined;
  /** All of them. */
  coding: string | undefined;
  /** How many headers say where the body ends. */
  headers: number;
}

function framingOf(text: string): Framing {
  const framing: Framing = { length: undefined, coding: undefined, headers: 0 };
  FRAMING_HEADER.lastIndex = 0;
  for (let found = FRAMING_HEADER.exec(text); found !== null; found = FRAMING_HEADER.exec(text)) {
    const [, name = '', value = ''] = found;
    framing.headers += 1;
    if (name.length === 'content-length'.length) framing.length ??= value;
    else framing.coding = `${framing.coding === undefined ? '' : `${framing.coding},`}${value.trim().toLowerCase()}`;
  }
  return framing;
}

/** The parser counts blanks behind the number to it. */
function cleanLength(text: string): string {
  return text.replace(/(\r\ncontent-length:)[\t ]*(\d+)[\t ]*(?=\r\n|$)/i, '$1 $2');
}

/** Goes along bytes, and gathers those that are taken: mostly all of them, which then are not copied. */
class Passage {
  at = 0;
  readonly #bytes: Buffer;
  /** Where those begin that are taken and not gathered yet. */
  #from = 0;
  #pieces: Buffer[] | undefined;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  skipLineEnds(): void {
    let end = this.at;
    while (isLineEnd(this.#bytes[end])) end += 1;
    this.skip(end - this.at);
  }

  mayBegin(word: Buffer): boolean {
    const length = Math.min(word.length, this.#bytes.length - this.at);
    for (let at = 0; at < length; at += 1) if (this.#bytes[this.at + at] !== word[at]) return false;
    return true;
  }

  /** The text before the next such mark; nothing when there is none, or it is too far. */
  upTo(mark: Buffer, most: number): string | undefined {
    const end = this.#bytes.indexOf(mark, this.at);
    return end < 0 || end - this.at > most ? undefined : this.#bytes.toString('latin1', this.at, end);
  }

  /** @returns how many there were */
  pass(count: number): number {
    const passed = Math.min(count, this.#bytes.length - this.at);
    this.at += passed;
    return passed;
  }

  skip(count: number): void {
    if (count === 0) return;
    this.#gather();
    this.at += count;
    this.#from = this.at;
  }

  insert(text: string): void {
    this.#gather().push(Buffer.from(text, 'latin1'));
  }

  /** All that is left, for when more has come. */
  hold(): Buffer {
    const held = this.#bytes.subarray(this.at);
    this.skip(held.length);
    return held;
  }

  taken(): Buffer {
    if (this.#pieces === undefined && this.#from === 0 && this.at === this.#bytes.length) return this.#bytes;
    const pieces = this.#gather();
    const [first = NONE] = pieces;
    return pieces.length < 2 ? first : Buffer.concat(pieces);
  }

  #gather(): Buffer[] {
    this.#pieces ??= [];
    if (this.at > this.#from) this.#pieces.push(this.#bytes.subarray(this.#from, this.at));
    this.#from = this.at;
    return this.#pieces;
  }
}

function toFramed(bytes: Buffer, rest: Buffer): Framed {
  return rest.every(isLineEnd) ? { bytes } : { bytes, surplus: rest };
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === 0x0d || byte === 0x0a;
}
