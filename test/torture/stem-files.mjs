import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { parse } from 'csv-parse/sync';

/** What the contract (docs/results.md) says of the files; written down here anew, and nothing of src is used. */
export const STEM = 'users';
export const FILES = {
  input: `${STEM}.csv`,
  results: `${STEM}.results.csv`,
  failed: `${STEM}.failed.csv`,
  keys: `${STEM}.keys.csv`,
  journal: `${STEM}.journal`,
  summary: `${STEM}.summary.json`,
  manifest: `${STEM}.manifest.json`,
  digests: `${STEM}.SHA256SUMS`,
  lock: `${STEM}.lock`,
  reserve: `${STEM}.reserve`,
};
export const ADDED = [
  'line',
  'outcome',
  'retry',
  'return_code',
  'message',
  'http_status',
  'attempts',
  'sent_at',
  'latency_ms',
  'detail',
];
/** What each outcome asks for (product), by our own hand. */
export const RETRY = {
  registered: 'no',
  already_registered: 'no',
  duplicate: 'no',
  refused: 'fix',
  invalid: 'fix',
  key_lost: 'fix',
  undone: 'fix',
  unavailable: 'yes',
  unknown: 'yes',
  not_sent: 'yes',
};
/** What may lie beside the input while nothing runs; the others are gone once a run has ended by itself. */
const LASTING = [FILES.results, FILES.failed, FILES.keys, FILES.summary, FILES.manifest, FILES.digests];
const PASSING = [
  FILES.journal,
  FILES.lock,
  FILES.reserve,
  ...[FILES.results, FILES.failed, FILES.summary, FILES.manifest, FILES.digests].map((name) => `${name}.tmp`),
];
/** What a kill leaves while a lock is made or taken over; the next run takes it away. */
const PART_OF_LOCK = new RegExp(`^${FILES.lock}(\\.guard)?(\\.[0-9a-f-]{36})?$`);

/** Every file of the folder but the input, with what is wrong about its being there. */
export function listStem(folder, { hasEnded }) {
  const names = readdirSync(folder).filter((name) => name !== FILES.input);
  const problems = [];
  for (const name of names) {
    const isKnown = LASTING.includes(name) || (!hasEnded && (PASSING.includes(name) || PART_OF_LOCK.test(name)));
    if (!isKnown) problems.push(`${name} should not be there`);
    const mode = statSync(join(folder, name)).mode & 0o777;
    if (mode !== 0o600) problems.push(`${name} has mode ${mode.toString(8)}`);
  }
  return { names, problems };
}

/**
 * A CSV that is whole: every line ended, and written as the input is, with its byte order mark and its line end. Undefined
 * when there is none.
 * @throws {Error} when it is not whole
 */
export function readWholeCsv(path, { mark, lineEnd }) {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  if (!text.startsWith(mark)) throw new Error('lacks the byte order mark of the input');
  if (!text.endsWith(lineEnd)) throw new Error('does not end with a line end');
  const [header, ...rows] = parse(text.slice(mark.length), { record_delimiter: lineEnd, relax_column_count: true });
  return { header, rows };
}

/** Results rows as `{ own, added }`; one with too few own cells has no more. @throws {Error} when the columns are not those of the input with ours behind */
export function readResults(path, { names: ownNames, ...form }) {
  const file = readWholeCsv(path, form);
  if (file === undefined) return undefined;
  const expected = [...ownNames, ...ADDED];
  if (file.header.join() !== expected.join()) throw new Error(`has the columns ${file.header.join()}`);
  return file.rows.map((cells) => ({
    own: cells.slice(0, -ADDED.length),
    added: Object.fromEntries(ADDED.map((name, at) => [name, cells.at(at - ADDED.length)])),
    text: JSON.stringify(cells),
  }));
}

/** The keys file may end in a torn line after a kill; `whole` is the text up to there. */
export function readKeys(path) {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const [header, ...rows] = parse(whole, { record_delimiter: '\n' });
  return { header, rows, whole, isTorn: whole.length < text.length };
}

/** Behind an intent's JSON stands one of these: the second once its bytes were about to leave. */
export const MARKS = [' ', '>'];

/**
 * Journal entries that are whole, from a byte offset on: lines of `<crc32 of the rest, hex8> <number> <json>`, and behind an
 * intent its mark, told as `hasLeft` and `markAt`, its offset.
 * @throws {Error} for damage that whole lines follow
 */
export function parseJournal(bytes, first = 1) {
  const entries = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) return { entries, length: at };
    const line = bytes.toString('utf8', at, end);
    const jsonEnd = line.lastIndexOf('}') + 1;
    const [rest, mark] = [line.slice(9, jsonEnd), line.slice(jsonEnd)];
    const isOurs = line.slice(0, 9) === `${checksum(rest)} `;
    const [number] = rest.split(' ', 1);
    if (!isOurs || Number(number) !== first + entries.length) {
      if (bytes.indexOf(0x0a, end + 1) >= 0) throw new Error(`journal line ${first + entries.length} is damaged`);
      return { entries, length: at };
    }
    const entry = JSON.parse(rest.slice(number.length + 1));
    if (entry.type === 'intent' ? !MARKS.includes(mark) : mark !== '')
      throw new Error(`journal line ${first + entries.length} has the mark "${mark}"`);
    entries.push({ ...entry, ...(entry.type === 'intent' && { hasLeft: mark === MARKS[1], markAt: end - 1 }) });
    at = end + 1;
  }
}

/** A line of the journal whose JSON was changed, so that it counts again. */
export function withChecksum(line) {
  return `${checksum(line.slice(9, line.lastIndexOf('}') + 1))}${line.slice(8)}`;
}

function checksum(text) {
  return crc32(text).toString(16).padStart(8, '0');
}
