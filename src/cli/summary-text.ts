import { countText } from '../report/count-text.js';
import { allowedLines, parseAllowances } from '../core/allowance.js';
import { leftOutOf } from '../report/left-out.js';
import type { LeftOut } from '../report/left-out.js';
import type { RunReport } from '../report/run-report.js';
import { describeReturnCode, verdictOf } from '../row/return-code.js';
import { OUTCOMES, OUTCOME_NAMES } from '../row/outcome.js';
import type { Outcome } from '../row/outcome.js';
import type { StemFiles } from '../core/stem.js';
import { showName, showText } from '../core/safe-text.js';
import { openPaint, RETRY_LOOKS } from '../core/colour.js';
import { openPlainTable } from './plain-table.js';

const MAX_CHARACTERS = 2000;

/** Where no line is sure to say it. */
const AS_TYPED = 'the command as you typed it, over the file that is meant (no line here is sure to give a name in it)';

/** What a person reads at the end of a run: what became of the rows, why it stopped, the files, the next command. */
export function toSummaryLines(report: RunReport, files: StemFiles, isColoured: boolean): string {
  const lines = [outcomeTable(report, isColoured)];
  const codes = Object.entries(report.return_codes).filter(([code]) => verdictOf(code, 'noToken') !== 'success');
  if (codes.length > 0)
    lines.push(
      '',
      ...codes.map(
        ([code, count]) => `${code} (${describeReturnCode(code)?.meaning ?? 'not documented'}): ${rowsText(count)}`,
      ),
    );
  if (report.registered_without_key > 0) {
    lines.push(
      '',
      `${rowsText(report.registered_without_key)} registered without an activation key in the reply: look at their detail.`,
    );
  }
  for (const [kind, count] of Object.entries(report.warnings))
    lines.push(`warnings of ${kind.replaceAll('_', ' ')}: ${count}`);
  lines.push(...allowedLines(parseAllowances(String(report.settings['allowed'] ?? '')) ?? []));
  const seconds = (report.duration_ms / 1000).toFixed(1);
  lines.push(
    '',
    `${rowsText(report.rows)}, ${report.carried} of them done before, ${countText(report.sends, 'send')}, ${seconds} s`,
  );
  const connections = connectionsText(report);
  if (connections !== undefined) lines.push(connections);
  if (report.sheet !== undefined) lines.push(`Sheet:   ${showText(report.sheet, 60)}`);
  if (report.stopped_by !== null) lines.push(`Stopped early: ${showText(report.stopped_by, MAX_CHARACTERS)}`);
  lines.push(`Results: ${showName(files.results)}`);
  if ((report.outcomes['registered'] ?? 0) > 0) lines.push(`Keys:    ${showName(files.keys)}`);
  lines.push('', nextStep(report, files), '');
  return lines.join('\n');
}

/** Where it was hard to come by one, or they were of no use. */
function connectionsText({ connections, sends, settings }: RunReport): string | undefined {
  if (connections === undefined) return undefined;
  const { tried, failed } = connections;
  const isUsual = tried <= 2 * Math.max(sends, Number(settings['concurrency'] ?? 0));
  return failed === 0 && isUsual
    ? undefined
    : `${countText(tried, 'attempt')} at a connection, ${failed} of them failed`;
}

/** The same at the end of a merge, which has sent nothing itself: what its shards did stands before it. */
export function toMergeLines(report: RunReport, files: StemFiles, isColoured: boolean): string {
  const { runs, sends } = report.history;
  const all = `Merged. With this merge, ${countText(runs, 'run')} over this input so far, and ${countText(sends, 'send')}.`;
  return `${all}\n${toSummaryLines(report, files, isColoured)}`;
}

function outcomeTable(report: RunReport, isColoured: boolean): string {
  const paint = openPaint(isColoured);
  const head = ['outcome', 'rows', 'retry', 'meaning'].map(paint.bold);
  const table = openPlainTable(head, ['left', 'right', 'left', 'left']);
  for (const name of OUTCOME_NAMES) {
    const count = report.outcomes[name] ?? 0;
    const { retry, meaning } = OUTCOMES[name];
    if (count > 0) table.push([paint[RETRY_LOOKS[retry]](name), count, retryText(name, report), meaning]);
  }
  return table.toString();
}

/** Of the rows in doubt, some may need a correction. */
function retryText(name: Outcome, { outcomes, retry }: RunReport): string {
  const usual = OUTCOMES[name].retry;
  if (name !== 'unknown') return usual;
  const others = OUTCOME_NAMES.filter((other) => OUTCOMES[other].retry === 'fix');
  const fix = others.reduce((rest, other) => rest - (outcomes[other] ?? 0), retry['fix'] ?? 0);
  if (fix <= 0) return usual;
  return fix === outcomes[name] ? 'fix' : `${usual}, ${fix} fix`;
}

function nextStep(report: RunReport, files: StemFiles): string {
  const { yes = 0, fix: all = 0 } = report.retry;
  const undone = report.outcomes['undone'] ?? 0;
  const fix = all - undone;
  const next = report.next_command ?? AS_TYPED;
  if (report.exit_code >= 130) return `Go on with: ${next}`;
  if (report.stopped_by !== null) return `Mend what stopped it. Next: ${next}`;
  if (report.selection.shard !== undefined) return nextOfShard(report);
  if (yes === 0 && fix === 0) {
    return undone === 0 ? 'Every row is done.' : `Every row is done, but for ${rowsText(undone)} that undo took back.`;
  }
  const leftOut = leftOutOf(report);
  const rest = leftOut?.remedy === undefined ? '' : `\nThe ${rowsText(leftOut.rows)} left out: ${leftOut.remedy}.`;
  if (fix === 0) return `${rowsText(yes)} left${leftOutText(report, leftOut)}: ${next}${next === AS_TYPED ? '' : rest}`;
  const others = leftOut?.rows ?? 0;
  const rerun = yes > others ? ` and ${yes - others} to rerun` : '';
  const more = leftOut === undefined ? rerun : `${rerun} (${others} more left out by ${shownBy(leftOut)})`;
  return `${rowsText(fix)} to correct${more}: see the detail column of ${showName(files.failed)}, correct it there. Next: ${next}${rest}`;
}

/** What is left of its rows is left to the whole: corrections, and what was left out, come when all shards are merged. */
function nextOfShard({ selection: { shard }, retry, left_out: leftOut = 0, next_command: next }: RunReport): string {
  const { yes = 0, fix = 0 } = retry;
  const toRerun = yes - leftOut;
  if (toRerun > 0) return `${rowsText(toRerun)} of shard ${shard} to rerun. Next: ${next ?? AS_TYPED}`;
  const left = yes + fix;
  const state = left === 0 ? `Every row of shard ${shard} is done` : `${rowsText(left)} of shard ${shard} left`;
  return `${state}. When all shards have ended, next: ${next ?? AS_TYPED}`;
}

function leftOutText(report: RunReport, leftOut: LeftOut | undefined): string {
  if (leftOut === undefined) return '. Next';
  const by = shownBy(leftOut);
  if (leftOut.rows < (report.retry['yes'] ?? 0)) return `, ${leftOut.rows} of them left out by ${by}. Next`;
  // That one may stand in the configuration file, where no line takes it away.
  if (report.next_command === null) {
    return `, all of them left out by ${by}, typed or in the configuration file. Next, without it`;
  }
  return `, all of them left out by ${by}. Next, for more of them`;
}

function shownBy({ by }: LeftOut): string {
  return showText(by, 200);
}

function rowsText(count: number): string {
  return countText(count, 'row');
}
