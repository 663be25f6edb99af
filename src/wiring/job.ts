import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Settings } from '../settings/settings.js';
import { shardStem, STANDARD_INPUT, stemFiles, stemOf, toPrefix, wholeStem, windowsNameProblem } from '../core/stem.js';
import type { StemFiles } from '../core/stem.js';
import type { Shard } from '../plan/shard.js';
import { isSameFile, isThere } from '../core/same-file.js';
import { UsageError } from '../core/usage-error.js';
import { foreignProblem } from '../disk/own-file.js';
import { ReplacedFile, temporaryOf } from '../record/replaced-file.js';
import { spool } from '../input/input-bytes.js';
import { backUp } from '../record/old-files.js';
import { showName } from '../core/safe-text.js';
import { sharedFolderProblem } from '../disk/shared-folder.js';

export interface Job {
  readonly input: string;
  readonly files: StemFiles;
  /** The input comes by standard input, and is copied to where `input` says. */
  readonly isSpooled: boolean;
  /** The files are those of a shard. */
  readonly part?: JobPart;
}

export interface JobPart {
  readonly shard: Shard;
  /** The files of the input as a whole: what earlier runs of it left is the history of every shard. */
  readonly whole: StemFiles;
}

type Place = Pick<Settings, 'name' | 'outDir'> & Partial<Pick<Settings, 'shard'>>;

/** Others may not write to a folder that is relied upon. @throws {UsageError} for such, and as {@link locateFiles} */
export function locateJob(inputPath: string, settings: Place & Pick<Settings, 'allowed'>): Job {
  return orShared(locateFiles(inputPath, settings), settings, 'give another --out-dir');
}

/** Finds the files of a run by its results. @throws {UsageError} as {@link locateJob} */
export function locateResults(path: string, settings: Pick<Settings, 'allowed'>): Job {
  const job = locateFiles(path, { name: undefined, outDir: undefined });
  return orShared(job, settings, 'move all files of the run to another one');
}

function orShared(job: Job, { allowed }: Pick<Settings, 'allowed'>, remedy: string): Job {
  const problem = sharedFolderProblem(dirname(job.files.results), allowed, remedy);
  if (problem !== undefined) throw new UsageError([problem]);
  return job;
}

/** Finds the files of an input, whose ever their folder is. @throws {UsageError} when names or folders don't fit */
export function locateFiles(inputPath: string, settings: Place): Job {
  const isSpooled = inputPath === STANDARD_INPUT;
  const { shard } = settings;
  if (isSpooled && shard !== undefined)
    throw new UsageError(['--shard: every shard reads the same input: give it as a file, and not by standard input']);
  if (isSpooled && (settings.name === undefined || settings.outDir === undefined)) {
    throw new UsageError(['standard input has neither a name nor a folder: give --name and --out-dir']);
  }
  const folder = settings.outDir ?? dirname(inputPath);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new UsageError([`${showName(folder)} is no folder: make it, or give another --out-dir`]);
  }
  const stem = settings.name ?? stemOf(basename(inputPath));
  const problem = sep === '\\' ? windowsNameProblem(stem) : undefined;
  if (problem !== undefined) throw new UsageError([`the name "${stem}" ${problem}: give another --name`]);
  const [prefix, input] = [toPrefix(folder, sep), isSpooled ? join(folder, `${stem}.csv`) : inputPath];
  const whole = stemFiles(prefix, stem);
  if (shard === undefined) return { input, files: whole, isSpooled };
  return { input, files: stemFiles(prefix, shardStem(stem, shard)), isSpooled, part: { shard, whole } };
}

/**
 * A run of the whole beside its shards would send their rows once more. The lock of the whole must be ours by then.
 * @throws {UsageError} until the shards are merged, and as {@link refusePart}
 */
export function refuseShards(job: Pick<Job, 'input' | 'files'>): void {
  refusePart(job);
  const { shards } = job.files;
  if (!existsSync(shards)) return;
  throw new UsageError([
    `${showName(shards)} is there: shards of this input run, or wait for their merge: merge them first, and then run what is left; ${unsentText(job.files)}`,
  ]);
}

