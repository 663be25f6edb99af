import { hash } from 'node:crypto';
import type { Manifest, Unchained } from './manifest.js';

/** Manifests that a file keeps, the newest; a schedule adds one every day. */
export const MOST_MANIFESTS = 1000;

/** The texts of the manifests of a stem, the oldest first: each one line of a JSON array. */
export type Chain = readonly string[];

/** Undefined: this is no such file. Nothing is said of its links. */
export function parseChain(text: string): Chain | undefined {
  const [first, ...lines] = text.split('\n');
  const [last, end] = lines.splice(-2);
  if (first !== '[' || last !== ']' || end !== '' || lines.length === 0) return undefined;
  const isParted = lines.every((line, at) => line.endsWith(',') === at < lines.length - 1);
  return isParted ? lines.map((line) => line.replace(/,$/, '')) : undefined;
}

export function toChainText(chain: Chain): string {
  return `[\n${chain.join(',\n')}\n]\n`;
}

/** Undefined where it is none of ours: that it is as it was written, its digest tells. */
export function parseManifest(line: string): Manifest | undefined {
  try {
    const manifest: unknown = JSON.parse(line);
    return isManifest(manifest) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Looks at what is relied on; the rest is only compared. */
function isManifest(found: unknown): found is Manifest {
  if (!isTable(found) || found['version'] !== 1 || typeof found['number'] !== 'number') return false;
  const { input, results, failed, summary, keys, outcomes, retry, settings, started_at } = found;
  const tables = [input, results, failed, summary, keys, outcomes, retry, settings];
  if (!tables.every(isTable) || typeof started_at !== 'string') return false;
  const { approval, attempts, signatures } = found;
  if (![approval, attempts, signatures].every((told) => told === null || isTable(told))) return false;
  if (![found['undo'], found['undone']].every((told) => told === undefined || isTable(told))) return false;
  const { shards = [] } = found;
  if (!Array.isArray(shards) || !shards.every(isShard)) return false;
  return [input, results].every(
    (figures) => isTable(figures) && typeof figures['file'] === 'string' && isTable(figures['types']),
  );
}

function isShard(found: unknown): boolean {
  if (!isTable(found) || typeof found['shard'] !== 'string') return false;
  const { sent = [] } = found;
  return Array.isArray(sent) && sent.every(isRunOfShard);
}

function isRunOfShard(found: unknown): boolean {
  if (!isTable(found) || typeof found['started_at'] !== 'string') return false;
  return found['signatures'] === null || isTable(found['signatures']);
}

function isTable(found: unknown): found is Readonly<Record<string, unknown>> {
  return typeof found === 'object' && found !== null;
}

/** What the next one has for its `previous`: SHA-256, hex. */
export function digestOfLine(line: string): string {
  return hash('sha256', line, 'hex');
}

export function addToChain(chain: Chain, manifest: Unchained): Chain {
  const last = chain.at(-1);
  const number = (last === undefined ? 0 : (parseManifest(last)?.number ?? 0)) + 1;
  const previous = last === undefined ? null : digestOfLine(last);
  const place = { version: 1, number, previous } as const;
  const next: Manifest = { ...place, ...manifest, ...place };
  return [...chain.slice(1 - MOST_MANIFESTS), JSON.stringify(next)];
}
