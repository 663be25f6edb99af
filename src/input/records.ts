import { CsvError, parse } from 'csv-parse';
import type { CsvErrorCode } from 'csv-parse';
import { InputError } from '../core/input-error.js';
import { showText } from '../core/safe-text.js';
import type { Dialect, TextShape } from './dialect.js';
import type { FileRecord } from './file-row.js';

/** A record longer than this breaks the file: most often a quote that is never closed. */
export const MAX_RECORD_BYTES = 1024 * 1024;
/** What a spreadsheet has in columns, beside those that we add. */
const MAX_CELLS = 16_384 + 64;
/** Blank lines in a row: as many as a spreadsheet has rows. */
const MAX_BLANKS = 1_048_576;
/** Rows of delimiters alone: each is a row, with what is wrong with it, and nobody means so many. */
const MAX_EMPTY_ROWS = 65_536;

export interface Text extends Pick<Dialect, 'encoding' | 'hasBom'> {
  readonly name: string;
  /** Whole characters as UTF-8, without a byte order mark; a problem is why there are no more of them. */
  readonly parts: () => AsyncIterable<{ readonly bytes: Buffer } | { readonly problem: string }>;
}

export type Csv = Text & TextShape & { readonly firstLine: number; readonly unwraps: boolean };

/**
 * The records with the line each begins on, a chunk's together; blank lines are passed over. Lines without a quote are
 * parted here, as csv-parse would part them, in a fifth of its time: it reads all that has one, block by block.
 * @param maxBytes of a record @throws {InputError} where the file breaks
 */
export async function* readRecords(csv: Csv, maxBytes: number): AsyncGenerator<readonly FileRecord[]> {
  const found = new Found(csv);
  let rest: Buffer = Buffer.alloc(0);
  let counted = NOT_COUNTED;
  // What is not of whole lines and closed quotes is for one parser, to the end. With quotes within cells, nobody else knows.
  let parser = csv.unwraps ? openParser(csv, found, maxBytes) : undefined;
  for await (const part of csv.parts()) {
    const isProblem = 'problem' in part;
    if (!isProblem && parser !== undefined) {
      yield* feed(parser, found, part.bytes);
      continue;
    }
    if (!isProblem) {
      const bytes = rest.length === 0 ? part.bytes : Buffer.concat([rest, part.bytes]);
      const taken = await takeBlocks(bytes, counted, { csv, found, maxBytes });
      yield found.take();
      if (taken.error !== undefined) throw taken.error;
      // Not in the memory of the chunk, which is no longer ours.
      rest = Buffer.from(bytes.subarray(taken.end));
      counted = taken.counted;
      if (!taken.isLong && rest.length <= maxBytes) continue;
    }
    if (parser === undefined) yield* feed((parser = openParser(csv, found, maxBytes)), found, rest);
    if (!isProblem) continue;
    // The parser holds whole records back to look ahead. What it makes of the filler itself means nothing.
    await parser(FILLER);
    yield found.take();
    throw found.broken(part.problem);
  }
  if (parser === undefined) yield* feed((parser = openParser(csv, found, maxBytes)), found, rest);
  yield* feed(parser, found, undefined);
}

/** @param bytes undefined at their end */
async function* feed(parser: Parser, found: Found, bytes: Buffer | undefined): AsyncGenerator<readonly FileRecord[]> {
  const error = await parser(bytes);
  yield found.take();
  if (error !== undefined) throw error;
}

/** Records as they are found, up to what breaks the file. */
class Found {
  /** The one that the next record begins on. */
  #line: number;
  readonly #file: string;
  #blanks = 0;
  #batch: FileRecord[] = [];
  /** Why nothing more is taken. */
  problem: InputError | undefined;

  constructor({ name, firstLine }: Csv) {
    this.#file = name;
    this.#line = firstLine;
  }

