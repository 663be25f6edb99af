import { closeSync, createReadStream, fsyncSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { showName } from '../core/safe-text.js';
import { orStateError } from '../core/state-error.js';
import { UsageError } from '../core/usage-error.js';
import { keepPrivate, syncFolder } from '../disk/file-system.js';
import { openOwn, orNothing } from '../disk/own-file.js';
import type { RoundKeys } from '../manifest/round.js';
import { openCsvText } from '../record/csv-text.js';
import { KEYS_CSV, readSavedKeys } from '../record/keys-file.js';

const CHUNK_BYTES = 256 * 1024;
const toCsv = openCsvText({ delimiter: ',', lineEnd: '\n' });

/**
 * Appends the keys of shards to those of the whole. What is to stand there is the same every time, so whatever a kill has
 * left of it is gone on from: a key comes once, and none is taken away.
 * @param shardPaths the keys files of all shards, in their order
 * @throws {UsageError} when something else was written there since the shards began; {StateError}
 */
export async function appendKeys(path: string, before: RoundKeys, shardPaths: readonly string[]): Promise<void> {
  const { length, width } = await readSavedKeys(path, () => undefined);
  if (length < before.bytes) throw changed(path);
  const target = new ExpectedEnd(path, { from: before.bytes, to: length });
  try {
    target.add(Buffer.from(before.missing));
    for (const shardPath of shardPaths)
      for await (const lines of keyLines(shardPath, width)) target.add(Buffer.from(lines));
    target.finish();
  } finally {
    target.close();
  }
}

/** What is to stand behind a place of a file: as far as it stands there it is compared, and the rest is written. */
class ExpectedEnd {
  readonly #path: string;
  readonly #fd: number;
  #at: number;
  readonly #end: number;

  constructor(path: string, { from, to }: { readonly from: number; readonly to: number }) {
    this.#path = path;
    this.#at = from;
    this.#end = to;
    this.#fd = orStateError(path, () => {
      closeSync(openOwn(path, 'append'));
      const fd = openOwn(path, 'change');
      keepPrivate(path, fd);
      // An unfinished line: its key is in the file of its shard, or was never reported as saved.
      ftruncateSync(fd, to);
      return fd;
    });
  }

  add(bytes: Buffer): void {
    const known = bytes.subarray(0, Math.max(0, this.#end - this.#at));
    const found = Buffer.alloc(known.length);
    for (let at = 0; at < found.length;) at += readSync(this.#fd, found, at, found.length - at, this.#at + at);
    if (!found.equals(known)) throw changed(this.#path);
    orStateError(this.#path, () => {
      for (let at = known.length; at < bytes.length;)
        at += writeSync(this.#fd, bytes, at, bytes.length - at, this.#at + at);
    });
    this.#at += bytes.length;
  }

  finish(): void {
    if (this.#at < this.#end) throw changed(this.#path);
    orStateError(this.#path, () => {
      fsyncSync(this.#fd);
      syncFolder(this.#path);
    });
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** The lines beneath the header of a shard's keys, as the whole writes them, many at a time. */
async function* keyLines(path: string, width: number): AsyncGenerator<string> {
  const fd = orNothing(() => openOwn(path, 'read'));
  if (fd === undefined) return;
  const parser = parse(KEYS_CSV);
  const reading = pipeline(createReadStream(path, { fd, highWaterMark: CHUNK_BYTES }), parser);
  // Whoever reads the records is told.
  reading.catch(() => undefined);
  let text = '';
  let isHeader = true;
  // Rows of cells are what a parser gives that is told of no columns.
  for await (const cells of parser as AsyncIterable<string[]>) {
    // A file that was begun with fewer columns goes on so, but where a line has more to say.
    if (!isHeader) text += toCsv([cells.slice(0, (cells[3] ?? '') === '' ? width : cells.length)]);
    isHeader = false;
    if (text.length < CHUNK_BYTES) continue;
    yield text;
    text = '';
  }
  yield text;
}

function changed(path: string): UsageError {
  return new UsageError([
    `${showName(path)} has changed since the shards began, by more than the keys of these shards: put it back as it was then`,
  ]);
}
