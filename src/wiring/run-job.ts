import { registering } from '../batch/straight-life.js';
import type { AdministratorLock } from '../record/administrator-lock.js';
import { readChain } from '../manifest/manifest-file.js';
import { SentSignatures } from '../manifest/signature-digest.js';
import { SignatureRemarks } from '../plan/signature-remarks.js';
import { WarningTally } from '../report/warning-tally.js';
import { existsSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeSelection, describeSettings } from '../settings/settings.js';
import { columnHints, mapOf } from '../input/header.js';
import type { Reading } from '../input/dialect.js';
import { hiddenTexts, sheetText } from '../input/sheet-notice.js';
import { telling } from '../report/reporter.js';
import type { Reporter } from '../report/reporter.js';
import type { Settings } from '../settings/settings.js';
import type { Stem } from './stem-state.js';
import { InputError } from '../core/input-error.js';
import { JOURNAL_VERSION } from '../record/journal-entry.js';
import type { RunReport } from '../report/run-report.js';
import { orUsageError, toUsageError } from '../core/state-error.js';
import { UsageError } from '../core/usage-error.js';
import { syncWritten } from '../record/durable-file.js';
import { hearLacks } from '../disk/file-system.js';
import type { SavedKeys } from '../record/keys-file.js';
import type { StemFiles } from '../core/stem.js';
import { bootId } from '../record/process-identity.js';
import { readInputBytes } from '../input/input-bytes.js';
import { FailureLimit, parseMostFailures } from '../batch/failure-limit.js';
import { checkExpected } from './check-expected.js';
import { completeKilledRun } from './complete-killed-run.js';
import type { Job } from './job.js';
import { isWorkbook } from '../input/open-input.js';
import { openAdministratorLock, takeBeforehand } from './open-administrator.js';
import { openEdges } from './open-edges.js';
import { openServer } from './open-server.js';
import type { Server } from './open-server.js';
import { preflight } from './preflight.js';
import { findUnchanged, tellUnchanged } from './unchanged-run.js';
import { checkSelection, checkServer, keysReader, openStem } from './stem-state.js';
import { writeRows } from './write-rows.js';
import type { RunContext, RunWorld } from './run-world.js';
import { showName } from '../core/safe-text.js';

/**
 * Runs a job to its end and leaves its files complete. What a killed run left is completed first, as if that run had been
 * interrupted there; from then on this is a rerun like any other.
 * @throws {UsageError, InputError} before anything is sent; {StateError} when the files can't be completed
 */
export async function runJob(job: Job, world: RunWorld): Promise<RunReport> {
  const { settings } = world;
  const { rows, ...bytes } = await readInputBytes(job.input).catch(() => ({ rows: 0, sha256: '', size: 0 }));
  // What a workbook has in rows is known when it is read.
  const reporter = world.openReporter(isWorkbook(job.input) ? 0 : Math.ceil(rows / (job.part?.shard.count ?? 1)));
  const administratorLock = openAdministratorLock(settings, { ...world, warn: telling(reporter.warn, 'lock') });
  const endHearing = hearLacks(telling(reporter.warn, 'file_system'));
  try {
    for (const warning of settings.warnings) reporter.warn('setting', warning);
    if (world.lock.takenOver !== undefined) reporter.warn('lock', world.lock.takenOver);
    // A run that was killed, or whose disk failed, may not have synced the keys that the results are to tell of.
    orUsageError(() => syncWritten(job.files.keys));
    // Nothing is sent between a killed run's completion and this run: both go by the same keys.
    const readKeys = keysReader(job);
    if (existsSync(job.files.journal)) await completeKilledRun(job, world, { reporter, readKeys });
    const stem = await openStem(job, settings);
    readChain(job.files.manifest);
    const approval = await checkExpected(stem.input, bytes.sha256, world);
    const earlier = await findUnchanged(job, settings, { ...stem, inputDigest: bytes.sha256 });
    const start = earlier === undefined ? { state: { ...stem, ...(await readKeys()) } } : { earlier };
    checkServer(job, stem, settings.server);
    checkSelection(settings, stem);
    tellSheet(stem, settings, reporter);
    for (const { text } of columnHints(stem.input.header)) reporter.warn('input', text);
    if (start.state?.savedKeys.isTorn)
      reporter.warn(
        'keys',
        `${showName(job.files.keys)}: an unfinished last line was cut off; its key was never reported as saved`,
      );
    if (start.state !== undefined) await takeBeforehand(administratorLock, settings);
    const server = openServer({ ...world, warn: reporter.warn, knownKeys: start.state?.knownKeys });
    const { time } = server;
    world.onClock?.(() => time.offsetMs);
    try {
      await preflight(settings, time, reporter);
      const timed = { ...world, clock: time.clock };
      const { state } = start;
      if (state !== undefined) {
        return await sendRows({ job, world: timed, reporter, state, server, administratorLock, bytes, approval });
      }
      reporter.note(
        'unchanged',
        'nothing has changed since the last run, and every row is done: the results stay as they are',
      );
      return tellUnchanged(job, timed, { ...start.earlier, approval });
    } finally {
      await server.close();
    }
  } finally {
    administratorLock.release();
    endHearing();
    reporter.end();
  }
}

