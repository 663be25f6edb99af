import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { InputError } from '../core/input-error.js';

export interface InputBytes {
  /** SHA-256, hex. */
  readonly sha256: string;
  readonly size: number;
  /** Line ends, one that the last line lacks included: one more than its rows, or more where cells hold line ends. */
  readonly lineEnds: number;
}

const CHUNK_BYTES = 256 * 1024;

/**
 * Reads a file once, every chunk into the same bytes: a stream makes new ones, and what it lets go of lies in the memory
 * until a run is over that makes no other garbage meanwhile. @throws what the system says; {InputError} for a pipe, which could wait for ever */
export async function readInputBytes(path: string): Promise<InputBytes> {
  if (!statSync(path).isFile()) throw new InputError(path, 1, 'this is no regular file');
  const hash = createHash('sha256');
  let lineEnds = 0;
  let size = 0;
  let last: number | undefined;
  const file = await open(path);
  try {
    const room = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(room);
      if (bytesRead === 0) break;
      const chunk = room.subarray(0, bytesRead);
      hash.update(chunk);
      size += bytesRead;
      for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) lineEnds += 1;
      last = chunk.at(-1);
    }
  } finally {
    await file.close();
  }
  const isEnded = last === undefined || last === 0x0a;
  return { sha256: hash.digest('hex'), size, lineEnds: isEnded ? lineEnds : lineEnds + 1 };
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
