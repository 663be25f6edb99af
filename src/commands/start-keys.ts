import { randomBytes, randomUUID } from 'node:crypto';
import { OUTCOMES } from '../row/outcome.js';
import type { Outcome } from '../row/outcome.js';
import { refuseOwn } from '../checks/annotated-copy.js';
import type { Command } from '../cli/arguments.js';
import { toHandOutLines } from '../cli/keys-text.js';
import type { Clock } from '../core/clock.js';
import { isColoured, openPaint } from '../core/colour.js';
import type { ExitCode } from '../core/exit-code.js';
import { isSameFile, isThere } from '../core/same-file.js';
import type { Process } from '../core/process.js';
import { showLines, showName, showText } from '../core/safe-text.js';
import { toUsageError } from '../core/state-error.js';
import { handOutName } from '../core/stem.js';
import { UsageError } from '../core/usage-error.js';
import type { KeyWriter } from '../handout/hand-out.js';
import { toHandOutReport } from '../handout/hand-out-report.js';
import type { HandOutReport } from '../handout/hand-out-report.js';
import { WithheldKeys } from '../handout/withheld.js';
import { takeLock } from '../record/lock.js';
import type { Lock } from '../record/lock.js';
import { describeSelf, describeUser, isRunning } from '../record/process-identity.js';
import { ReplacedFile } from '../record/replaced-file.js';
import { resolveValues } from '../settings/settings.js';
import type { SettingValues } from '../settings/settings.js';
import { openKeyForm } from '../wiring/key-form.js';
import { handOutJob } from '../wiring/hand-out-job.js';
import { locateResults, refusePart, refuseUnderWay, refuseUnmerged } from '../wiring/job.js';
import type { Job } from '../wiring/job.js';
import { endOnSignals } from '../wiring/signals.js';
import { openStem } from '../wiring/stem-state.js';

/** The `keys` command: the activation keys to those who hand them out. No network, and never beside a run. */
export async function startKeys(
  { results, flags }: Extract<Command, { name: 'keys' }>,
  { env, stdout, stderr }: Process,
  clock: Clock,
): Promise<ExitCode> {
  const settings = await resolveValues('keys', { flags, env });
  const note = (text: string): void => void stderr.write(`${showText(text, 2000)}\n`);
  settings.warnings.forEach(note);
  const job = locateResults(results, settings);
  refusePart(job);
  refuseUnmerged(job.files);
  let lock: Lock | undefined;
  let writer: KeyWriter | undefined;
  const stopListening = endOnSignals((signal) => {
    writer?.discard();
    lock?.release();
    stderr.write(`${signal}: ended; what the ledger tells of was handed out\n`);
  });
  try {
    const self = describeSelf(randomUUID(), clock);
    lock = await takeLock(job.files.lock, clock, { self, isRunning, force: settings.takeLock }).catch(
      (error: unknown) => {
        throw toUsageError(error);
      },
    );
    if (lock.takenOver !== undefined) note(lock.takenOver);
    const report = await handOutKeys(job, { settings, clock, lock, note, onOpen: (opened) => (writer = opened) });
    const paint = openPaint(isColoured(stdout, env, settings.color));
    stdout.write(settings.json ? `${JSON.stringify(report)}\n` : toHandOutLines(report, paint));
    return report.exit_code;
  } finally {
    stopListening();
    lock?.release();
  }
}

interface KeysWorld {
  readonly settings: SettingValues<'keys'>;
  readonly clock: Clock;
  readonly lock: Lock;
  readonly note: (text: string) => void;
  readonly onOpen: (writer: KeyWriter) => void;
}

async function handOutKeys(job: Job, { settings, clock, lock, note, onOpen }: KeysWorld): Promise<HandOutReport> {
  const { input: results, files } = job;
  refuseUnderWay(files);
  // Of a results file, nothing else needs to be said: the summary remembers it.
  const given = { delimiter: undefined, columns: undefined, sheet: undefined, signaturesDir: undefined };
  const { input } = await openStem(job, { ...given, ...settings });
  // The failed file has none of the rows whose keys these are.
  if (input.header.added === undefined || !isSameFile(results, files.results)) {
    throw new UsageError([
      `${showName(results)} is no results file: give the one that a run wrote, as in users.results.csv`,
    ]);
  }
  const form = await openKeyForm(settings, input, clock.now());
  const withheld = new WithheldKeys(settings.again);
  let lostBy: string | undefined;
  lock.onLost((reason) => (lostBy = reason));
  const end = await handOutJob({
    files,
    results: input,
    again: settings.again,
    withheld,
    by: describeUser(),
    at: new Date(clock.now()).toISOString(),
    note: (text) => note(showLines(text)),
    takes: form.takes,
    open: (number) => {
      const path = form.path ?? handOutName(files, number, form.ending);
      refuseOwn(path, form.flag, job);
      if (isThere(path)) {
        const remedy = `give another name with --${form.flag}, or move it away`;
        throw new UsageError([
          `${showName(path)} is there already, and may hold keys of an earlier hand-out: ${remedy}`,
        ]);
      }
      const writer = form.open(new ReplacedFile(path), randomBytes(16).toString('base64url'));
      onOpen(writer);
      return { path, writer };
    },
    checkLock: () => {
      if (lostBy !== undefined) throw new UsageError([`${lostBy}: no key was handed out`]);
    },
  });
  if (settings.again !== undefined && end.keys === 0 && withheld.named.length === 0) {
    const user = `"${showText(settings.again, 60)}"`;
    throw new UsageError([`--again: ${noKeyText(user, showName(results), end.unregistered)}`]);
  }
  return toHandOutReport({ results, ledger: files.handedOut, ...end, withheld });
}

function noKeyText(user: string, results: string, outcome: Outcome | undefined): string {
  if (outcome === undefined) return `${results} has no OTP row of ${user}`;
  const { meaning, remedy } = OUTCOMES[outcome];
  return `the row of ${user} in ${results} is not registered (${outcome}: ${meaning}), so there is no key. ${remedy}`;
}