function tellSheet(
  { input: { sheet } }: Stem,
  { visibleOnly }: Pick<Settings, 'visibleOnly'>,
  reporter: Reporter,
): void {
  if (sheet === undefined) return;
  reporter.note('input', sheetText(sheet));
  for (const text of hiddenTexts(sheet, visibleOnly)) reporter.warn('input', text);
}

/** A sheet by its name, since another one may be the first by the time that somebody goes on. */
export function readingOf(settings: Settings, { input }: Stem): Reading {
  const { encoding, delimiter, sheet, headerLine, unwrapFormulas } = settings;
  const columns = mapOf(input.header);
  return { encoding, delimiter, sheet: input.sheet?.name ?? sheet, headerLine, unwrapFormulas, columns };
}

type SendingContext = Omit<RunContext, 'tally' | 'watch' | 'countKeys' | 'sentSignatures'> & {
  readonly server: Server;
  readonly administratorLock: AdministratorLock;
};

async function sendRows(context: SendingContext): Promise<RunReport> {
  const { job, world, reporter, state, server, administratorLock } = context;
  const { clock, settings } = world;
  const { edges, proofs, countKeys, close } = orUsageError(() => {
    try {
      return openEdges({ ...world, reporter, server, administratorLock, files: job.files, state });
    } catch (error) {
      leaveNothing(job.files, state.savedKeys);
      throw error;
    }
  });
  world.onSending();
  world.lock.onLost((reason) => edges.stop.stop({ kind: 'stopped', reason }));
  try {
    edges.journal.append({
      type: 'run',
      version: JOURNAL_VERSION,
      id: world.runId,
      input: resolve(job.input),
      ...context.bytes,
      at: clock.now(),
      reading: readingOf(settings, state),
      signaturesDir: state.signaturesDir,
      bootId: bootId(),
      settings: describeSettings(settings),
      madeBy: world.origin,
      selection: describeSelection(settings),
    });
    await edges.journal.sync().catch((error: unknown) => {
      throw toUsageError(error);
    });
    const tally = new WarningTally(reporter.warn);
    const remarks = new SignatureRemarks((warning) => tally.add(warning));
    const readSignature = remarks.telling(edges.readSignature);
    const sentSignatures = new SentSignatures();
    const endRow = registering({ ...edges, send: sentSignatures.noting(edges.send), readSignature });
    return await writeRows(
      { ...context, ...{ countKeys, sentSignatures, tally, countConnections: server.countConnections } },
      {
        concurrency: settings.concurrency,
        stop: edges.stop,
        endRow: (row, slot, line) => {
          remarks.note(row.registration, line);
          return endRow(row, slot);
        },
        failures: new FailureLimit(parseMostFailures(settings.maxFailures)),
        showProgress: reporter.progress,
        proofs,
        onWindowFull: () =>
          reporter.warn('window', 'the oldest unfinished row holds up the others until it is settled'),
      },
    );
  } catch (error) {
    // The input broke before anything was sent, or no row of it was meant: there is nothing to go on with.
    if (error instanceof InputError || error instanceof UsageError) leaveNothing(job.files, state.savedKeys);
    throw error;
  } finally {
    await close();
  }
}

/** Takes away what a run made that sent nothing: its journal, and a keys file without a key. */
function leaveNothing({ journal, keys }: StemFiles, { length, missing }: SavedKeys): void {
  if (existsSync(journal)) rmSync(journal, { force: true });
  const size = statSync(keys, { throwIfNoEntry: false })?.size ?? Infinity;
  if (length === 0 && size <= Buffer.byteLength(missing)) rmSync(keys, { force: true });
}
