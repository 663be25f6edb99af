import { closeSync, createReadStream, fstatSync, readSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import type { Options } from 'csv-parse';
import { CsvError as CsvSyncError, parse as parseSync } from 'csv-parse/sync';
import { InputError } from '../core/input-error.js';
import { NotOursError, openOwn, orNothing, whyUnreadable } from '../disk/own-file.js';
import { isoTime } from '../core/iso-time.js';
import type { RawObject, WrittenForm } from '../row/reply.js';
import { parseJson, textOf } from '../server/json.js';
import { openCsvText } from './csv-text.js';

export const KEYS_HEADER = ['username', 'key', 'registered_at', 'written', 'object'] as const;
/** A file that was begun with these alone goes on with these, but where a line has more to say. */
const LEAST_COLUMNS = 3;

/** Stands before the time of a line that takes back the user's key of a line above. */
const TAKEN_BACK = 'taken back ';

const TIME = '0000-00-00T00:00:00.000Z';

export interface SavedKeys {
  readonly length: number;
  readonly missing: string;
  /** Lines beneath the header. */
  readonly count: number;
  /** How many columns its header has. */
  readonly width: number;
  /** A line that a kill or a power cut left unfinished; its key was never reported as saved. */
  readonly isTorn: boolean;
}

/** A key's line, as far as it is not its content. */
export interface KeyPlace {
  /** In bytes of the file. */
  readonly start: number;
  readonly end: number;
  /** The line takes back the user's key of a line above. */
  readonly isTakenBack: boolean;
}

/** @param savedAt epoch ms; 0 for a key that is taken back, and where no time can be read */
type NoteLine = (username: string, savedAt: number, place: KeyPlace) => void;

/**
 * Reads what is there, piece by piece. Only a last line without its line end can be torn, and only one that ends before its
 * key does: a key that reached the disk is never cut off.
 * @param note takes each key's user, and when it was saved, in their order; a last line that is cut off within its time
 * twice. What it throws is thrown
 * @param noteKey takes the text of each key
 * @throws {InputError} when it can't be read, or is damaged in another way, which nobody should guess over
 */
export async function readSavedKeys(
  path: string,
  note: NoteLine,
  noteKey?: (text: string) => void,
): Promise<SavedKeys> {
  const { size, lastLine } = orUnreadable(path, () => readEnd(path));
  const end = size - lastLine.length;
  const { isTorn, closing, columns } = judgeLastLine(lastLine, end === 0);
  const length = isTorn ? end : size;
  let first: number | undefined;
  let count = 0;
  const isWhole = await readFirstRecords(path, { length, closing }, (cells, start, end) => {
    const [username = '', key, at = '', written = ''] = cells;
    if (first !== undefined) count += 1;
    first ??= cells.length;
    if (at === KEYS_HEADER[2] || key === '') return;
    if (key !== undefined) noteKey?.(keyText(key, readForm(written)));
    note(username, parseSavedAt(at), { start, end, isTakenBack: at.startsWith(TAKEN_BACK) });
  });
  if (!isWhole) throw new InputError(path, 1, 'a quote in this file is never closed: close it');
  // Its line end is written before the next send: whatever send is in doubt by now came before it.
  if (length > end)
    readRecords(lastLine, ([username = '', , at = '']) => {
      const place = { start: end, end: size, isTakenBack: false };
      if (isCutTime(at)) note(username, CUT_TIME, place);
    });
  const width = first ?? KEYS_HEADER.length;
  const rest = `${closing}${','.repeat(Math.max(0, width - columns))}\n`;
  const missing = length === 0 ? toCsv([[...KEYS_HEADER]]) : length > end ? rest : '';
  return { length, missing, count, width, isTorn };
}

/** Epoch ms; 0, older than any send, for a key that is taken back, and for a time that is cut off or none. */
export function parseSavedAt(text: string): number {
  if (text.startsWith(TAKEN_BACK)) return 0;
  return /^\d{4}-.*(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) || 0 : 0;
}

function isCutTime(text: string): boolean {
  return text.length < TIME.length && TIME.startsWith(text.replaceAll(/\d/g, '0'));
}

/** A first line that is not ended: an editor may have left the header so, a power cut only a part of it. */
function isCutHeader(firstLine: Buffer): boolean {
  const text = firstLine.toString('utf8');
  const isWhole = [LEAST_COLUMNS, KEYS_HEADER.length].some((width) => text === KEYS_HEADER.slice(0, width).join());
  return !isWhole && KEYS_HEADER.join().startsWith(text);
}

/** When a key was saved whose time is cut off at the end of the file: after all else, by a run that was cut off with it. */
export const CUT_TIME = Number.MAX_SAFE_INTEGER;

interface LastLine {
  readonly isTorn: boolean;
  /** The quote that is missing where it is not torn. */
  readonly closing: string;
  readonly columns: number;
}

/** Of what stands behind the last line end. Whatever it lacks, it is not torn where its key is whole. */
function judgeLastLine(line: Buffer, isFirst: boolean): LastLine {
  const torn = { isTorn: true, closing: '', columns: 0 };
  if (line.length === 0) return { ...torn, isTorn: false };
  if (isFirst && isCutHeader(line)) return torn;
  for (const closing of ['', '"']) {
    let columns = 0;
    const isWhole = readRecords(Buffer.concat([line, Buffer.from(closing)]), (record) => (columns = record.length));
    if (isWhole && columns >= LEAST_COLUMNS) return { isTorn: false, closing, columns };
  }
  return torn;
}

/** All that came with a key, each byte of it in the longest spelling, is half of that. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const TOO_LONG = `a line of it has more than ${MAX_LINE_BYTES / 1024 / 1024} MiB, as no run writes one: move it away`;

export const KEYS_CSV = {
  bom: true,
  relax_column_count: true,
  relax_quotes: true,
  record_delimiter: ['\r\n', '\n', '\r'],
  max_record_size: MAX_LINE_BYTES,
} satisfies Options;

type NoteRecord = (cells: readonly string[]) => void;

/** False: a quote is never closed. */
function readRecords(bytes: Buffer, note: NoteRecord): boolean {
  try {
    parseSync(bytes, KEYS_CSV).forEach(note);
    return true;
  } catch (error) {
    // In the built program each of the two parsers has an error of its own.
    if (error instanceof CsvSyncError) return false;
    throw error;
  }
}

/** Of the first `length` bytes of the file, and the quote that they lack. False: another one is never closed. */
async function readFirstRecords(
  path: string,
  { length, closing }: { readonly length: number; readonly closing: string },
  note: (cells: readonly string[], start: number, end: number) => void,
): Promise<boolean> {
  if (length === 0) return true;
  const parser = parse(KEYS_CSV);
  const push = parser.push.bind(parser);
  let start = 0;
  const failures: unknown[] = [];
  // Not on_record, which describes every record: that takes as long as to parse it.
  parser.push = (cells: readonly string[] | null) => {
    if (cells === null) return push(null);
    const end = parser.info.bytes;
    try {
      if (failures.length === 0) note(cells, start, end);
    } catch (error) {
      // Thrown here, it would go past everybody who waits for the end of the stream, and end the process.
      failures.push(error);
      parser.destroy();
    }
    start = end;
    return true;
  };
  try {
    const fd = openOwn(path, 'read');
    const bytes = createReadStream(path, { fd, start: 0, end: length - 1, highWaterMark: CHUNK_BYTES });
    if (closing === '') await pipeline(bytes, parser.resume());
    else await pipeline(bytes, closedBy(closing), parser.resume());
    return true;
  } catch (error) {
    if (failures.length > 0) throw failures[0];
    if (!(error instanceof CsvError)) throw unreadable(path, error);
    if (error.code === 'CSV_MAX_RECORD_SIZE') throw new InputError(path, 1, TOO_LONG);
    return false;
  }
}

function closedBy(closing: string): (bytes: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* (bytes) {
    yield* bytes;
    yield Buffer.from(closing);
  };
}

const CHUNK_BYTES = 256 * 1024;
/** The size of the file, and what stands behind its last line end. No file is an empty one: it is written from its beginning. */
function readEnd(path: string): { readonly size: number; readonly lastLine: Buffer } {
  const fd = orNothing(() => openOwn(path, 'read'));
  let lastLine: Buffer = Buffer.alloc(0);
  if (fd === undefined) return { size: 0, lastLine };
  try {
    const { size } = fstatSync(fd);
    for (let at = size, end = 0; at > 0 && end === 0;) {
      if (lastLine.length > MAX_LINE_BYTES) throw new NotOursError(TOO_LONG);
      const bytes = Buffer.alloc(Math.min(at, CHUNK_BYTES));
      at -= bytes.length;
      readSync(fd, bytes, 0, bytes.length, at);
      end = bytes.lastIndexOf(0x0a) + 1;
      lastLine = Buffer.concat([bytes.subarray(end), lastLine]);
    }
    return { size, lastLine };
  } finally {
    closeSync(fd);
  }
}

function orUnreadable<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): InputError {
  const why = whyUnreadable(error, 'give this user the right to, or move it away');
  return new InputError(path, 1, `the keys file can't be read ${why}`);
}

