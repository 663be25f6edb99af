import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { registerRow } from '../batch/register-row.js';
import { endUnreached } from '../batch/row-attempt.js';
import { FailureLimit, parseMostFailures } from '../batch/failure-limit.js';
import { InputError } from '../core/input-error.js';
import { isSameFile } from '../core/same-file.js';
import { showName } from '../core/safe-text.js';
import { orUsageError, toUsageError } from '../core/state-error.js';
import { UsageError } from '../core/usage-error.js';
import { hearLacks } from '../disk/file-system.js';
import { readInputBytes } from '../input/input-bytes.js';
import { planUndo } from '../plan/plan-undo.js';
import type { UndoRules } from '../plan/plan-undo.js';
import { countText } from '../report/count-text.js';
import { isOtpTypeAsked, TOKEN_TYPE_NAMES } from '../row/token-type.js';
import { surveyUndo } from '../plan/undo-survey.js';
import type { UndoSurvey } from '../plan/undo-survey.js';
import type { PlannedRows } from '../plan/plan-context.js';
import { UNDO_JOURNAL_VERSION } from '../record/journal-entry.js';
import { syncWritten } from '../record/durable-file.js';
import { bootId } from '../record/process-identity.js';
import type { Reporter, Tell } from '../report/reporter.js';
import { telling } from '../report/reporter.js';
import type { RunReport } from '../report/run-report.js';
import { parseStatus } from '../row/registration.js';
import { describeSelection } from '../settings/settings.js';
import { completeKilledRun } from '../wiring/complete-killed-run.js';
import type { Job } from '../wiring/job.js';
import { openAdministratorLock, takeBeforehand } from '../wiring/open-administrator.js';
import { openServer } from '../wiring/open-server.js';
import { preflight } from '../wiring/preflight.js';
import { readingOf } from '../wiring/run-job.js';
import type { RunWorld } from '../wiring/run-world.js';
import { checkSelection, checkServer, keysReader, openStem } from '../wiring/stem-state.js';
import type { Stem } from '../wiring/stem-state.js';
import { checkFailedLeft, checkResultsLeft } from './as-left.js';
import { openUndoEdges } from './open-undo-edges.js';
import type { UndoSends } from './open-undo-edges.js';
import { checkSignatures } from './sent-signatures.js';
import { openUndone } from './undone-rows.js';
import { describeUndo, writeUndo } from './write-undo.js';
import type { WritingContext } from './write-undo.js';

export interface UndoAsked extends UndoSends {
  /** May what was counted be undone? Throws a {UsageError} when not. */
  readonly confirm: (survey: UndoSurvey) => Promise<void>;
}

export interface UndoEnd {
  readonly survey: UndoSurvey;
  /** Absent: there was nothing to do, and nothing was done. */
  readonly report: RunReport | undefined;
}

/**
 * Takes back what a job registered, to its end, and leaves its files complete. What a killed run or undo left is completed first.
 * @throws {UsageError, InputError} before anything is sent; {StateError} when the files can't be completed
 */
export async function undoJob(job: Job, world: RunWorld, asked: UndoAsked): Promise<UndoEnd> {
  const { settings, clock } = world;
  // One that has ended tells on, and draws nothing over the question.
  const before = world.openReporter(0);
  before.end();
  let reporter = before;
  const warn: Tell = (...told) => reporter.warn(...told);
  const administratorLock = openAdministratorLock(settings, { ...world, warn: telling(warn, 'lock') });
  const endHearing = hearLacks(telling(warn, 'file_system'));
  try {
    for (const warning of settings.warnings) before.warn('setting', warning);
    if (world.lock.takenOver !== undefined) before.warn('lock', world.lock.takenOver);
    // A run that was killed may not have synced the keys that the results are to tell of.
    orUsageError(() => syncWritten(job.files.keys));
    const readKeys = keysReader(job);
    // What its run would have said comes next is not known here, and to undo is not it.
    const completing = { ...world, nextCommand: () => undefined };
    if (existsSync(job.files.journal)) await completeKilledRun(job, completing, { reporter: before, readKeys });
    const bytes = await readInputBytes(job.input);
    const stem = await openResults(job, settings);
    checkResultsLeft(job.files, bytes.sha256);
    await checkFailedLeft(job.files);
    checkServer(job, stem, settings.server);
    const plan = await undoPlanner(job, stem, { ...settings, way: asked.way });
    const survey = await surveyUndo(plan(), () => clock.random());
    checkOtpType(survey, asked);
    await checkSignatures({ manifest: job.files.manifest, folder: stem.signaturesDir }, plan);
    await asked.confirm(survey);
    await checkUnchanged(job, bytes.sha256);
    await checkFailedLeft(job.files);
    if (survey.rows === 0) {
      // Of an undo that was killed when it had done all.
      rmSync(job.files.reserve, { force: true });
      return { survey, report: undefined };
    }
    reporter = world.openReporter(bytes.rows);
    await takeBeforehand(administratorLock, settings);
    const keys = await readKeys();
    const server = openServer({ ...world, warn, knownKeys: keys.knownKeys });
    try {
      await preflight(settings, server.time, reporter);
      const timed = { ...world, clock: server.time.clock };
      const state = { ...stem, ...keys };
      const told = { how: asked.way, ...(asked.otpType !== undefined && { otpType: asked.otpType }) };
      const counts = { countKeys: () => keys.savedKeys.count, countConnections: server.countConnections };
      const context = { job, world: timed, reporter, state, bytes, ...counts, told, ...asked };
      const report = await sendUndo({ ...context, planned: plan() }, { server, administratorLock });
      return { survey, report };
    } finally {
      await server.close();
    }
  } finally {
    administratorLock.release();
    endHearing();
    reporter.end();
  }
}

