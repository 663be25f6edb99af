/*
 * The long suite is what lies in files whose names end in .long.test.ts: tests of the large, and those of their neighbours
 * of which `npm test` tries a sample.
 */
const isLong = process.env['SUITE'] === 'long';

/** So many runs of a law, by new dice each time; else a tenth of them, by the same dice. */
export function runs(count: number): { readonly numRuns: number; readonly seed?: number } {
  return isLong ? { numRuns: count } : { numRuns: Math.ceil(count / 10), seed: 1 };
}

/** Each one in its turn; else each `size`-th. */
export function step(size: number): number {
  return isLong ? 1 : size;
}

/** Each of a corpus; else each `size`-th. */
export function every<Item>(size: number, corpus: readonly Item[]): readonly Item[] {
  return corpus.filter((_, at) => at % step(size) === 0);
}

/** How much of a thing there is. */
export function size({ long, short }: { readonly long: number; readonly short: number }): number {
  return isLong ? long : short;
}
