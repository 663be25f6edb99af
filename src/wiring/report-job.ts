import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Clock } from '../core/clock.js';
import { showName, showText } from '../core/safe-text.js';
import type { StemFiles } from '../core/stem.js';
import { UsageError } from '../core/usage-error.js';
import { keyOfRow, MARKS } from '../handout/hand-out.js';
import { WithheldKeys } from '../handout/withheld.js';
import { readVersion } from '../help/version.js';
import { NAME } from '../help/command-words.js';
import { eachRow } from '../input/file-row.js';
import type { FileRow, RowFile } from '../input/file-row.js';
import { columnAt, usedCell } from '../input/header.js';
import type { Header } from '../input/header.js';
import { JobCounter } from '../page/job-figures.js';
import type { KeyStateOf, Standing } from '../page/standing.js';
import { toReportPage } from '../page/report-page.js';
import { departmentAt, runsOf } from '../page/report-words.js';
import type { Story, UnderWay } from '../page/report-words.js';
import { lineOf, settlementOf, tellSettlement } from '../plan/earlier-row.js';
import { isCellProblem } from '../record/added-cells.js';
import type { RunReport } from '../report/run-report.js';
import { ReplacedFile } from '../record/replaced-file.js';
import { orUsageError } from '../core/state-error.js';
import { retryOf } from '../row/outcome.js';
import { parseKey } from '../row/registration.js';
import type { SettingValues } from '../settings/settings.js';
import { isUnread, openFile } from './audit-files.js';
import { FailedLines } from '../page/failed-lines.js';
import { indexKeys } from './hand-out-job.js';
import { refuseUnmerged } from './job.js';
import type { Job } from './job.js';
import { readKilledRun } from './killed-run.js';
import { openStem } from './stem-state.js';

type ReportSettings = Pick<SettingValues<'report'>, 'by' | 'encoding' | 'unwrapFormulas' | 'allowed' | 'origins'>;

/** Reads the files of a stem for whoever was not there. Nothing is changed, and no key leaves its file. */
export async function readStory(job: Job, settings: ReportSettings, clock: Clock): Promise<Story> {
  const { files } = job;
  const underWay = existsSync(files.journal) ? readUnderWay(files.journal) : undefined;
  checkResults(job, underWay);
  const plain = {
    delimiter: undefined,
    sheet: undefined,
    headerLine: undefined,
    columns: undefined,
    signaturesDir: undefined,
  };
  const { input, earlier } = await openStem({ ...job, input: files.results }, { ...plain, ...settings });
  if (input.header.added === undefined) throw new UsageError([noResults(files)]);
  const at = groupAt(input.header, settings.by);
  const keyOf = await readKeyStates(files);
  const spans = runsOf(earlier).map((run) => ({
    startedAt: Date.parse(run.started_at),
    endedAt: Date.parse(run.ended_at),
  }));
  const counter = new JobCounter(spans, keyOf, clock.random);
  const lines = new FailedLines(await openFailed(files.failed, earlier, settings));
  for await (const row of eachRow(input)) {
    const standing = toStanding(input, row, at);
    const { settlement, line } = standing;
    const isLeft = settlement !== undefined && retryOf(settlement) !== 'no';
    counter.add(isLeft ? { ...standing, failedLine: await lines.take(line) } : standing);
  }
  await lines.close();
  const shown = (path: string): string => showText(basename(path), 120);
  return {
    figures: counter.result(),
    summary: earlier,
    underWay,
    files: {
      results: shown(files.results),
      failed: shown(files.failed),
      keys: shown(files.keys),
      undone: shown(files.undone),
    },
    column: at < 0 ? undefined : (input.header.ownNames[at] ?? '').trim(),
    madeAt: new Date(clock.now()).toISOString(),
    program: `${NAME} ${readVersion()}`,
  };
}

/** Of each user's key, whether it is here, and was handed out, as `keys` would have it: never the key itself. */
async function readKeyStates(files: StemFiles): Promise<KeyStateOf> {
  const { index } = await indexKeys(files, new WithheldKeys());
  return (username, sentAt) => {
    if (index.markOf(username) === MARKS.before) return 'handed_out';
    return typeof keyOfRow(index, username, sentAt) === 'string' ? 'none' : 'waiting';
  };
}

/** @throws {UsageError} when it can't be written */
export function writePage({ report }: Pick<StemFiles, 'report'>, story: Story): void {
  orUsageError(() => {
    const file = new ReplacedFile(report);
    try {
      file.write(toReportPage(story));
      file.replace();
    } catch (error) {
      // It would take the room that is missing.
      file.discard();
      throw error;
    }
  });
}

/** What the journal says of a run that has not ended by itself, or is at work. */
function readUnderWay(path: string): UnderWay | undefined {
  const run = readKilledRun(path);
  if (run === undefined) return undefined;
  const { entry, replay, close } = run;
  const { madeBy, at } = entry;
  const by = madeBy && `${madeBy.system_user} on ${madeBy.host}`;
  const counts = replay.counts();
  close();
  return { startedAt: new Date(at).toISOString(), command: madeBy?.command, by, undo: entry.undo, ...counts };
}

async function openFailed(
  path: string,
  earlier: RunReport | undefined,
  { allowed, unwrapFormulas }: ReportSettings,
): Promise<RowFile | undefined> {
  if (!existsSync(path)) return undefined;
  const { encoding, columns } = earlier ?? {};
  const plain = { delimiter: undefined, sheet: undefined, remembered: undefined };
  const file = await openFile(path, { ...plain, encoding, columns, allowed, unwrapFormulas });
  return isUnread(file) ? undefined : file;
}

function checkResults({ files }: Job, underWay: UnderWay | undefined): void {
  if (existsSync(files.results)) return;
  refuseUnmerged(files);
  if (underWay === undefined) throw new UsageError([noResults(files)]);
  const { startedAt, command } = underWay;
  const what = command === undefined ? 'the same command' : `it again (${showText(command, 1000)})`;
  throw new UsageError([
    `${showName(files.results)} is not there yet: a run that began at ${startedAt} is under way or was cut off, and ${what} completes it`,
  ]);
}

function noResults({ results }: StemFiles): string {
  return `${showName(results)} is no results file, or not there: give the one that a run wrote, as in users.results.csv`;
}

function groupAt(header: Header, by: string | undefined): number {
  if (by === undefined) return departmentAt(header.ownNames);
  const at = columnAt(header, by);
  if (at >= 0) return at;
  const names = showText(header.ownNames.join(', '), 300);
  throw new UsageError([`--by: the results have no column "${showText(by, 60)}"; they have: ${names}`]);
}

function toStanding(file: RowFile, row: FileRow, at: number): Standing {
  const told = tellSettlement(row);
  // What is more than a time that a spreadsheet wrote in its own way is said with its line.
  const settlement = isCellProblem(told) ? settlementOf(file, row) : told;
  return {
    line: lineOf(file, row) ?? row.line,
    username: usedCell(file.header, row.cells, 'username'),
    tokenType: parseKey(file.header, row.cells)?.tokenType,
    group: at < 0 ? undefined : (row.cells[at] ?? '').trim(),
    settlement,
  };
}
