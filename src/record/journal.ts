import { closeSync, fstatSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { isEntry } from './journal-entry.js';
import type { JournalEntry } from './journal-entry.js';
import { InputError } from '../core/input-error.js';
import { openOwn, whyUnreadable } from '../disk/own-file.js';

/** Behind an intent stands one of these: in place of the first comes the second when its bytes are about to leave. */
const STAYED = ' ';
export const LEFT = '>';

/**
 * Turns the entries of one journal into its lines: CRC-32 of the rest, number, JSON, and behind an intent room for its mark.
 * They are good until the next ones are asked for.
 * @param onIntent told where in the file that is
 */
export function openJournalLines(
  onIntent: (key: string, markAt: number) => void = () => undefined,
): (entries: readonly JournalEntry[]) => Buffer {
  let number = 0;
  let before = 0;
  let room = Buffer.alloc(ROOM_BYTES);
  return (entries) => {
    let at = 0;
    for (const entry of entries) {
      number += 1;
      const rest = `${number} ${JSON.stringify(entry)}`;
      const most = at + SUM_BYTES + rest.length * MOST_BYTES_PER_UNIT + STAYED.length + 1;
      if (most > room.length) room = Buffer.concat([room.subarray(0, at)], 2 * most);
      const from = at + SUM_BYTES;
      at = from + room.write(rest, from);
      putChecksum(room, from - SUM_BYTES, crc32(room.subarray(from, at)));
      if (entry.type === 'intent') {
        onIntent(entry.key, before + at);
        at += room.write(STAYED, at, 'latin1');
      }
      room[at] = LINE_FEED;
      at += 1;
    }
    before += at;
    return room.subarray(0, at);
  };
}

const ROOM_BYTES = 64 * 1024;
/** Of the checksum in hex, and the blank behind it. */
const SUM_BYTES = 9;
/** A UTF-16 unit in UTF-8. */
const MOST_BYTES_PER_UNIT = 3;

const CHUNK_BYTES = 1024 * 1024;
/** One entry of so many is known by where it begins, and the next ones are looked for behind it. */
const MARKED = 16;
/** No entry comes near it: what a row says and what a server answers is bounded. In bytes. */
const MAX_LINE_BYTES = 16 * CHUNK_BYTES;
const LINE_FEED = 0x0a;

/**
 * The journal that a killed run left. A torn tail is passed over: entries are relied on only once they are whole on the
 * disk. It is known by its missing line end; a whole line that is wrong was written right, and may be what tells of a
 * send.
 */
export class KilledJournal {
  readonly #path: string;
  readonly #fd: number;
  /** Where every {@link MARKED}th of the entries begins that were read so far. */
  readonly #marks: number[] = [];
  #end = 0;
  #tornBytes = 0;

  /** @throws {InputError} when it can't be read */
  constructor(path: string) {
    this.#path = path;
    this.#fd = orUnreadable(path, () => openOwn(path, 'read'));
  }

  /** Bytes of a last entry that was cut off while it was written; known when all were read. */
  get tornBytes(): number {
    return this.#tornBytes;
  }

  /** All entries, to be read once. @throws {InputError} for damage: no kill leaves it, nobody should guess over it */
  *entries(): Generator<JournalEntry> {
    let number = 0;
    for (const { bytes, isWhole } of this.#lines()) {
      number += 1;
      const at = this.#end;
      const entry = parseLine(bytes, number);
      if (entry === undefined) {
        // One byte more than a whole entry is no tail, but a damaged line end.
        if (isWhole || parseLine(bytes.subarray(0, -1), number) !== undefined) throw damage(this.#path, number, at);
        this.#tornBytes = bytes.length;
        return;
      }
      if (number % MARKED === 1) this.#marks.push(at);
      this.#end = at + bytes.length + 1;
      yield entry;
    }
  }

  /** Epoch ms. */
  get changedAt(): number {
    return fstatSync(this.#fd).mtimeMs;
  }

  entry(number: number): JournalEntry {
    const mark = Math.floor((number - 1) / MARKED);
    const from = this.#marks[mark] ?? 0;
    const wanted = (this.#marks[mark + 1] ?? this.#end) - from;
    const room = Buffer.allocUnsafe(wanted);
    const bytes = room.subarray(
      0,
      orUnreadable(this.#path, () => readSync(this.#fd, room, 0, wanted, from)),
    );
    let at = 0;
    for (let before = (number - 1) % MARKED; before > 0; before -= 1) at = bytes.indexOf(LINE_FEED, at) + 1;
    const end = bytes.indexOf(LINE_FEED, at);
    // The last one may have no line end.
    const entry = parseLine(bytes.subarray(at, end < 0 ? bytes.length : end), number);
    if (entry === undefined) throw damage(this.#path, number, from + at);
    return entry;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Lines without their ends; the last one may have had none. */
  *#lines(): Generator<{ readonly bytes: Buffer; readonly isWhole: boolean }> {
    let rest = Buffer.alloc(0);
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const length = orUnreadable(this.#path, () => readSync(this.#fd, chunk));
      if (length === 0) break;
      const bytes = Buffer.concat([rest, chunk.subarray(0, length)]);
      let at = 0;
      for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, at)) {
        yield { bytes: bytes.subarray(at, end), isWhole: true };
        at = end + 1;
      }
      rest = bytes.subarray(at);
      if (rest.length > MAX_LINE_BYTES) yield { bytes: rest, isWhole: true };
    }
    if (rest.length > 0) yield { bytes: rest, isWhole: false };
  }
}

function orUnreadable<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    const why = whyUnreadable(error, 'give this user the right to, or use --fresh');
    throw new InputError(path, 1, `the journal of a killed run can't be read ${why}`);
  }
}

function damage(path: string, line: number, offset: number): InputError {
  const problem = `the journal of a killed run is damaged at byte ${offset}: restore it from a copy; or, to start over without what it knows, use --fresh`;
  return new InputError(path, line, problem);
}

function parseLine(bytes: Buffer, number: number): JournalEntry | undefined {
  const line = bytes.toString('utf8');
  // The JSON ends with the last brace.
  const end = line.lastIndexOf('}') + 1;
  const mark = line.slice(end);
  const rest = line.slice(SUM_BYTES, end);
  if (line.slice(0, SUM_BYTES) !== checksum(rest)) return undefined;
  const space = rest.indexOf(' ');
  if (rest.slice(0, space) !== String(number)) return undefined;
  // A checksum that is right says that somebody meant it, not that it was us.
  const entry = parseEntry(rest.slice(space + 1));
  if (entry === undefined) return undefined;
  if (mark === '') return entry;
  if (entry.type !== 'intent' || (mark !== STAYED && mark !== LEFT)) return undefined;
  return mark === LEFT ? { ...entry, hasLeft: true } : entry;
}

function parseEntry(text: string): JournalEntry | undefined {
  try {
    const found: unknown = JSON.parse(text);
    return isEntry(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function checksum(text: string): string {
  const room = Buffer.alloc(SUM_BYTES);
  putChecksum(room, 0, crc32(text));
  return room.toString('latin1');
}

/** Eight hex digits and a blank. Digit by digit: a number's own text and its write cost as much as the checksum. */
function putChecksum(room: Buffer, at: number, sum: number): void {
  for (let digit = 0; digit < 8; digit += 1) {
    const value = (sum >>> (28 - 4 * digit)) & 0xf;
    room[at + digit] = value + (value < 10 ? ZERO : LETTERS);
  }
  room[at + 8] = BLANK;
}

const BLANK = 0x20;
const ZERO = 0x30;
/** To be added to ten for an `a`. */
const LETTERS = 0x61 - 10;
