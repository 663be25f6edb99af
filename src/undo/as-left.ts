import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { showName } from '../core/safe-text.js';
import type { StemFiles } from '../core/stem.js';
import { UsageError } from '../core/usage-error.js';
import { readInputBytes } from '../input/input-bytes.js';
import { readLastManifest } from '../manifest/manifest-file.js';

/** The results must be those that the last run or undo left. @param sha256 of them @throws {UsageError, InputError} */
export function checkResultsLeft({ manifest, results }: StemFiles, sha256: string): void {
  const last = readLastManifest(manifest);
  const name = showName(basename(results));
  const run = `run over ${name} first, which takes what it says for its own`;
  if (last === undefined) {
    const problem = `${showName(manifest)} is not there, so nobody can tell whether ${name} is as a run left it`;
    throw new UsageError([`${problem}: restore it, or ${run}`]);
  }
  if (last.results.sha256 === sha256) return;
  throw new UsageError([
    `${showName(results)} has changed since the last run, which ended at ${last.ended_at}: restore it, or ${run}`,
  ]);
}

/** Undo writes the failed file anew: no correction in it may go unread. @throws {UsageError, InputError} */
export async function checkFailedLeft({ manifest, failed }: StemFiles, remedy = 'run over it first'): Promise<void> {
  const last = readLastManifest(manifest);
  if (last === undefined || !existsSync(failed)) return;
  if ((await readInputBytes(failed)).sha256 === last.failed.sha256) return;
  throw new UsageError([
    `${showName(failed)} has changed since the last run, and undo writes it anew, without what was corrected in it: ${remedy}`,
  ]);
}
