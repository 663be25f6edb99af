/** How many there are of each name. */
export type Counts = Readonly<Record<string, number>>;

/** Names that either has, with what both have of them. */
export function addCounts(some: Counts, more: Counts): Counts {
  const names = new Set([...Object.keys(some), ...Object.keys(more)]);
  return Object.fromEntries([...names].map((name) => [name, (some[name] ?? 0) + (more[name] ?? 0)]));
}

/** Of each of these what all come to. */
export function sumCounts(all: readonly Counts[]): Counts {
  return all.reduce<Counts>(addCounts, {});
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
