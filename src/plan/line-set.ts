const CHUNK = 8192;

/** A set of line numbers, in a bit each: the rows of a file of ours are known by their lines. */
export class LineSet implements Iterable<number> {
  readonly #chunks = new Map<number, Uint32Array>();

  has(line: number): boolean {
    return ((this.#chunks.get(chunkOf(line))?.[wordOf(line)] ?? 0) & bitOf(line)) !== 0;
  }

  *[Symbol.iterator](): Generator<number> {
    for (const [number, chunk] of [...this.#chunks].sort(([a], [b]) => a - b)) {
      for (const [at, word] of chunk.entries()) {
        if (word === 0) continue;
        for (let bit = 0; bit < 32; bit += 1) {
          if ((word & (1 << bit)) !== 0) yield number * CHUNK + at * 32 + bit;
        }
      }
    }
  }

  add(line: number): boolean {
    if (this.has(line)) return false;
    let chunk = this.#chunks.get(chunkOf(line));
    if (chunk === undefined) this.#chunks.set(chunkOf(line), (chunk = new Uint32Array(CHUNK / 32)));
    chunk[wordOf(line)] = (chunk[wordOf(line)] ?? 0) | bitOf(line);
    return true;
  }

  delete(line: number): boolean {
    const chunk = this.#chunks.get(chunkOf(line));
    if (chunk === undefined || !this.has(line)) return false;
    chunk[wordOf(line)] = (chunk[wordOf(line)] ?? 0) & ~bitOf(line);
    return true;
  }
}

function chunkOf(line: number): number {
  return Math.floor(line / CHUNK);
}

function wordOf(line: number): number {
  return (line % CHUNK) >>> 5;
}

function bitOf(line: number): number {
  return 1 << (line % 32);
}
