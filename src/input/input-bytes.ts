import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { InputError } from '../core/input-error.js';

export interface InputBytes {
  /** SHA-256, hex. */
  readonly sha256: string;
  readonly size: number;
  /** As far as quotes and line ends tell, in whatever encoding: lines that hold something, but for the header. */
  readonly rows: number;
}

const CHUNK_BYTES = 256 * 1024;

/** Always into the same bytes: a stream would pile them up. @throws what the system says; {InputError} for a pipe */
export async function readInputBytes(path: string): Promise<InputBytes> {
  if (!statSync(path).isFile()) throw new InputError(path, 1, 'this is no regular file');
  const hash = createHash('sha256');
  let size = 0;
  const records = new RecordCount();
  const file = await open(path);
  try {
    const room = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(room);
      if (bytesRead === 0) break;
      const chunk = room.subarray(0, bytesRead);
      hash.update(chunk);
      size += bytesRead;
      records.add(chunk);
    }
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), size, rows: Math.max(0, records.end() - 1) };
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;

/** Counts the records of a CSV from its bytes alone: a line end within quotes is none, and neither is a blank line. */
class RecordCount {
  #count = 0;
  #isQuoted = false;
  #isBlank = true;

  add(chunk: Uint8Array): void {
    let at = 0;
    // An iterator would make an object for each byte.
    while (at < chunk.length) {
      const byte = chunk[at];
      if (byte === QUOTE) this.#isQuoted = !this.#isQuoted;
      if (byte !== LINE_FEED) this.#isBlank &&= byte === CARRIAGE_RETURN;
      else if (!this.#isQuoted) this.#endLine();
      at += 1;
    }
  }

  /** The last line may lack its end. */
  end(): number {
    this.#endLine();
    return this.#count;
  }

  #endLine(): void {
    if (!this.#isBlank) this.#count += 1;
    this.#isBlank = true;
  }
}

/** Copies standard input into a file, so that it can be read again by a rerun. A copy that breaks off is dropped. */
export async function spool(
  source: AsyncIterable<Buffer | string>,
  target: {
    readonly writeBytes: (bytes: Uint8Array) => void;
    readonly replace: () => void;
    readonly discard: () => void;
  },
): Promise<void> {
  try {
    for await (const chunk of source) target.writeBytes(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    target.replace();
  } catch (error) {
    target.discard();
    throw error;
  }
}
