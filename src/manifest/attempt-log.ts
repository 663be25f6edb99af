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
const EARLIER_HEADER = ATTEMPT_COLUMNS.slice(0, -1).join(',');
const PLAIN: ResultFormat = { ...PLAIN_DIALECT, encode: (text) => Buffer.from(text), escape: (text) => text };

/** What earlier runs left, then this one's sends. @returns the file, not in its place yet @throws {StateError} */
export function writeAttempts(
  path: string,
  journalPath: string,
  runId: string,
): { readonly file: ReplacedFile; readonly sha256: string } {
  const file = new ReplacedFile(path);
  const writer = new CsvWriter(file, PLAIN);
  const journal = new KilledJournal(journalPath);
  try {
    writer.writeRecord(ATTEMPT_COLUMNS);
    writer.flush();
    orStateError(path, () => copyRecords(file, path));
    for (const attempt of attemptsOf(journal.entries())) writer.writeRecord(toAttemptCells(attempt, runId));
    return { file, sha256: writer.finish() };
  } catch (error) {
    file.discard();
    throw error;
  } finally {
    journal.close();
  }
}

/** What earlier runs left, then the logs of shards. @returns as {@link writeAttempts}; nothing where none is there */
export function joinAttempts(
  path: string,
  shardPaths: readonly string[],
): ReturnType<typeof writeAttempts> | undefined {
  if (![path, ...shardPaths].some((log) => existsSync(log))) return undefined;
  const file = new ReplacedFile(path);
  const writer = new CsvWriter(file, PLAIN);
  try {
    writer.writeRecord(ATTEMPT_COLUMNS);
    writer.flush();
    for (const log of [path, ...shardPaths]) orStateError(path, () => copyRecords(file, log));
    return { file, sha256: writer.finish() };
  } catch (error) {
    file.discard();
    throw error;
  }
}

/** Those of one log, if it is there; a version before this wrote its records without the last column. */
function copyRecords(file: ReplacedFile, path: string): void {
  const fd = orNothing(() => openOwn(path, 'read'));
  if (fd === undefined) return;
  try {
    const room = Buffer.allocUnsafe(CHUNK_BYTES);
    let widen: ((piece: Buffer) => Buffer) | undefined;
    for (;;) {
      const length = readSync(fd, room);
      if (length === 0) return;
      let piece = room.subarray(0, length);
      if (widen === undefined) {
        // The names in our header hold no line end.
        const end = piece.indexOf('\n') + 1;
        widen = piece.toString('latin1', 0, end).trim() === EARLIER_HEADER ? addingCell() : (bytes) => bytes;
        piece = piece.subarray(end);
      }
      file.writeBytes(widen(piece));
    }
  } finally {
    closeSync(fd);
  }
}

/** Adds an empty cell to each record of what comes piece by piece, as we write it. */
function addingCell(): (piece: Buffer) => Buffer {
  let isQuoted = false;
  const widen = (found: string): string => {
    if (found === '"') isQuoted = !isQuoted;
    return found === '\n' && !isQuoted ? ',\n' : found;
  };
  return (piece) => Buffer.from(piece.toString('latin1').replace(/["\n]/g, widen), 'latin1');
}
