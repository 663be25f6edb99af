import { closeSync, readSync } from 'node:fs';
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

/** @returns how many bytes there were; none where there is no such file */
function copyInto(file: ReplacedFile, path: string): number {
  const fd = orNothing(() => openOwn(path, 'read'));
  if (fd === undefined) return 0;
  try {
    const room = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const length = readSync(fd, room);
      if (length === 0) return file.bytes;
      file.writeBytes(room.subarray(0, length));
    }
  } finally {
    closeSync(fd);
  }
}
