import { closeSync, existsSync, readSync } from 'node:fs';
import { orStateError } from '../core/state-error.js';
import { openOwn, orNothing } from '../disk/own-file.js';
import { PLAIN_DIALECT } from '../input/dialect.js';
import { KilledJournal } from '../record/journal.js';
import { ReplacedFile } from '../record/replaced-file.js';
import { CsvWriter } from '../record/result-writer.js';
import type { ResultFormat } from '../record/result-writer.js';
import { ATTEMPT_COLUMNS, attemptsOf, toAttemptCells } from './attempt-row.js';

const CHUNK_BYTES = 256 * 1024;
const PLAIN: ResultFormat = { ...PLAIN_DIALECT, encode: (text) => Buffer.from(text), escape: (text) => text };

/**
 * Writes what earlier runs left of the log, and behind it the sends of this one, from its journal.
 * @returns the file, finished and not in its place yet
 * @throws {StateError} when it can't be written
 */
export function writeAttempts(
  path: string,
  journalPath: string,
  runId: string,
): { readonly file: ReplacedFile; readonly sha256: string } {
  const file = new ReplacedFile(path);
  const writer = new CsvWriter(file, PLAIN);
  const journal = new KilledJournal(journalPath);
  try {
    const bytes = orStateError(path, () => copyInto(file, path));
    if (bytes === 0) writer.writeRecord(ATTEMPT_COLUMNS);
    for (const attempt of attemptsOf(journal.entries())) writer.writeRecord(toAttemptCells(attempt, runId));
    return { file, sha256: writer.finish() };
  } catch (error) {
    file.discard();
    throw error;
  } finally {
    journal.close();
  }
}

/**
 * Writes what earlier runs left of the log, and behind it the logs of shards, as they stand.
 * @returns the file, finished and not in its place yet; nothing where none of these is there
 * @throws {StateError} when it can't be written
 */
export function joinAttempts(
  path: string,
  shardPaths: readonly string[],
): ReturnType<typeof writeAttempts> | undefined {
  if (![path, ...shardPaths].some((log) => existsSync(log))) return undefined;
  const file = new ReplacedFile(path);
  const writer = new CsvWriter(file, PLAIN);
  try {
    if (orStateError(path, () => copyInto(file, path)) === 0) writer.writeRecord(ATTEMPT_COLUMNS);
    writer.flush();
    for (const log of shardPaths) orStateError(path, () => copyInto(file, log, { isWithoutHeader: true }));
    return { file, sha256: writer.finish() };
  } catch (error) {
    file.discard();
    throw error;
  }
}

/** @returns how many bytes the file has by then; none where there is no such file to copy */
function copyInto(file: ReplacedFile, path: string, { isWithoutHeader = false } = {}): number {
  const fd = orNothing(() => openOwn(path, 'read'));
  if (fd === undefined) return 0;
  try {
    const room = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let isHeader = isWithoutHeader; ; isHeader = false) {
      const length = readSync(fd, room);
      if (length === 0) return file.bytes;
      // The names in our header hold no line end.
      const from = isHeader ? room.subarray(0, length).indexOf('\n') + 1 : 0;
      file.writeBytes(room.subarray(from, length));
    }
  } finally {
    closeSync(fd);
  }
}
