import { countText } from '../report/count-text.js';
import { existsSync } from 'node:fs';
import type { SettingValues } from '../settings/settings.js';
import { FOLDED, toColumnsLine, toFindingJson, toFindingLine } from '../cli/validate-text.js';
import { isError } from '../checks/finding.js';
import { Fold } from '../report/fold.js';
import type { Clock } from '../core/clock.js';
import type { Finding } from '../checks/finding.js';
import type { RowFile } from '../input/file-row.js';
import { hiddenTexts, sheetText } from '../input/sheet-notice.js';
import { columnHints, usedNames } from '../input/header.js';
import type { PlanRules } from '../plan/planned-row.js';
import { toUsageError } from '../core/state-error.js';
import { STANDARD_INPUT } from '../core/stem.js';
import { UsageError } from '../core/usage-error.js';
import type { ValidationReport } from '../checks/validation.js';
import { readInputBytes } from '../input/input-bytes.js';
import { ProgressLine, toProgressText } from '../cli/progress-line.js';
import { refusingExchanged } from '../plan/certificate-owners.js';
import { selectRows } from '../plan/select-rows.js';
import type { Process } from '../core/process.js';
import { validate } from '../checks/validate.js';
import type { Validated } from '../checks/validate.js';
import { ProblemCells } from '../checks/annotation.js';
import { openAnnotation } from '../checks/annotated-copy.js';
import type { Annotation } from '../checks/annotated-copy.js';
import type { Job } from './job.js';
import { threadsWithin } from './file-limit.js';
import { checkKilledServer, readKilledRun } from './killed-run.js';
import type { KilledRun } from './killed-run.js';
import { isWorkbook } from '../input/open-input.js';
import { openSharedReader, sharingOfCheck } from '../signature/shared-signature-reader.js';
import { checkSelection, checkServer, ownRowsOf, planStem, readStemState, toPlanRules } from './stem-state.js';
import type { StemState } from './stem-state.js';
import { showName } from '../core/safe-text.js';

export interface ValidateWorld {
  readonly settings: Omit<SettingValues<'validate'>, 'controlTotals'> & {
    readonly fresh?: boolean;
    readonly server?: string;
  };
  readonly process: Pick<Process, 'stdout' | 'stderr' | 'env'>;
  readonly clock: Clock;
}

/** @throws {UsageError} for standard input, which can be read but once */
export function refuseStandardInput(input: string, command: string): void {
  if (input === STANDARD_INPUT) throw new UsageError([`${command} reads its input more than once: give it as a file`]);
}

/** Says what a run would say of the rows, as it is found. Nothing is sent, and no file of the stem changes. */
export async function validateJob(
  job: Job,
  world: ValidateWorld,
  onRow: (validated: Validated) => void = () => undefined,
): Promise<ValidationReport> {
  const { settings, process, clock } = world;
  const { stdout, stderr } = process;
  for (const warning of settings.warnings) stderr.write(`${warning}\n`);
  const killed = settings.fresh ? undefined : readJournalOf(job, world);
  const state = await readStemState(job, readingOf(settings, killed));
  if (settings.server !== undefined) checkServer(job, state, settings.server);
  checkSelection(settings, state);
  const columns = usedNames(state.input.header);
  const { sheet } = state.input;
  if (!settings.json && sheet !== undefined) stdout.write(`${showName(job.input)}: ${sheetText(sheet)}\n`);
  if (!settings.json) stdout.write(toColumnsLine(job.input, columns));
  const tell = findingTeller(job.input, settings);
  const progress = await openProgress(job, world);
  const { few, threads } = sharingOfCheck();
  const sharing = { few, threads: threadsWithin(threads) };
  const signatures = openSharedReader({ folder: state.signaturesDir, settings, sharing }, clock);
  const cells = new ProblemCells(settings);
  const annotation = await openAnnotationOf(state, job, settings.annotate);
  try {
    const counter = await validate({
      remarks: remarksOn(state.input, settings),
      hints: columnHints(state.input.header),
      plan: (warn) =>
        ownRowsOf(state, selectRows(planStem(state, { rules: rulesOf(state, settings, killed), warn }), settings)),
      readSignature: refusingExchanged(signatures.read, {
        input: state.input,
        results: state.results,
        allowed: settings.allowed,
      }),
      show: (validated) => {
        const { row } = validated;
        const findings = settings.errorsOnly ? validated.findings.filter(isError) : validated.findings;
        onRow(validated);
        if (findings.length > 0 && stdout.isTTY) progress.clear();
        for (const finding of findings) stdout.write(tell(finding));
        if (row?.inputLine === undefined) return undefined;
        progress.count();
        return annotation?.add(row.inputLine, cells.next(row.inputLine, findings));
      },
    });
    const report = counter.result({ input: job.input, sheet: sheet?.name, columns, allowed: settings.allowed });
    if (report.found.file === undefined) await annotation?.complete();
    else if (annotation !== undefined) stderr.write('No annotated copy was written: the file breaks.\n');
    return report;
  } catch (error) {
    throw toUsageError(error);
  } finally {
    progress.clear();
    annotation?.discard();
    await signatures.close();
    killed?.close();
  }
}