/** Of a key that came to a shard all the same there is no other copy: its file is in nobody's way. */
export function unsentText(whole: Pick<StemFiles, 'shards'>): string {
  const name = basename(whole.shards);
  const others = name.replace(/s\.json$/, '-*');
  return `where no shard has sent anything, move ${showName(name)} away together with the files of its shards (${showName(others)}), but for keys files`;
}

/** What became of the rows of one input says nothing of those of another. @param name of a file that a shard left */
export function otherInput(name: string, { shards }: Pick<StemFiles, 'shards'>, sha256: string): UsageError {
  return new UsageError([
    `${showName(name)} is of a shard of another input (SHA-256 ${sha256}), which was never merged: put that input back in place of this one, take ${showName(shards)} away, and run and merge its shards first`,
  ]);
}

/** What a shard left is for it alone, and for the merge: the whole would know nothing of what else is done with it. @throws {UsageError} */
export function refusePart({ input, files }: Pick<Job, 'input' | 'files'>): void {
  const whole = wholeStem(basename(files.results).replace(/\.results\.csv$/, ''));
  if (whole === undefined) return;
  const folder = dirname(resolve(files.results));
  const { results, mergedShards } = stemFiles('', whole);
  const what = `${showName(input)} is of one of the shards`;
  const take = `take the files of the whole (${showName(results)} and the others`;
  throw new UsageError([
    basename(dirname(folder)) === mergedShards
      ? `${what}, which are merged: ${take}, two folders up)`
      : `${what}: merge them, and ${take})`,
  ]);
}

/** Somebody asks for what a merge is to make. @throws {UsageError} */
export function refuseUnmerged({ results, shards }: StemFiles): void {
  if (existsSync(results) || !existsSync(shards)) return;
  throw new UsageError([
    `${showName(results)} is not there, and ${showName(basename(shards))} is: shards of this input run, or wait for their merge, which makes it: merge them first`,
  ]);
}

/** What a run or an undo has done that did not come to its end yet, its results do not say. @throws {UsageError} */
export function refuseUnderWay({ journal }: StemFiles): void {
  if (!isThere(journal)) return;
  const problem = 'a run is under way, or was cut off: let it end, or repeat its command, which completes the results';
  throw new UsageError([`${showName(journal)} is there: ${problem}`]);
}

/** The stem must be ours by then. @throws {UsageError} as {@link checkFresh}; {StateError} */
export async function prepareJob(
  job: Job,
  settings: Pick<Settings, 'fresh'>,
  standardInput: AsyncIterable<Buffer | string>,
): Promise<void> {
  const { input, files, isSpooled } = job;
  checkFresh(job, settings);
  checkOwnFiles(files);
  if (settings.fresh) backUp([...replacedFiles(files), files.journal]);
  if (isSpooled) await spool(standardInput, new ReplacedFile(input));
}

/** What stands under a name of ours must be ours. @throws {UsageError} with all that is not, before anything is sent */
function checkOwnFiles(files: StemFiles): void {
  const { keys, journal, reserve } = files;
  const replaced = replacedFiles(files);
  const problems = [...replaced, ...replaced.map(temporaryOf), keys, journal, reserve].flatMap((file) => {
    const problem = foreignProblem(file);
    return problem === undefined ? [] : [`${showName(file)} is not used, as ${problem}`];
  });
  if (problems.length > 0) throw new UsageError(problems);
}

function replacedFiles({
  results,
  failed,
  summary,
  attempts,
  undone,
  manifest,
  digests,
}: StemFiles): readonly string[] {
  return [results, failed, summary, attempts, undone, manifest, digests];
}

/** @throws {UsageError} when starting over would take the input away */
export function checkFresh({ input, files }: Job, { fresh }: Pick<Settings, 'fresh'>): void {
  const isLeft = [files.results, files.failed].some(
    (file) => basename(file) === basename(input) || isSameFile(file, input),
  );
  if (fresh && isLeft) {
    throw new UsageError([`--fresh starts over from the first input, and ${showName(input)} is what a run left of it`]);
  }
}
