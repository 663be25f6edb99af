import { describeSettings } from '../settings/settings.js';
import type { Settings } from '../settings/settings.js';
import { readVersion } from '../help/version.js';
import { expectedUnchanged, isSame } from '../report/unchanged.js';
import type { Unchanged } from '../report/run-report.js';
import { mapOf } from '../input/header.js';
import { repeatReport } from '../report/run-report.js';
import type { RunReport } from '../report/run-report.js';
import { SummaryCounter } from '../report/summary.js';
import { selectsAll } from '../plan/selection.js';
import { orUsageError, StateError } from '../core/state-error.js';
import { namesOf } from '../core/table.js';
import { ReplacedFile, statOwn } from '../record/replaced-file.js';
import { readInputBytes } from '../input/input-bytes.js';
import type { OutputTexts } from '../record/outputs.js';
import { readLastManifest } from '../manifest/manifest-file.js';
import type { Manifest } from '../manifest/manifest.js';
import { repeatProof } from './run-proof.js';
import type { Job } from './job.js';
import type { Stem } from './stem-state.js';
import type { RunContext, RunWorld } from './run-world.js';

type Digests = Pick<Unchanged, 'input' | 'results' | 'failed'>;

/** What a run leaves; nothing when its input has changed while its rows were read, or a file can't be known again. */
export async function describeUnchanged(job: Job, digests: Digests): Promise<Unchanged | undefined> {
  return (await digestOf(job.input)) === digests.input ? withKeys(job, digests) : undefined;
}

export async function findUnchanged(
  job: Job,
  settings: Settings,
  { input, earlier, dialect, signaturesDir, inputDigest }: Stem & { readonly inputDigest: string },
): Promise<UnchangedRun | undefined> {
  const { results, failed, manifest } = job.files;
  const rerun = {
    input: job.input,
    isFirstInput: input.header.added === undefined,
    columns: mapOf(input.header),
    encoding: dialect.encoding,
    signaturesDir,
    settings: describeSettings(settings),
    selectsAll: selectsAll(settings),
  };
  const expected = expectedUnchanged(earlier, rerun);
  if (expected === undefined || statOwn(results) === undefined || statOwn(failed) === undefined) return undefined;
  const digests = { input: inputDigest, results: await digestOf(results), failed: await digestOf(failed) };
  const proof = readLastManifest(manifest);
  if (earlier === undefined || proof?.results.sha256 !== digests.results) return undefined;
  return isSame(expected, withKeys(job, digests)) ? { report: earlier, proof } : undefined;
}

/** What the last run said of itself. */
export interface UnchangedRun {
  readonly report: RunReport;
  readonly proof: Manifest;
}

/** Tells of a run that found all as the last one left it: the results stay in their places. @throws {UsageError, StateError} */
export function tellUnchanged(
  job: Job,
  { lock, clock, runId, origin, nextCommand }: RunWorld,
  { report: earlier, proof, approval }: UnchangedRun & Pick<RunContext, 'approval'>,
): RunReport {
  const { files } = job;
  const lost: string[] = [];
  lock.onLost((reason) => lost.push(reason));
  // Whoever has it now may have left another summary.
  if (lost.length > 0) throw new StateError(files.summary, new Error(lost.join()));
  const report = repeatReport(earlier, {
    id: runId,
    madeBy: origin,
    // Nothing is left, as of no rows.
    nextCommand: nextCommand(new SummaryCounter().result(undefined)),
    now: clock.now(),
  });
  orUsageError(() => {
    const texts = repeatProof(job, { last: proof, approval }, report);
    for (const name of namesOf<keyof OutputTexts>(texts)) {
      const file = new ReplacedFile(files[name]);
      file.write(texts[name]);
      file.replace();
    }
  });
  return report;
}

function withKeys({ files }: Job, digests: Digests): Unchanged | undefined {
  const keys = statOwn(files.keys);
  if (keys === undefined) return undefined;
  const { input, results, failed } = digests;
  return {
    program: readVersion(),
    input,
    results,
    failed,
    keys: `${keys.bytes} bytes, ${keys.changedAt.toISOString()}`,
  };
}

/** Of a file that can't be read, the digest of none. */
function digestOf(path: string): Promise<string> {
  return readInputBytes(path).then(
    ({ sha256 }) => sha256,
    () => '',
  );
}
