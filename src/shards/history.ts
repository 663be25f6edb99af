import { existsSync } from 'node:fs';
import type { StemFiles } from '../core/stem.js';
import { readInputBytes } from '../input/input-bytes.js';
import type { RoundHistory } from '../manifest/round.js';

/** What the last run over the whole left, which the shards of a round go on from. */
export async function historyOf({ results, summary }: StemFiles): Promise<RoundHistory> {
  return { results: await digestOf(results), summary: await digestOf(summary) };
}

/** Hex; null where there is no such file. */
export async function digestOf(path: string): Promise<string | null> {
  return existsSync(path) ? (await readInputBytes(path)).sha256 : null;
}
