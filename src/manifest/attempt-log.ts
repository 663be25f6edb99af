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
    orStateError(path, () => copyLog(file, path));
    if (file.bytes === 0) writer.writeRecord(ATTEMPT_COLUMNS);
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
    for (const log of [path, ...shardPaths]) orStateError(path, () => copyLog(file, log));
    if (file.bytes === 0) writer.writeRecord(ATTEMPT_COLUMNS);
    return { file, sha256: writer.finish() };
  } catch (error) {
    file.discard();
    throw error;
  }
}

/** If it is there; its header where nothing stands before it. A version before this wrote all without the last column. */
function copyLog(file: ReplacedFile, path: string): void {
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
        const header = piece.toString('latin1', 0, piece.indexOf('\n') + 1);
        const isEarlier = header.trim() === EARLIER_HEADER;
        widen = isEarlier ? addingCell() : (bytes) => bytes;
        // Another one is not ours to change.
        if (file.bytes === 0) file.write(isEarlier ? `${ATTEMPT_COLUMNS.join(',')}\n` : header);
        piece = piece.subarray(header.length);
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
