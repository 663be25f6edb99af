import { accessSync, constants, existsSync, lstatSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '../core/clock.js';
import { errnoOf } from '../core/errno.js';
import { LockedError } from '../core/locked-error.js';
import { showName } from '../core/safe-text.js';
import { orStateError } from '../core/state-error.js';
import { namesOf } from '../core/table.js';
import { UsageError } from '../core/usage-error.js';
import { replace, syncFolder } from '../disk/file-system.js';
import { readInputBytes } from '../input/input-bytes.js';
import { readLastManifest } from '../manifest/manifest-file.js';
import { readRound, removeRound } from '../manifest/round-file.js';
import type { Round } from '../manifest/round.js';
import { describeShard } from '../plan/shard.js';
import type { Shard } from '../plan/shard.js';
import { takeLock } from '../record/lock.js';
import type { LockTaking } from '../record/lock.js';
import { placeRest } from '../record/outputs.js';
import { temporaryOf } from '../record/replaced-file.js';
import { readSummary } from '../record/summary-file.js';
import type { RunReport } from '../report/run-report.js';
import type { StemFiles } from '../core/stem.js';
import type { Job } from '../wiring/job.js';
import { digestOf, historyOf } from './history.js';
import { readLeftShard } from './left-shard.js';
import type { LeftShard } from './left-shard.js';
import { writeMerged } from './write-merged.js';
import type { MergeEdges } from './write-merged.js';

export interface MergeWorld extends MergeEdges {
  readonly clock: Clock;
  readonly holder: Pick<LockTaking, 'self' | 'isRunning'>;
  readonly filesOf: (shard: Shard) => StemFiles;
  readonly note: (text: string) => void;
}

/**
 * Makes the files of all shards those of one run. A summary that names the round decides: before it is in its place, a kill
 * leaves the shards as they were, and all is done anew; from then on the rest only has to be put in its places. The lock of
 * the whole must be ours.
 * @throws {UsageError, InputError, LockedError} when the shards are not one whole, naming what to do; {StateError}
 */
export async function mergeJob(job: Job, world: MergeWorld): Promise<RunReport> {
  const { files } = job;
  const round = readRound(files.shards);
  if (round === undefined) return tellMerged(job, world);
  const shards = shardsOf(round);
  await checkEnded(shards, world);
  checkKept(files);
  const decided = readSummary(files.summary);
  if (decided?.run_id === round.run_id) {
    world.note('an earlier merge was cut off: its files are put in their places');
    await placeMerged(files, round);
  } else await merge(job, round, world);
  keepShards(files, shards.map(world.filesOf));
  removeRound(files.shards);
  const report = readSummary(files.summary);
  if (report === undefined) throw new Error('the summary of a merge is in its place');
  return report;
}

function shardsOf({ shards: count }: Round): readonly Shard[] {
  return Array.from({ length: count }, (_, index) => ({ index, count }));
}

/** A merge may be repeated by whoever is not sure of it. */
function tellMerged({ files }: Job, { note }: MergeWorld): RunReport {
  const report = readSummary(files.summary);
  const last = readLastManifest(files.manifest);
  if (report === undefined || last?.shards === undefined || last.run_id !== report.run_id)
    throw new UsageError([
      `${showName(files.shards)} is not there: no shards have run that are not merged (run --shard k/n makes some)`,
    ]);
  note(`the shards are merged already: ${showName(files.results)} is as that merge left it`);
  return report;
}

/** Shards that begin from now on find the lock of the whole taken. */
async function checkEnded(shards: readonly Shard[], { clock, holder, filesOf }: MergeWorld): Promise<void> {
  for (const shard of shards) {
    const guarded = { name: describeShard(shard), remedy: 'then merge' };
    if (!existsSync(filesOf(shard).lock)) continue;
    const lock = await takeLock(filesOf(shard).lock, clock, { ...holder, force: false, guarded }).catch(
      (error: unknown) => {
        throw error instanceof LockedError
          ? new LockedError(`${describeShard(shard)} is running: ${error.message}`)
          : error;
      },
    );
    lock.release();
  }
}

/** What keeps the shards' files from being kept shows before anything is decided: no repetition would heal it. @throws {UsageError} */
function checkKept({ mergedShards }: StemFiles): void {
  const stats = lstatSync(mergedShards, { throwIfNoEntry: false });
  if (stats === undefined) return;
  const name = showName(mergedShards);
  if (!stats.isDirectory())
    throw new UsageError([`${name} is in the way: a folder of that name keeps the files of the shards: move it`]);
  try {
    accessSync(mergedShards, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = errnoOf(error);
    if (code === undefined) throw error;
    throw new UsageError([`${name} can't be written to (${code}): give this user the right to, or move it`]);
  }
}

async function merge(job: Job, round: Round, world: MergeWorld): Promise<void> {
  const { files } = job;
  const input = await findInput(job, round);
  await checkHistory(files, round);
  const left = await readShards(round, files, world);
  for (const { shard, report } of left)
    if (report.stopped_by !== null) world.note(`${describeShard(shard)} was stopped early: ${report.stopped_by}`);
  await writeMerged({ ...job, input }, { round, left, world });
}

/** The input as it was, under whatever of its names. */
async function findInput({ input, files }: Job, { input: { file, sha256 } }: Round): Promise<string> {
  const paths = [input, join(dirname(input), file), join(dirname(files.results), file)];
  for (const path of paths) if ((await digestOf(path)) === sha256) return path;
  throw new UsageError([
    `${showName(input)} is not the input of the shards, which was ${showName(file)} (SHA-256 ${sha256}): put that one back`,
  ]);
}

async function checkHistory(files: StemFiles, { history }: Round): Promise<void> {
  const now = await historyOf(files);
  const problems = (['results', 'summary'] as const)
    .filter((name) => now[name] !== history[name])
    .map((name) => `${showName(files[name])} has changed since the shards began: put it back as it was then`);
  if (problems.length > 0) throw new UsageError(problems);
}

/** All that is wrong is told at once. */
async function readShards(round: Round, { keys }: StemFiles, { filesOf }: MergeWorld): Promise<readonly LeftShard[]> {
  const left: LeftShard[] = [];
  const problems: string[] = [];
  for (const shard of shardsOf(round)) {
    const found = await readLeftShard(shard, filesOf(shard), { round, keys });
    if (typeof found === 'string') problems.push(found);
    else left.push(found);
  }
  if (problems.length > 0) throw new UsageError(problems);
  return left;
}

/** What was corrected in the failed file since a kill is for the next run to read. */
async function placeMerged(files: StemFiles, { input }: Round): Promise<void> {
  const isWaiting = input.file === basename(files.failed) && existsSync(temporaryOf(files.failed));
  const isFailedKept =
    isWaiting && existsSync(files.failed) && (await readInputBytes(files.failed)).sha256 !== input.sha256;
  placeRest(files, { isFailedKept });
}

/** The files of shards stay, out of the way of the next ones: in a folder with the number of the merge's manifest. */
function keepShards({ manifest, mergedShards }: StemFiles, shards: readonly StemFiles[]): void {
  const number = readLastManifest(manifest)?.number ?? 0;
  const folder = join(mergedShards, String(number));
  orStateError(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
  for (const files of shards)
    for (const name of namesOf(files)) {
      const path = files[name];
      if (name === 'lock' || !existsSync(path)) continue;
      orStateError(path, () => replace(path, join(folder, basename(path))));
    }
  orStateError(folder, () => {
    syncFolder(join(folder, 'any'));
    syncFolder(manifest);
  });
}
