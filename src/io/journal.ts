import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { JournalEntry } from '../core/journal-entry.js';
import { InputError } from '../core/input-error.js';

/** Turns the entries of one journal into its lines: number, CRC-32 of the rest, JSON. */
export function openJournalText(): (entries: readonly JournalEntry[]) => string {
  let number = 0;
  return (entries) => {
    let text = '';
    for (const entry of entries) {
      number += 1;
      text += toLine(number, entry);
    }
    return text;
  };
}

/** What a killed run left. */
export interface JournalReading {
  readonly entries: readonly JournalEntry[];
  /** Bytes of a last entry that was cut off while it was written; it had not been relied on. */
  readonly tornBytes: number;
}

/**
 * Reads a journal back. A torn tail is passed over: entries are relied on only once they are whole on the disk. It is
 * known by its missing line end; a whole line that is wrong was written right, and may be what tells of a send.
 * @throws {InputError} for damage, which no kill leaves and nobody should guess over
 */
export function readJournal(path: string): JournalReading {
  const bytes = readBytes(path);
  const entries: JournalEntry[] = [];
  let at = 0;
  while (at < bytes.length) {
    const lineEnd = bytes.indexOf(0x0a, at);
    const end = lineEnd < 0 ? bytes.length : lineEnd;
    const number = entries.length + 1;
    const entry = parseLine(bytes.subarray(at, end), number);
    if (entry === undefined) {
      // One byte more than a whole entry is no tail, but a damaged line end.
      const isTorn = lineEnd < 0 && parseLine(bytes.subarray(at, end - 1), number) === undefined;
      if (isTorn) return { entries, tornBytes: bytes.length - at };
      throw damage(path, number, at);
    }
    entries.push(entry);
    at = end + 1;
  }
  return { entries, tornBytes: 0 };
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const problem = `the journal of a killed run can't be read (${code}): give this user the right to, or use --fresh`;
    throw new InputError(path, 1, problem);
  }
}

function damage(path: string, line: number, offset: number): InputError {
  const problem = `the journal of a killed run is damaged at byte ${offset}: restore it from a copy; or, to start over without what it knows, use --fresh`;
  return new InputError(path, line, problem);
}

function toLine(number: number, entry: JournalEntry): string {
  const rest = `${number} ${JSON.stringify(entry)}`;
  return `${checksum(rest)} ${rest}\n`;
}

function parseLine(bytes: Buffer, number: number): JournalEntry | undefined {
  const line = bytes.toString('utf8');
  const rest = line.slice(9);
  if (line.slice(0, 9) !== `${checksum(rest)} `) return undefined;
  const space = rest.indexOf(' ');
  if (rest.slice(0, space) !== String(number)) return undefined;
  // The checksum says that we wrote it.
  return JSON.parse(rest.slice(space + 1)) as JournalEntry;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
