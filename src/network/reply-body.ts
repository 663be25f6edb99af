import { isUtf8 } from 'node:buffer';

const UTF8 = new TextDecoder();
const BLOCK_BYTES = 4096;

/** Pieces of one byte would each keep all that was read with them: a smaller part is copied, unless it comes first. */
export class ReplyBody {
  readonly #pieces: Uint8Array[] = [];
  /** Bytes at the end of the last piece that hold nothing yet. */
  #room = 0;

  add(piece: Uint8Array): void {
    if (this.#pieces.length === 0) this.#pieces.push(piece);
    else if (piece.length * 2 < piece.buffer.byteLength) this.#copy(piece);
    else {
      this.#close();
      this.#pieces.push(piece);
    }
  }

  text(): string {
    this.#close();
    if (this.#pieces.length < 2) return UTF8.decode(this.#pieces[0]);
    const decoder = new TextDecoder();
    const texts = this.#pieces.map((piece) => decoder.decode(piece, { stream: true }));
    return texts.join('') + decoder.decode();
  }

  /** The bytes, a character each, where they are no UTF-8. */
  latin1(): string | undefined {
    this.#close();
    const bytes = Buffer.concat(this.#pieces);
    return isUtf8(bytes) ? undefined : bytes.toString('latin1');
  }

  #copy(piece: Uint8Array): void {
    if (piece.length > this.#room) {
      this.#close();
      this.#room = Math.max(BLOCK_BYTES, piece.length);
      this.#pieces.push(new Uint8Array(this.#room));
    }
    const block = this.#pieces.at(-1);
    block?.set(piece, block.length - this.#room);
    this.#room -= piece.length;
  }

  #close(): void {
    const last = this.#room > 0 ? this.#pieces.pop() : undefined;
    if (last !== undefined) this.#pieces.push(last.subarray(0, last.length - this.#room));
    this.#room = 0;
  }
}
