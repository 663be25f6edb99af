import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { InputError } from '../core/input-error.js';
import { takePlainLines } from '../core/plain-lines.js';

export const KEYS_HEADER = ['username', 'key', 'registered_at'] as const;

/** The form of a time in the file. */
const TIME = '0000-00-00T00:00:00.000Z';

/** The keys file as earlier runs left it. */
export interface SavedKeys {
  /** Bytes of the file that stay: all but an unfinished last line. */
  readonly length: number;
  /** What has to be written before the next key. */
  readonly missing: string;
  /** A line that a kill or a power cut left unfinished; its key was never reported as saved. */
  readonly isTorn: boolean;
}

/**
 * Reads what is there. Only a last line without its line end can be torn, and only one that ends before its key does:
 * a key that reached the disk is never cut off.
 * @param note takes each key's user, and when it was saved in epoch ms, in their order
 * @throws {InputError} when it can't be read, or is damaged in another way, which nobody should guess over
 */
export function readSavedKeys(path: string, note: (username: string, savedAt: number) => void): SavedKeys {
  const noteRecord = ([username = '', , at = '']: readonly string[]): void => {
    if (at !== KEYS_HEADER[2]) note(username, parseTime(at));
  };
  const { taken, bytes } = readKeys(path, (line) => noteRecord(line.split(',')));
  const end = bytes.lastIndexOf(0x0a) + 1;
  const lastLine = bytes.subarray(end);
  const isTorn = lastLine.length > 0 && (taken + end === 0 ? isCutHeader(lastLine) : isCutBeforeItsKeyEnds(lastLine));
  const kept = isTorn ? end : bytes.length;
  if (!readRecords(bytes.subarray(0, kept), noteRecord))
    throw new InputError(path, 1, 'a quote in this file is never closed: close it');
  // Its line end is written before the next send: whatever send is in doubt by now came before it.
  if (kept > end)
    readRecords(lastLine, ([username = '', , at = '']) => isCutTime(at) && note(username, Number.MAX_SAFE_INTEGER));
  return {
    length: taken + kept,
    missing: taken + kept === 0 ? toCsv([[...KEYS_HEADER]]) : kept > end ? '\n' : '',
    isTorn,
  };
}

/** Epoch ms; 0, older than any send, for a time that is cut off or none. */
function parseTime(text: string): number {
  return /(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) || 0 : 0;
}

function isCutTime(text: string): boolean {
  return text.length < TIME.length && TIME.startsWith(text.replaceAll(/\d/g, '0'));
}

/** A first line that is not ended: an editor may have left the header so, a power cut only a part of it. */
function isCutHeader(firstLine: Buffer): boolean {
  const header = toCsv([[...KEYS_HEADER]]).trimEnd();
  const isPart = header.startsWith(firstLine.toString('utf8')) && firstLine.length < header.length;
  return isPart || isCutBeforeItsKeyEnds(firstLine);
}

function isCutBeforeItsKeyEnds(lastLine: Buffer): boolean {
  let cells: readonly string[] = [];
  const isWhole = readRecords(lastLine, (record) => (cells = record));
  return !isWhole || cells.length < KEYS_HEADER.length;
}

/** Whatever line ends an editor has left. False: a quote is never closed. */
function readRecords(bytes: Buffer, onRecord: (cells: readonly string[]) => void): boolean {
  try {
    parse(bytes, {
      bom: true,
      relax_column_count: true,
      relax_quotes: true,
      record_delimiter: ['\r\n', '\n', '\r'],
      on_record: (cells: readonly string[]) => {
        onRecord(cells);
        return null;
      },
    });
    return true;
  } catch (error) {
    if (error instanceof CsvError) return false;
    throw error;
  }
}

/** What is read at once. */
const CHUNK_BYTES = 1024 * 1024;
const BYTE_ORDER_MARK = 0xef;

/** Reads plain lines piece by piece. @returns how many bytes they take, and what comes behind the last of them */
function readKeys(path: string, onLine: (line: string) => void): { taken: number; bytes: Buffer } {
  const fd = openKeys(path);
  if (fd === undefined) return { taken: 0, bytes: Buffer.alloc(0) };
  const read = (from: number, length: number): Buffer => {
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(
      0,
      orUnreadable(path, () => readSync(fd, bytes, 0, length, from)),
    );
  };
  try {
    for (let taken = 0; ;) {
      const bytes = read(taken, CHUNK_BYTES);
      const plain = bytes[0] === BYTE_ORDER_MARK ? undefined : takePlainLines(bytes);
      plain?.lines.forEach(onLine);
      taken += plain?.length ?? 0;
      if (plain?.isPlain === true && plain.length > 0) continue;
      return { taken, bytes: read(taken, fstatSync(fd).size - taken) };
    }
  } finally {
    closeSync(fd);
  }
}

/** Nothing else than that it is not there means that there are no keys: an empty file is written from its beginning. */
function openKeys(path: string): number | undefined {
  return orUnreadable(path, () => {
    try {
      return openSync(path, 'r');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  });
}

function orUnreadable<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    const remedy = 'give this user the right to, or move it away';
    throw new InputError(path, 1, `the keys file can't be read (${codeOf(error)}): ${remedy}`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** A key as it was handed out. The keys file is the only place for it. */
export interface SavedKey {
  readonly username: string;
  readonly key: string;
  /** Epoch ms. */
  readonly savedAt: number;
}

export function toKeysText(keys: readonly SavedKey[]): string {
  return toCsv(keys.map(({ username, key, savedAt }) => [username, key, new Date(savedAt).toISOString()]));
}

function toCsv(records: string[][]): string {
  return stringify(records, { record_delimiter: '\n', quoted_match: /\r/ });
}