  /** @param lineEnds in its cells */
  add(cells: readonly string[], lineEnds: number): void {
    if (this.problem !== undefined) return;
    if (cells.length > MAX_CELLS) {
      this.break(tooManyCells(cells.length));
      return;
    }
    const isEmpty = cells.every((cell) => cell.trim() === '');
    this.#blanks = isEmpty ? this.#blanks + 1 : 0;
    const most = cells.length === 1 ? MAX_BLANKS : MAX_EMPTY_ROWS;
    if (this.#blanks > most) this.break(tooManyBlanks(most));
    // One of delimiters alone is a row: somebody may have cleared it, and it is counted.
    if (!isEmpty || cells.length > 1) this.#batch.push({ line: this.#line, cells });
    this.#line += 1 + lineEnds;
  }

  break(problem: string): void {
    this.problem ??= this.broken(problem);
  }

  /** What is wrong with the record that comes next. */
  broken(problem: string): InputError {
    return new InputError(this.#file, this.#line, problem);
  }

  take(): readonly FileRecord[] {
    const batch = this.#batch;
    this.#batch = [];
    return batch;
  }
}

interface Blocks {
  readonly csv: Csv;
  readonly found: Found;
  readonly maxBytes: number;
}

/** Blocks are of so many bytes; to read one costs the parser as much as some records, so they grow while they have quotes. */
const BLOCK_BYTES = 4 * 1024;
const MAX_BLOCK_BYTES = 32 * 1024;

/** How far the quotes of what is left were counted: while one stays open, nothing is looked at a second time. */
interface Counted {
  readonly bytes: number;
  readonly quotes: number;
}
const NOT_COUNTED: Counted = { bytes: 0, quotes: 0 };

interface Taken {
  /** Where what is left begins. */
  readonly end: number;
  readonly counted: Counted;
  readonly error?: Error | undefined;
  readonly isLong?: true;
}

/** Takes what there is of whole lines with closed quotes. @param counted of what begins there */
async function takeBlocks(bytes: Buffer, counted: Counted, { csv, found, maxBytes }: Blocks): Promise<Taken> {
  let size = BLOCK_BYTES;
  let [at, before] = [0, counted];
  for (;;) {
    const { end, quotes, isBlock } = findBlock(bytes, { start: at, size, before });
    if (!isBlock) return { end: at, counted: { bytes: end - at, quotes } };
    const none = { end: at, counted: NOT_COUNTED };
    // Only csv-parse tells how long each record is.
    if (end - at > maxBytes) return { ...none, isLong: true };
    const piece = bytes.subarray(at, end);
    if (quotes > 0) {
      const parser = openParser(csv, found, maxBytes);
      const error = (await parser(piece)) ?? (await parser());
      if (error !== undefined) return { ...none, error };
      size = Math.min(2 * size, MAX_BLOCK_BYTES);
    } else {
      partPlain(piece.toString(), csv.delimiter, found);
      if (found.problem !== undefined) return { ...none, error: found.problem };
      size = BLOCK_BYTES;
    }
    [at, before] = [end, NOT_COUNTED];
  }
}

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** From there on, at least so many bytes up to a line end outside of quotes, where there are such; else as far as it looked. */
function findBlock(
  bytes: Buffer,
  { start, size, before }: { readonly start: number; readonly size: number; readonly before: Counted },
): { readonly end: number; readonly quotes: number; readonly isBlock: boolean } {
  let { quotes } = before;
  let at = start + before.bytes;
  const { length } = bytes;
  for (const least = Math.min(start + size - 1, length); at < least; at += 1) if (bytes[at] === QUOTE) quotes += 1;
  for (; at < length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) quotes += 1;
    if (quotes % 2 !== 0 || (byte !== LINE_FEED && byte !== CARRIAGE_RETURN)) continue;
    if (byte === LINE_FEED) return { end: at + 1, quotes, isBlock: true };
    // More of the line end may come.
    if (at + 1 === length) break;
    return { end: bytes[at + 1] === LINE_FEED ? at + 2 : at + 1, quotes, isBlock: true };
  }
  return { end: at, quotes, isBlock: false };
}

function partPlain(text: string, delimiter: string, found: Found): void {
  const lines = text.includes('\r') ? text.split(/\r\n|\n|\r/) : text.split('\n');
  // Behind the last line end stands nothing.
  lines.pop();
  for (const line of lines) found.add(line.split(delimiter), 0);
}

/** Nothing that can end a record, and more of it than the parser looks ahead. */
const FILLER = Buffer.from('xxxxxxxx');

/** Is handed bytes, and nothing at their end; it tells what breaks them. */
type Parser = (bytes?: Buffer) => Promise<Error | undefined>;

/** Its readable side is passed by: that would drop the records before a broken one together with it. */
function openParser(csv: Csv, found: Found, maxBytes: number): Parser {
  let [fed, recordsEnd] = [0, 0];
  const parser = parse({
    delimiter: csv.delimiter,
    relax_column_count: true,
    relax_quotes: csv.unwraps,
    record_delimiter: ['\r\n', '\n', '\r'],
  });
  const counted: { records: number } = parser.info;
  // Not on_record, which describes every record: that takes half as long again as to parse it.
  parser.push = (cells: readonly string[] | null) => {
    const { bytes } = parser.info;
    if (bytes - recordsEnd > maxBytes) found.break(TOO_LONG);
    if (cells === null || found.problem !== undefined) return true;
    recordsEnd = bytes;
    // A record of another length than the first would cost an error, which nobody asks for; so each is the first.
    counted.records = 0;
    found.add(cells, countLineEnds(cells));
    return true;
  };
  // The callbacks of write and end carry the same error.
  parser.on('error', () => undefined);
  return async (bytes) => {
    const error = await new Promise<Error | null | undefined>((resolve) =>
      bytes === undefined ? parser.end(resolve) : parser.write(bytes, resolve),
    );
    fed += bytes?.length ?? 0;
    // The parser goes on behind a record that is too long: what it meets there is no longer the first problem.
    if (found.problem !== undefined) return found.problem;
    if (error) return error instanceof CsvError ? found.broken(csvProblem(error)) : error;
    // The parser's own limit takes no notice of a record that is all commas.
    return fed - recordsEnd > maxBytes + FILLER.length ? found.broken(TOO_LONG) : undefined;
  };
}

function countLineEnds(cells: readonly string[]): number {
  let count = 0;
  for (const cell of cells) {
    if (cell.includes('\n') || cell.includes('\r')) count += cell.match(/\r\n|\n|\r/g)?.length ?? 0;
  }
  return count;
}

function tooManyBlanks(most: number): string {
  return `over ${most} lines that are blank, or delimiters alone, end here: take them away`;
}

function tooManyCells(count: number): string {
  return `this record has ${count} cells, and a spreadsheet has 16384 at most: take away what is too much, or give the right --delimiter`;
}

const TOO_LONG = 'this record is over 1 MiB, most often because a quote is never closed: close it, or shorten the cell';

const CSV_PROBLEMS: Readonly<Partial<Record<CsvErrorCode, string>>> = {
  CSV_QUOTE_NOT_CLOSED:
    'a quote opened in this record is never closed: close it, or double it if it belongs to the text',
  CSV_INVALID_CLOSING_QUOTE:
    'in this record text follows a closing quote: double the quote if it belongs to the text, or put a delimiter behind it',
  INVALID_OPENING_QUOTE:
    'in this record a quote stands inside a cell: quote the whole cell, and double the quote that belongs to the text',
};

function csvProblem(error: CsvError): string {
  if (error.code === 'INVALID_OPENING_QUOTE' && 'field' in error && String(error['field']).trim() === '=') {
    return 'in this record a cell is a formula such as ="00123": give --unwrap-formulas to read it as 00123';
  }
  return CSV_PROBLEMS[error.code] ?? showText(error.message, 300);
}
