import { countText } from '../report/count-text.js';
import { openPaint, RETRY_LOOKS } from '../core/colour.js';
import { EXIT_CODES } from '../core/exit-code.js';
import { showName, showText } from '../core/safe-text.js';
import type { StemFiles } from '../core/stem.js';
import { entriesOf } from '../core/table.js';
import type { UndoSurvey } from '../plan/undo-survey.js';
import type { RunReport } from '../report/run-report.js';
import { OUTCOMES } from '../row/outcome.js';
import type { Outcome } from '../row/outcome.js';
import { describeTokenType } from '../row/token-type.js';
import { describeUndoWay } from '../row/undo.js';
import type { UndoWay } from '../row/undo.js';
import { openPlainTable } from './plain-table.js';

const MAX_CHARACTERS = 2000;

export interface UndoTarget {
  readonly way: UndoWay;
  readonly server: string;
  readonly admin: string;
}

/** What an undo is about to do, for whoever is asked whether it may. */
export function toSurveyLines(survey: UndoSurvey, { way, server, admin }: UndoTarget): string {
  const { rows, people, byType, done, notOurs, notSelected } = survey;
  const types = entriesOf(byType)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${describeTokenType(name).label}`);
  const what =
    rows === 0
      ? `No row is to be undone (--how ${way}).`
      : `undo --how ${way} ${describeUndoWay(way).describe}: ${countText(rows, 'row')} (${types.join(', ')}) of ${peopleText(people)}, at ${showText(server)} as ${showText(admin)}.`;
  const left = [
    ...Object.entries(notOurs).map(([outcome, count]) => `${count} ${outcome}`),
    ...(notSelected > 0 ? [`${notSelected} not selected`] : []),
    ...(done > 0 ? [`${done} like that already`] : []),
  ];
  return `${[what, ...(left.length > 0 ? [`Left as they are: ${left.join(', ')}.`] : [])].join('\n')}\n`;
}

export function peopleText(people: number): string {
  return countText(people, 'person', 'people');
}

export function toUndoLines(report: RunReport, files: StemFiles, isColoured: boolean): string {
  const paint = openPaint(isColoured);
  const table = openPlainTable(['outcome', 'rows', 'meaning'].map(paint.bold), ['left', 'right', 'left']);
  const { how = 'deactivate', rows = 0, outcomes = {} } = report.undo ?? {};
  const facts = describeUndoWay(how);
  for (const [name, meaning] of entriesOf<Outcome, string>(MEANINGS)) {
    const count = outcomes[name] ?? 0;
    if (count === 0) continue;
    const isDone = name === facts.outcome;
    const look = RETRY_LOOKS[isDone ? 'no' : OUTCOMES[name].retry];
    table.push([paint[look](name), count, isDone ? `${facts.done.toLowerCase()} by this undo` : meaning]);
  }
  const seconds = (report.duration_ms / 1000).toFixed(1);
  const lines = [
    table.toString(),
    '',
    `${countText(rows, 'row')} taken up, ${countText(report.sends, 'send')}, ${seconds} s`,
    ...(report.stopped_by === null ? [] : [`Stopped early: ${showText(report.stopped_by, MAX_CHARACTERS)}`]),
    `What became of each: ${showName(files.undone)}`,
    `Results:             ${showName(files.results)}`,
    '',
    nextStep(report, files),
    '',
  ];
  return lines.join('\n');
}

/** What else can become of a row that undo takes up. */
const MEANINGS: Readonly<Partial<Record<Outcome, string>>> = {
  undone: '',
  registered: '',
  refused: 'as it was: not ours to take back by now, or the server says no for good',
  invalid: 'as it was: its cells no longer say whose token it is',
  unavailable: 'as it was for certain',
  unknown: 'in doubt: it may have been applied',
  not_sent: 'as it was: its turn did not come',
};

function nextStep({ exit_code: code, next_command: next, stopped_by: stoppedBy }: RunReport, files: StemFiles): string {
  if (code === EXIT_CODES.done.code) return 'All of them went that way.';
  const command = next ?? 'the command as you typed it (--limit counts anew, so it may take more)';
  if (code >= EXIT_CODES.interrupted.code) return `Go on with: ${command}`;
  if (stoppedBy !== null) return `Mend what stopped it, then go on with: ${command}`;
  if (code === EXIT_CODES.rerun.code) return `Some are left. Next: ${command}`;
  return `Some need a person: see the detail column of ${showName(files.undone)}.`;
}