/** For a person, the first few of a kind; for a program, all but what is the same for every row. */
function findingTeller(input: string, { json, all }: ValidateWorld['settings']): (finding: Finding) => string {
  const fold = new Fold();
  return (finding) => {
    const { isShown, isCut } = fold.next(finding);
    const isToTell = isShown || finding.isOfHeader !== true;
    if (json) return isToTell ? toFindingJson(input, finding) : '';
    if (all) return isToTell ? toFindingLine(input, finding) : '';
    return `${isShown ? toFindingLine(input, finding) : ''}${isCut ? FOLDED : ''}`;
  };
}

/** A run that is under way, or was killed: the next one would go on from what its journal knows. */
function readJournalOf(job: Job, { settings, process: { stderr } }: ValidateWorld): KilledRun | undefined {
  const { journal } = job.files;
  const run = existsSync(journal) ? readKilledRun(journal) : undefined;
  if (run === undefined) return undefined;
  if (settings.server !== undefined) checkKilledServer(job, run.entry, settings.server);
  const { done, inDoubt, left } = run.replay.counts();
  const counts = `${countText(done, 'row')} done, ${inDoubt} in doubt, ${left} left of those it came to`;
  stderr.write(`${showName(journal)}: a run is under way or was cut off: ${counts}\n`);
  return run;
}

function rulesOf(state: StemState, settings: ValidateWorld['settings'], run: KilledRun | undefined): PlanRules {
  const rules = toPlanRules(state, settings);
  if (run === undefined) return rules;
  return { ...rules, takeReplayed: (key) => run.replay.take(key), isReplayHistory: true };
}

function remarksOn({ sheet }: RowFile, { visibleOnly }: ValidateWorld['settings']): readonly Finding[] {
  const texts = sheet === undefined ? [] : hiddenTexts(sheet, visibleOnly);
  return texts.map((text) => ({ kind: 'hidden', text }));
}

interface Progress {
  readonly count: () => void;
  readonly clear: () => void;
}

/** Only a terminal has one: what is written to a file or a log is for reading afterwards. */
async function openProgress({ input }: Job, { process: { stderr }, clock }: ValidateWorld): Promise<Progress> {
  if (!stderr.isTTY) return { count: () => undefined, clear: () => undefined };
  const line = new ProgressLine(stderr, clock);
  const total = isWorkbook(input) ? 0 : (await readInputBytes(input)).rows;
  const startedAt = clock.monotonic();
  let rows = 0;
  return {
    count: () => {
      rows += 1;
      line.show(() => toProgressText(rows, total, { elapsedMs: clock.monotonic() - startedAt, done: 'checked' }));
    },
    clear: () => line.clear(),
  };
}

/** What the operator says, or else what the run was told that is to be gone on with. */
function readingOf(settings: ValidateWorld['settings'], run: KilledRun | undefined): ValidateWorld['settings'] {
  if (run === undefined) return settings;
  const { reading, signaturesDir } = run.entry;
  return {
    ...settings,
    encoding: settings.encoding ?? reading.encoding,
    headerLine: settings.headerLine ?? reading.headerLine,
    unwrapFormulas: settings.unwrapFormulas || reading.unwrapFormulas === true,
    columns: { ...reading.columns, ...settings.columns },
    signaturesDir: settings.signaturesDir ?? signaturesDir,
  };
}

async function openAnnotationOf(
  { input }: StemState,
  job: Job,
  path: string | undefined,
): Promise<Annotation | undefined> {
  if (path === undefined) return undefined;
  return openAnnotation(path, input, job).catch((error: unknown) => {
    throw toUsageError(error);
  });
}
