import { existsSync, rmSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { AdminSession } from '../gate/admin-session.js';
import type { RunEntry } from '../record/journal-entry.js';
import type { Reporter } from '../report/reporter.js';
import { UsageError } from '../core/usage-error.js';
import { Gate } from '../gate/gate.js';
import { readInputBytes } from '../input/input-bytes.js';
import { readSummary } from '../record/summary-file.js';
import { tellChanged } from '../plan/tell-changed.js';
import { RunStop } from '../core/run-stop.js';
import { FailureLimit } from '../batch/failure-limit.js';
import { Pace } from '../gate/pace.js';
import { RetryBudget } from '../gate/retry-budget.js';
import { Turns } from '../gate/turns.js';
import { Turnstile } from '../gate/turnstile.js';
import type { RunEdges } from '../batch/run.js';
import type { Job } from './job.js';
import { checkKilledServer, readKilledRun } from './killed-run.js';
import type { JournaledRun } from './killed-run.js';
import { placeRest } from '../record/outputs.js';
import { openSignatureReader } from '../signature/signature-reader.js';
import { openSignatureRules } from '../signature/signature-rules.js';
import { readStemState } from './stem-state.js';
import type { StemKeys } from './stem-state.js';
import { writeRows } from './write-rows.js';
import type { KilledRun } from './write-rows.js';
import type { RunWorld } from './run-world.js';

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

async function complete({ entry, replay, tornBytes }: JournaledRun, context: Context): Promise<void> {
  const { job, world, reporter, readKeys } = context;
  const { settings } = world;
  if (readSummary(job.files.summary)?.run_id === entry.id) {
    reporter.note('an earlier run was cut off while it put its files in their places: they are there now');
    await placeFiles(job, entry);
    return;
  }
  checkKilledServer(job, entry, settings.server);
  const killedJob = { ...job, input: findInput(job, entry) };
  const { done, inDoubt, left } = replay.counts();
  const torn = tornBytes > 0 ? `; an unfinished last entry (${tornBytes} bytes) was cut off` : '';
  const changed =
    (await readInputBytes(killedJob.input)).sha256 === entry.sha256 ? '' : '; the input has changed since';
  reporter.note(
    `an earlier run was cut off: ${done} rows done, ${inDoubt} in doubt, ${left} left of those it came to${torn}${changed}; going on`,
  );
  const state = await readStemState(killedJob, { ...entry.reading, signaturesDir: entry.signaturesDir }, readKeys);
  const folder = settings.signaturesDir ?? state.signaturesDir;
  const killed: KilledRun = {
    entry,
    replay,
    endedAt: Math.max(entry.at, Math.round(statSync(job.files.journal).mtimeMs)),
    watch: (rows, warn) =>
      tellChanged(rows, {
        contentInDoubt: (key) => replay.contentInDoubt(key),
        defaultStatus: settings.defaultStatus,
        readSignature: openSignatureReader(folder, openSignatureRules(settings, 'basic'), world.clock),
        warn,
      }),
  };
  await writeRows({ job: killedJob, world, reporter, state, sha256: entry.sha256 }, sendNothing(world), killed);
}

/** What completing a run needs beside its journal. */
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
  const isOverFailed = basename(input) === basename(files.failed) && existsSync(files.failed);
  const isCorrected = isOverFailed && (await readInputBytes(files.failed)).sha256 !== sha256;
  placeRest(files, isCorrected ? [files.results] : [files.results, files.failed]);
}

/** The input of a killed run, also when its folder has another path now, as in another container. */
function findInput({ input, files }: Job, entry: RunEntry): string {
  if (existsSync(entry.input)) return entry.input;
  if (basename(entry.input) === basename(input)) return input;
  throw new UsageError([
    `${files.journal} is of a killed run over ${entry.input}, which is not there: put it back, or use --fresh`,
  ]);
}

/** A run that was stopped before it began. */
function sendNothing({ clock }: RunWorld): Omit<RunEdges, 'writeRow'> {
  const nothing = (): never => {
    throw new Error('a run that only completes files sends nothing');
  };
  const stop = new RunStop();
  stop.stop({ kind: 'interrupted', reason: 'an earlier run was cut off' });
  const session = new AdminSession({
    ...{ clock, stop, maxOutageMs: 0, look: nothing, note: nothing },
    ...{ given: undefined, checkSession: nothing, logIn: undefined },
  });
  const pace = new Pace({ concurrency: 1, rate: undefined, maxOutageMs: 0 });
  const gate = new Gate(stop, session, new Turnstile({ clock, pace, stop, note: nothing }));
  return {
    clock,
    gate,
    turns: new Turns(new RetryBudget(), stop.signal),
    failures: new FailureLimit(undefined),
    maxAttempts: 1,
    concurrency: 1,
    readSignature: nothing,
    send: nothing,
    listTokens: nothing,
    fingerprintOf: nothing,
    saveKey: nothing,
    journal: { append: nothing, sync: nothing },
    showProgress: () => undefined,
    onWindowFull: () => undefined,
  };
}
