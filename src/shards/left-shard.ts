import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { auditChain } from '../checks/audit-chain.js';
import { auditRows, compareRows } from '../checks/audit-rows.js';
import { Differences } from '../checks/audit.js';
import { ALLOWANCE_NAMES } from '../core/allowance.js';
import type { StemFiles } from '../core/stem.js';
import type { RowFile } from '../input/file-row.js';
import { digestsOf, parseDigestList, toDigestList } from '../manifest/digest-list.js';
import { readChain } from '../manifest/manifest-file.js';
import { digestOfLine } from '../manifest/manifest-chain.js';
import type { Manifest, ShardFigures } from '../manifest/manifest.js';
import type { Round } from '../manifest/round.js';
import { restoreText } from './join-shards.js';
import { KeyTimes } from '../plan/key-times.js';
import { describeShard, shardText } from '../plan/shard.js';
import type { Shard } from '../plan/shard.js';
import { readSavedKeys } from '../record/keys-file.js';
import type { RunReport } from '../report/run-report.js';
import { AuditFiles, isUnread, openFile, orUnread, readText } from '../wiring/audit-files.js';

/** What the runs of one shard left, found to be as the last of them left it. */
export interface LeftShard {
  readonly shard: Shard;
  readonly files: StemFiles;
  readonly report: RunReport;
  readonly manifest: Manifest;
  readonly figures: ShardFigures;
  readonly results: RowFile;
}

export interface ShardsContext {
  readonly round: Round;
  /** The keys of the whole, before those of the shards. */
  readonly keys: string;
}

/** @returns what is left, or in words why it is no part of the whole, and what to do */
export async function readLeftShard(
  shard: Shard,
  files: StemFiles,
  context: ShardsContext,
): Promise<LeftShard | string> {
  const name = describeShard(shard);
  if (existsSync(files.journal)) return `${name} is under way, or was cut off: run ${name} again`;
  if (![files.results, files.summary, files.manifest].some((file) => existsSync(file)))
    return `${name} has not run: run ${name}`;
  const disk = new AuditFiles(files);
  const found = await audit(shard, disk, context);
  if (typeof found === 'string') return `${name}: ${found}: ${restoreText(shard)}`;
  const derived = await auditDerived(disk, found.manifest);
  return derived.isNone ? found : `${name}: ${derived.judge('').says}: run ${name} again, which writes it anew`;
}

async function audit(shard: Shard, disk: AuditFiles, { round, keys: wholeKeys }: ShardsContext) {
  const { files } = disk;
  const { audited, manifests } = auditChain(basename(files.manifest), readText(files.manifest));
  const manifest = manifests.at(-1);
  if (audited.verdict === 'bad' || manifest === undefined) return audited.says;
  const report = disk.readSummary();
  if (report === undefined) return `${basename(files.summary)} is not there`;
  if (isUnread(report)) return report.problem;
  const differences = new Differences();
  differences.addFigure('run_id', report.run_id, manifest.run_id);
  differences.addFigure('shard', shardText(shard), manifest.selection.shard ?? 'none');
  differences.addFigure('server', round.server, manifest.server);
  differences.addFigure('SHA-256 of the input', round.input.sha256, manifest.input.sha256);
  for (const name of ['results', 'summary'] as const) await disk.compare(files[name], manifest[name], differences);
  if (manifest.attempts !== null) await disk.compare(files.attempts, manifest.attempts, differences);
  if (!differences.isNone) return differences.judge('').says;
  const results = await openFile(files.results, readingOf(report));
  if (isUnread(results)) return results.problem;
  const said = await orUnread(() => auditLeft(results, { files, manifest, wholeKeys }));
  if ('problem' in said) return said.problem;
  differences.addAll(said);
  if (differences.count > 0) return differences.judge('').says;
  const { rows, hash_total, sha256 } = manifest.results;
  const figures: ShardFigures = {
    shard: shardText(shard),
    run_id: manifest.run_id,
    manifest: digestOfLine(readChain(files.manifest).at(-1) ?? ''),
    results: sha256,
    rows,
    hash_total,
    sent: manifests
      .filter(({ signatures }) => signatures?.count !== 0)
      .map(({ started_at, signatures }) => ({ started_at, signatures })),
  };
  return { shard, files, report, manifest, figures, results };
}

/** Rows among themselves, against the manifest, and against the keys. */
async function auditLeft(
  results: RowFile,
  { files, manifest, wholeKeys }: { files: StemFiles; manifest: Manifest; wholeKeys: string },
): Promise<Differences> {
  const keyTimes = new KeyTimes();
  const note = (username: string, savedAt: number): void => keyTimes.note(username, savedAt);
  await readSavedKeys(wholeKeys, note);
  const saved = await readSavedKeys(files.keys, note);
  const differences = new Differences();
  differences.addFigure(`lines of ${basename(files.keys)}`, saved.count, manifest.keys.count);
  differences.addFigure(`bytes of ${basename(files.keys)}`, saved.length, manifest.keys.bytes);
  const rows = await auditRows({ results, failed: undefined, keyTimes, onSigned: () => undefined });
  compareRows(rows, manifest, differences);
  [rows.results, rows.keys].forEach((found) => differences.addAll(found));
  return differences;
}

/** What follows from all else, so that no row hangs on it. */
async function auditDerived(disk: AuditFiles, manifest: Manifest): Promise<Differences> {
  const differences = new Differences();
  await disk.compare(disk.files.failed, manifest.failed, differences);
  await compareDigests(disk, manifest, differences);
  return differences;
}

/** Has the list what the manifest says, to the letter? */
export async function compareDigests(disk: AuditFiles, manifest: Manifest, differences: Differences): Promise<void> {
  const { digests, manifest: path } = disk.files;
  const [text = '', itself] = [readText(digests), await disk.figuresOf(path)];
  if (itself === undefined || text !== toDigestList(digestsOf(manifest, itself, parseDigestList(text))))
    differences.add(`${basename(digests)} does not have the digests of these files`);
}

function readingOf({ encoding, columns, settings }: RunReport) {
  const unwrapFormulas = settings['unwrapFormulas'] === true;
  const whole = { remembered: undefined, delimiter: undefined, sheet: undefined };
  return { ...whole, allowed: ALLOWANCE_NAMES, columns, unwrapFormulas, encoding };
}