/** What is kept of an activation key. The keys file is the only place for it. */
export interface KeptKey {
  /** Empty where nothing that came looks like one. */
  readonly key: string;
  /** How it is written; as it is where it is plain text. */
  readonly form?: WrittenForm;
  /** All that came, to the byte, where the key alone does not say it. */
  readonly raw?: RawObject;
}

export interface SavedKey extends KeptKey {
  readonly username: string;
  /** Epoch ms. */
  readonly savedAt: number;
  /** It came with an answer that may be another row's: from then on it is nobody's. */
  readonly isTakenBack?: true;
}

/** @param width of the header of the file */
export function toKeysText(keys: readonly SavedKey[], width: number = KEYS_HEADER.length): string {
  return toCsv(
    keys.map((saved) => {
      const { username, key, savedAt, isTakenBack = false, raw } = saved;
      const time = isoTime(savedAt);
      const cells = [username, key, isTakenBack ? `${TAKEN_BACK}${time}` : time, describeForms(saved), raw?.text ?? ''];
      return cells.slice(0, cells[3] === '' ? width : cells.length);
    }),
  );
}

/** Of key and object, where they are not there as a plain text. */
const FORMS: Readonly<Record<RawObject['form'], string>> = {
  json: 'as JSON',
  base64: 'in base64',
  left_out: 'left out: it quotes a secret',
};

function describeForms({ form, raw }: KeptKey): string {
  const forms = [form && `key ${FORMS[form]}`, raw && `object ${FORMS[raw.form]}`];
  return forms.filter((text) => text !== undefined).join('; ');
}

function readForm(written: string): WrittenForm | undefined {
  if (written === '') return undefined;
  return (['json', 'base64'] as const).find((form) => written.startsWith(`key ${FORMS[form]}`));
}

/** The key, as far as it is a text. A person may have written into the file. */
export function keyText(key: string, form: WrittenForm | undefined): string {
  if (form === 'base64') return Buffer.from(key, 'base64').toString();
  return form === 'json' ? (textOf(parseJson(key)) ?? key) : key;
}

const toCsv = openCsvText({ delimiter: ',', lineEnd: '\n' });
