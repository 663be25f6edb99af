import { countText } from '../report/count-text.js';
import { ALLOWANCE_NAMES } from '../core/allowance.js';
import { existsSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import type { RunEntry } from '../record/journal-entry.js';
import type { Reporter } from '../report/reporter.js';
import { isSameFile } from '../core/same-file.js';
import { UsageError } from '../core/usage-error.js';
import { readInputBytes } from '../input/input-bytes.js';
import { readSummary } from '../record/summary-file.js';
import { tellChanged } from '../plan/tell-changed.js';
import { RunStop } from '../core/run-stop.js';
import { CUT_OFF } from '../core/stop.js';
import { FailureLimit } from '../batch/failure-limit.js';
import { endUnreached } from '../batch/row-attempt.js';
import type { RunEdges } from '../batch/run.js';
import type { PlannedRows } from '../plan/plan-context.js';
import { WarningTally } from '../report/warning-tally.js';
import { otherInput } from './job.js';
import type { Job } from './job.js';
import { checkKilledServer, readKilledRun } from './killed-run.js';
import type { KilledRun } from './killed-run.js';
import { JournaledSignatures } from '../manifest/signature-digest.js';
import { placeRest } from '../record/outputs.js';
import { openSignatureReader } from '../signature/signature-reader.js';
import { readStemState } from './stem-state.js';
import type { StemKeys } from './stem-state.js';
import { writeRows } from './write-rows.js';
import type { RunWorld } from './run-world.js';
import { showName } from '../core/safe-text.js';

/** Completes the files of a killed run with what its journal knows, and sends nothing. */
export async function completeKilledRun(job: Job, world: RunWorld, edges: CompletionEdges): Promise<void> {
  const killedRun = readKilledRun(job.files.journal);
  if (killedRun === undefined) {
    // The kill came before the first entry: nothing was sent.
    rmSync(job.files.journal);
    return;
  }
  try {
    await complete(killedRun, { job, world, ...edges });
  } finally {
    killedRun.close();
  }
}

async function complete(killedRun: KilledRun, context: Context): Promise<void> {
  const { entry, replay, tornBytes } = killedRun;
  const { job, world, reporter, readKeys } = context;
  const { settings } = world;
  if (job.part !== undefined && (await readInputBytes(job.input)).sha256 !== entry.sha256)
    throw otherInput(job.files.journal, job.part.whole, entry.sha256);
  if (readSummary(job.files.summary)?.run_id === entry.id) {
    reporter.note(
      'killed_run',
      'an earlier run was cut off while it put its files in their places: they are there now',
    );
    await placeFiles(job, entry);
    return;
  }
  checkKilledServer(job, entry, settings.server);
  const killedJob = { ...job, input: findInput(job, entry) };
  const { done, inDoubt, left } = replay.counts();
  const what = entry.undo === undefined ? 'run' : 'undo';
  const torn = tornBytes > 0 ? `; an unfinished last entry (${tornBytes} bytes) was cut off` : '';
  const changed =
    (await readInputBytes(killedJob.input)).sha256 === entry.sha256 ? '' : '; the input has changed since';
  reporter.note(
    'killed_run',
    `an earlier ${what} was cut off: ${countText(done, 'row')} done, ${inDoubt} in doubt, ${left} left of those it came to${torn}${changed}; going on`,
  );
  // That run read what it was given.
  const reading = { ...entry.reading, signaturesDir: entry.signaturesDir, allowed: ALLOWANCE_NAMES };
  const state = await readStemState(killedJob, reading, readKeys);
  const common = {
    job: killedJob,
    world,
    reporter,
    state,
    bytes: { sha256: entry.sha256, size: entry.size },
    countKeys: () => state.savedKeys.count,
  };
  if (entry.undo !== undefined) {
    await world.completeUndo({ killed: killedRun, way: entry.undo, context: common });
    return;
  }
  const folder = settings.signaturesDir ?? state.signaturesDir;
  const tally = new WarningTally(reporter.warn);
  const watch = (planned: PlannedRows): PlannedRows =>
    tellChanged(planned, {
      contentInDoubt: (key) => replay.contentInDoubt(key),
      defaultStatus: settings.defaultStatus,
      allowed: settings.allowed,
      readSignature: openSignatureReader(folder, { checks: 'basic', trust: [] }, world.clock),
      warn: (warning) => tally.add(warning),
    });
  const runContext = {
    ...common,
    // Whoever let it go did so when it began; its journal does not tell.
    approval: null,
    sentSignatures: new JournaledSignatures((key) => replay.contentOf(key)),
    tally,
    watch,
  };
  await writeRows(runContext, sendingNothing(), killedRun);
}

export interface CompletionEdges {
  readonly reporter: Reporter;
  readonly readKeys: () => Promise<StemKeys>;
}

interface Context extends CompletionEdges {
  readonly job: Job;
  readonly world: RunWorld;
}

/** What was corrected in the failed file since the kill is for the next run to read. */
async function placeFiles({ files }: Job, { input, sha256 }: RunEntry): Promise<void> {
  const isNamedSo = basename(input) === basename(files.failed) && existsSync(files.failed);
  const isOverFailed = isNamedSo || isSameFile(input, files.failed);
  const isCorrected = isOverFailed && (await readInputBytes(files.failed)).sha256 !== sha256;
  placeRest(files, { isFailedKept: isCorrected });
}

/** The input of a killed run, also when its folder has another path now, as in another container. */
function findInput({ input, files }: Job, entry: RunEntry): string {
  if (entry.undo !== undefined) return files.results;
  if (existsSync(entry.input)) return entry.input;
  if (basename(entry.input) === basename(input)) return input;
  throw new UsageError([
    `${showName(files.journal)} is of a killed run over ${showName(entry.input)}, which is not there: put it back, or use --fresh`,
  ]);
}

/** A run that was stopped before it began: what the journal doesn't know of is left as it was. */
export function sendingNothing(): Omit<RunEdges, 'writeRow'> {
  const stop = new RunStop();
  stop.stop({ kind: 'interrupted', reason: CUT_OFF });
  return {
    concurrency: 1,
    stop,
    endRow: (row) => endUnreached(row, 'cut_off'),
    failures: new FailureLimit(undefined),
    showProgress: () => undefined,
    onWindowFull: () => undefined,
  };
}
