import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { InputError } from '../core/input-error.js';

/** What a file is known by, and how long a run over it will be. */
export interface InputBytes {
  /** SHA-256, hex. */
  readonly sha256: string;
  /** Line ends, one that the last line lacks included: one more than its rows, or more where cells hold line ends. */
  readonly lineEnds: number;
}

/** Reads a file once, in chunks. @throws what the system says; {InputError} for a pipe, which could wait for ever */
export async function readInputBytes(path: string): Promise<InputBytes> {
  if (!statSync(path).isFile()) throw new InputError(path, 1, 'this is no regular file');
  const hash = createHash('sha256');
  let lineEnds = 0;
  let last: number | undefined;
  // A stream without an encoding gives Buffers.
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) lineEnds += 1;
    last = chunk.at(-1);
  }
  return { sha256: hash.digest('hex'), lineEnds: last === undefined || last === 0x0a ? lineEnds : lineEnds + 1 };
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