/** Somebody has said yes to what was counted, after however long. @throws {UsageError} */
async function checkUnchanged({ input }: Job, sha256: string): Promise<void> {
  if ((await readInputBytes(input)).sha256 === sha256) return;
  throw new UsageError([`${showName(input)} has changed since its rows were counted: repeat the command`]);
}

/** @throws {UsageError, InputError} when it is no results file of a run */
export async function openResults({ input, files }: Job, settings: Parameters<typeof openStem>[1]): Promise<Stem> {
  // Of a results file, nothing else needs to be said: the summary remembers it.
  const own = { delimiter: undefined, columns: undefined, sheet: undefined, headerLine: undefined };
  const stem = await openStem({ input, files, isSpooled: false }, { ...settings, ...own });
  // The failed file has none of the rows that were registered.
  if (stem.input.header.added !== undefined && isSameFile(input, files.results)) return stem;
  throw new UsageError([
    `${showName(input)} is no results file: give the one that a run wrote, as in users.results.csv`,
  ]);
}

/** Rows are planned anew each time: first to be counted, then to be sent. @throws {UsageError, InputError} */
export async function undoPlanner(
  { files }: Job,
  stem: Stem,
  { way, where, limit }: Omit<UndoRules, 'defaultStatus'>,
): Promise<() => PlannedRows> {
  checkSelection({ where }, stem);
  const undone = await openUndone(files, stem);
  const defaultStatus = parseStatus(String(stem.earlier?.settings['defaultStatus'] ?? ''));
  return () => planUndo({ results: stem.input, undone, rules: { way, where, limit, defaultStatus } });
}

/** @throws {UsageError} when nobody can know by which type a token is to be taken back */
export function checkOtpType({ byType }: UndoSurvey, { otpType }: Pick<UndoAsked, 'otpType'>): void {
  const rows = TOKEN_TYPE_NAMES.filter(isOtpTypeAsked).reduce((sum, name) => sum + byType[name], 0);
  if (rows === 0 || otpType !== undefined) return;
  throw new UsageError([
    `${countText(rows, 'OTP row is', 'OTP rows are')} to be undone, and no document says by which type the server takes back an offline OTP token (1 is mobile, 2 SMS, 3 challenge/response, 4 PKI): a wrong one would take another token from these people. Ask whoever runs the server, try it on one user (--otp-type N --where username=NAME), then give --otp-type N; or leave them out with --where token_type=pki`,
  ]);
}

type SendingContext = WritingContext & UndoSends & { readonly reporter: Reporter };

async function sendUndo(
  context: SendingContext,
  { server, administratorLock }: Pick<Parameters<typeof openUndoEdges>[0], 'server' | 'administratorLock'>,
): Promise<RunReport> {
  const { job, world, reporter, state, bytes, way } = context;
  const { clock, settings } = world;
  const opening = { ...world, reporter, server, administratorLock, files: job.files, state };
  const { edges, proofs, close } = orUsageError(() => openUndoEdges(opening, context));
  const { stop, journal } = edges;
  world.onSending();
  world.lock.onLost((reason) => stop.stop({ kind: 'stopped', reason }));
  try {
    journal.append({
      type: 'run',
      version: UNDO_JOURNAL_VERSION,
      id: world.runId,
      input: resolve(job.input),
      sha256: bytes.sha256,
      size: bytes.size,
      at: clock.now(),
      reading: readingOf(settings, state),
      signaturesDir: state.signaturesDir,
      bootId: bootId(),
      settings: describeUndo(context),
      madeBy: world.origin,
      selection: describeSelection(settings),
      undo: way,
    });
    await journal.sync().catch((error: unknown) => {
      throw toUsageError(error);
    });
    return await writeUndo(context, {
      concurrency: settings.concurrency,
      stop,
      endRow: (row, slot) =>
        stop.reason === undefined ? registerRow(row, edges, slot) : endUnreached(row, stop.reason.kind),
      failures: new FailureLimit(parseMostFailures(settings.maxFailures)),
      showProgress: reporter.progress,
      proofs,
      onWindowFull: () => reporter.warn('window', 'the oldest unfinished row holds up the others until it is settled'),
    });
  } catch (error) {
    // The input broke before anything was sent: there is nothing to go on with.
    if (error instanceof InputError || error instanceof UsageError) rmSync(job.files.journal, { force: true });
    throw error;
  } finally {
    await close();
  }
}
