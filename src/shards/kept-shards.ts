import { basename, join, sep } from 'node:path';
import { Differences, skip } from '../checks/audit.js';
import type { Audited } from '../checks/audit.js';
import { showName } from '../core/safe-text.js';
import { shardStem, stemFiles, toPrefix } from '../core/stem.js';
import type { StemFiles } from '../core/stem.js';
import type { Manifest, ShardFigures } from '../manifest/manifest.js';
import { digestOfLine, parseChain, parseManifest } from '../manifest/manifest-chain.js';
import { parseShard } from '../plan/shard.js';
import { AuditFiles, readText } from '../wiring/audit-files.js';
import { compareDigests } from './left-shard.js';

/** Are the files of shards, where they are kept, those that were merged? Undefined: no run was a merge. */
export async function auditKeptShards(whole: StemFiles, manifests: readonly Manifest[]): Promise<Audited | undefined> {
  const merges = manifests.filter(({ shards }) => shards !== undefined);
  if (merges.length === 0) return undefined;
  const differences = new Differences();
  let kept = 0;
  for (const { number, shards = [] } of merges) {
    const left = shards.flatMap((figures) => leftBy(figures, whole, number) ?? []);
    // Somebody may remove all files of a merge, and nothing else.
    if (left.every(({ files }) => readText(files.manifest) === undefined)) continue;
    kept += left.length;
    for (const { figures, files } of left) await compareLeft(figures, new AuditFiles(files), differences);
  }
  const folder = showName(basename(whole.mergedShards));
  if (kept === 0) return skip(`${folder} has no files of shards any more`);
  return differences.judge(
    `the files of ${kept === 1 ? '1 shard' : `${kept} shards`} in ${folder} are those that were merged`,
  );
}

/** Where the merge has put what a shard left. */
function leftBy(
  figures: ShardFigures,
  { results, mergedShards }: StemFiles,
  number: number,
): { readonly figures: ShardFigures; readonly files: StemFiles } | undefined {
  const shard = parseShard(figures.shard);
  if (typeof shard !== 'object') return undefined;
  const stem = basename(results).replace(/\.results\.csv$/, '');
  return { figures, files: stemFiles(toPrefix(join(mergedShards, String(number)), sep), shardStem(stem, shard)) };
}

/** The manifest is the one that the merge names, and the others are what this one says. */
async function compareLeft(figures: ShardFigures, disk: AuditFiles, differences: Differences): Promise<void> {
  const { files } = disk;
  const line = parseChain(readText(files.manifest) ?? '')?.at(-1);
  const manifest = line === undefined ? undefined : parseManifest(line);
  if (line === undefined || manifest === undefined || digestOfLine(line) !== figures.manifest) {
    differences.add(`${basename(files.manifest)} is not there, or not the one that was merged`);
    return;
  }
  for (const name of ['results', 'failed', 'summary'] as const)
    await disk.compare(files[name], manifest[name], differences);
  if (manifest.attempts !== null) await disk.compare(files.attempts, manifest.attempts, differences);
  await compareDigests(disk, manifest, differences);
}
