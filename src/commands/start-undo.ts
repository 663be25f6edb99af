import { randomUUID } from 'node:crypto';
import { sep } from 'node:path';
import type { Command } from '../cli/arguments.js';
import { askNumber, canAsk } from '../cli/ask-number.js';
import { chooseReporter } from '../cli/choose-reporter.js';
import type { OpenReporter } from '../cli/choose-reporter.js';
import { PROGRAM, toNextUndo, toTypedCommand } from '../cli/next-command.js';
import { shellOf } from '../cli/shell-text.js';
import { peopleText, toSurveyLines, toUndoLines } from '../cli/undo-text.js';
import type { Clock } from '../core/clock.js';
import { countText } from '../report/count-text.js';
import { isColoured } from '../core/colour.js';
import { EXIT_CODES } from '../core/exit-code.js';
import type { ExitCode } from '../core/exit-code.js';
import type { Process } from '../core/process.js';
import { toUsageError } from '../core/state-error.js';
import { UsageError } from '../core/usage-error.js';
import { readVersion } from '../help/version.js';
import type { UndoSurvey } from '../plan/undo-survey.js';
import { takeLock } from '../record/lock.js';
import type { Lock } from '../record/lock.js';
import { describeOrigin, describeSelf, isRunning } from '../record/process-identity.js';
import { resolveSettings, resolveValues } from '../settings/settings.js';
import type { Settings } from '../settings/settings.js';
import { undoJob } from '../undo/undo-job.js';
import type { UndoEnd } from '../undo/undo-job.js';
import type { UndoSends } from '../undo/open-undo-edges.js';
import { withinFileLimit } from '../wiring/file-limit.js';
import { locateResults, prepareJob, refuseShards } from '../wiring/job.js';
import type { Job } from '../wiring/job.js';
import type { RunWorld } from '../wiring/run-world.js';
import { endOnSignals } from '../wiring/signals.js';

type UndoCommand = Extract<Command, { name: 'undo' }>;

/** The `undo` command: takes back what a job registered, once somebody has said how many people that is. */
export async function startUndo(command: UndoCommand, process: Process, clock: Clock): Promise<ExitCode> {
  const { env, stdout, stderr } = process;
  const { settings } = withinFileLimit(await resolveSettings({ flags: command.flags, env }), 0);
  const { how, otpType, yes } = await resolveValues('undo', { flags: command.flags, env });
  const job = locateResults(command.results, settings);
  const sends = { way: how, otpType };
  if (settings.dryRun) {
    const { dryUndo } = await import('./dry-undo.js');
    return dryUndo(job, { settings, sends, process, clock });
  }
  if (yes && settings.expectRows === undefined)
    throw new UsageError(['--yes needs --expect-rows N: how many rows are taken back when it is done']);
  const { open } = await chooseReporter(settings, stderr, clock);
  const { survey, report } = await undoAlone(job, { command, process, clock, settings, sends, isAsked: !yes, open });
  if (report === undefined) {
    const nothing = { exit_code: EXIT_CODES.done.code, undo: { how, rows: 0, outcomes: {} } };
    const target = { way: how, server: settings.server, admin: settings.session.admin };
    stdout.write(settings.json ? `${JSON.stringify(nothing)}\n` : toSurveyLines(survey, target));
    return nothing.exit_code;
  }
  const isInColour = isColoured(stdout, env, settings.color);
  stdout.write(settings.json ? `${JSON.stringify(report)}\n` : toUndoLines(report, job.files, isInColour));
  return report.exit_code;
}

interface Undo {
  readonly command: UndoCommand;
  readonly process: Process;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly sends: UndoSends;
  readonly isAsked: boolean;
  readonly open: OpenReporter;
}

/** The undo itself, while nobody else has the files. */
async function undoAlone(job: Job, undo: Undo): Promise<UndoEnd> {
  const { command, process, clock, settings, sends } = undo;
  const runId = randomUUID();
  const self = describeSelf(runId, clock);
  let lock: Lock | undefined;
  const stopListening = endOnSignals((signal) => {
    lock?.release();
    process.stderr.write(`${signal}: ended before anything was sent\n`);
  });
  try {
    lock = await takeLock(job.files.lock, clock, { self, isRunning, force: settings.takeLock }).catch(
      (error: unknown) => {
        throw toUsageError(error);
      },
    );
    refuseShards(job);
    await prepareJob(job, settings, process.stdin);
    const typed = { input: command.results, flags: command.flags };
    const shell = shellOf(sep, process.env);
    const world: RunWorld = {
      settings,
      clock,
      env: process.env,
      openReporter: undo.open,
      lock,
      runId,
      self,
      origin: describeOrigin(`${PROGRAM} ${readVersion()}`, toTypedCommand(typed, shell, 'undo')),
      nextCommand: () => toNextUndo(typed, shell),
      completeUndo: async (killed) => (await import('../undo/complete-undo.js')).completeUndo(killed),
      sharing: { few: 0, threads: 0 },
      onSending: stopListening,
      onSent: () => undefined,
    };
    return await undoJob(job, world, { ...sends, confirm: (survey) => confirm(survey, undo) });
  } finally {
    stopListening();
    lock?.release();
  }
}

/** @throws {UsageError} when it is not what was expected, or nobody says that it is meant */
async function confirm(survey: UndoSurvey, { settings, sends, process, isAsked }: Undo): Promise<void> {
  const { rows, people, done } = survey;
  const { expectRows, server, session } = settings;
  const { stderr } = process;
  if (expectRows !== undefined && rows + done !== expectRows) {
    const already = done > 0 ? `, ${done} of them already` : '';
    throw new UsageError([
      `${countText(rows + done, 'row')} would be like that when it is done${already}; --expect-rows says ${expectRows}`,
    ]);
  }
  if (rows === 0 || !isAsked) return;
  if (!canAsk(process)) {
    throw new UsageError([
      `nobody can be asked here: if ${countText(rows, 'row')} of ${peopleText(people)} is what you mean, give --yes --expect-rows ${rows + done}`,
    ]);
  }
  stderr.write(toSurveyLines(survey, { way: sends.way, server, admin: session.admin }));
  if (await askNumber(process, 'Type the number of people to go on: ', people)) return;
  throw new UsageError(['that is not the number of people']);
}
