import { closeSync, readSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import { KEYS_CSV } from './keys-file.js';
import type { KeyPlace } from './keys-file.js';
import { openOwn } from '../disk/own-file.js';

/** A line of the keys file that has a key. */
export interface ReadKey {
  readonly username: string;
  readonly key: string;
  /** As it stands there. */
  readonly registeredAt: string;
  /** How key and object are written, where they are no plain text. */
  readonly written: string;
}

/** A line is most often next to the one before, or in the part that another run wrote: so much is read at once, in bytes. */
const WINDOW_BYTES = 16 * 1024;

/** Reads single lines of a keys file, by their places, in any order. */
export class KeyReader {
  readonly #fd: number;
  #room = Buffer.allocUnsafe(WINDOW_BYTES);
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;

  constructor(path: string) {
    this.#fd = openOwn(path, 'read');
  }

  read({ start, end }: Pick<KeyPlace, 'start' | 'end'>): ReadKey {
    const [username = '', key = '', registeredAt = '', written = ''] = parseLine(this.#bytes(start, end));
    return { username, key, registeredAt, written };
  }

  close(): void {
    closeSync(this.#fd);
  }

  #bytes(start: number, end: number): Buffer {
    const isIn = start >= this.#windowStart && end <= this.#windowStart + this.#window.length;
    if (!isIn) {
      if (this.#room.length < end - start) this.#room = Buffer.allocUnsafe(end - start);
      this.#window = this.#room.subarray(0, readSync(this.#fd, this.#room, 0, this.#room.length, start));
      this.#windowStart = start;
    }
    return this.#window.subarray(start - this.#windowStart, end - this.#windowStart);
  }
}

function parseLine(line: Buffer): readonly string[] {
  // Nearly all are plain, and a parser takes twenty times as long to begin with one.
  const text = line.toString('utf8');
  if (!text.includes('"'))
    return text
      .replace(/^\ufeff/, '')
      .replace(/[\r\n]+$/, '')
      .split(',');
  for (const closing of ['', '"']) {
    try {
      const [cells = []]: string[][] = parse(Buffer.concat([line, Buffer.from(closing)]), KEYS_CSV);
      return cells;
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
    }
  }
  throw new Error('a line of the keys file was read before and can not be read again');
}
