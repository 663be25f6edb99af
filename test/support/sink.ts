import type { OutputFile } from '../../src/record/result-writer.js';

/** A file in memory. */
export class Sink implements OutputFile {
  readonly #parts: Uint8Array[] = [];
  /** What became of it: such as `finished, placed`. */
  readonly ends: string[] = [];

  readonly writeBytes = (bytes: Uint8Array): void => void this.#parts.push(Buffer.from(bytes));
  readonly finish = (): string => {
    this.ends.push('finished');
    return 'digest';
  };
  readonly place = (): void => void this.ends.push('placed');
  readonly discard = (): void => void this.ends.push('discarded');

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
