/*
 * The long suite is what lies in files whose names end in .long.test.ts: tests of the large, and those of their neighbours
 * of which `npm test` tries a sample. Of the largest corpora the long suite tries a sample too: SUITE=whole takes all.
 */
const { SUITE } = process.env;
export const isWhole = SUITE === 'whole';
const isLong = isWhole || SUITE === 'long';
/** The long suite takes a sample of what `npm test` thins out more than so much. */
const LONG_STEP = 20;

/** So many runs of a law, by new dice each time; else a tenth of them, by the same dice. */
export function runs(count: number): { readonly numRuns: number; readonly seed?: number } {
  return isLong ? { numRuns: count } : { numRuns: Math.ceil(count / 10), seed: 1 };
}

/** Each one in its turn; else each `size`-th, and in the long suite some twenty times as many. */
export function step(size: number): number {
  if (isWhole) return 1;
  return isLong ? Math.ceil(size / LONG_STEP) : size;
}

/** Each of a corpus; else each `size`-th. */
export function every<Item>(size: number, corpus: readonly Item[]): readonly Item[] {
  return corpus.filter((_, at) => at % step(size) === 0);
}

/** How much of a thing there is. */
export function size({ long, short }: { readonly long: number; readonly short: number }): number {
  return isLong ? long : short;
}
