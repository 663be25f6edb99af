import { EXIT_CODES } from '../core/exit-code.js';
import { CUT_OFF, isCutOff } from '../core/stop.js';
import { showText } from '../core/safe-text.js';
import { bare } from '../input/column.js';
import type { EarlierRun, RunReport } from '../report/run-report.js';
import type { TokenState } from '../report/people.js';
import { OUTCOMES } from '../row/outcome.js';
import type { Outcome, RetryMarker } from '../row/outcome.js';
import { undoInDoubt } from '../row/undo.js';
import type { UndoWay } from '../row/undo.js';
import { describeReturnCode } from '../row/return-code.js';
import type { Cause } from './causes.js';
import type { JobFigures } from './job-figures.js';

/** What a page or a mail tells of: the rows as they stand, and what the summary says of the runs. */
export interface Story {
  readonly figures: JobFigures;
  /** Absent where the summary is not beside the results. */
  readonly summary: RunReport | undefined;
  /** A run whose journal is there: it is under way, or was cut off. */
  readonly underWay: UnderWay | undefined;
  /** Names of the files, without their folder. */
  readonly files: Readonly<Record<'results' | 'failed' | 'keys' | 'undone', string>>;
  /** What the input calls the column that rows are counted by; absent where it has none. */
  readonly column: string | undefined;
  /** ISO 8601. */
  readonly madeAt: string;
  readonly program: string;
}

export interface UnderWay {
  /** ISO 8601. */
  readonly startedAt: string;
  /** What was typed, and by whom on which machine; absent for a run of an older version. */
  readonly command: string | undefined;
  readonly by: string | undefined;
  /** It is an undo, and not a run. */
  readonly undo?: UndoWay | undefined;
  /** Rows that it came to so far. */
  readonly done: number;
  readonly inDoubt: number;
  readonly left: number;
}

/** What exports call the column that says where somebody works. */
const DEPARTMENTS = [
  ...['department', 'dept', 'departmentname', 'division', 'unit', 'orgunit', 'team', 'costcenter', 'costcentre'],
  ...['abteilung', 'bereich', 'kostenstelle', 'departement', 'departamento', 'service', 'jabatan', 'bahagian'],
  ...['bagian', 'departemen', 'phongban', 'company', 'branch', 'office', 'location', 'site'],
];

/** The column that rows are counted by, where nobody says which. */
export function departmentAt(names: readonly string[]): number {
  const plain = names.map((name) => bare(name.normalize('NFD').replaceAll(/\p{M}/gu, '')).replaceAll('đ', 'd'));
  const found = DEPARTMENTS.find((department) => plain.includes(department));
  return found === undefined ? -1 : plain.indexOf(found);
}

/** What the markers mean, for somebody who never saw one. */
export const RETRY_WORDS = {
  no: 'done',
  yes: 'to run again',
  fix: 'to correct first',
} as const satisfies Record<RetryMarker, string>;

/** Whether a person has a token. */
export const TOKEN_WORDS = {
  there: 'yes',
  without_key: 'yes, without its key',
  in_doubt: 'in doubt',
  none: 'no',
} as const satisfies Record<TokenState, string>;

/** Who can do something about what is left. */
const ACTORS: Readonly<Partial<Record<Outcome, string>>> = {
  refused: 'whoever looks after the users in CENTAGATE, or made the list',
  invalid: 'whoever made the list',
  key_lost: 'whoever looks after the users in CENTAGATE',
  undone: 'whoever took them back',
};

type Actionable = Pick<Cause, 'outcome' | 'retry'> & Partial<Pick<Cause, 'detail'>>;

export function actorOf({ outcome, retry, detail = '' }: Actionable): string {
  if (isUndoInDoubt(outcome, detail)) return 'whoever took them back';
  if (outcome === 'unknown' && retry === 'fix') return 'whoever looks after the gateway before the server';
  return (outcome && ACTORS[outcome]) ?? 'whoever runs the command';
}

/** What happened to the rows of a cause, and what to do. Either stands before or in a sentence of its own. */
export function explainCause({ outcome, returnCode, detail }: Cause): {
  readonly happened: string;
  readonly remedy: string;
} {
  if (outcome === undefined)
    return { happened: 'added to the results by hand, and not tried yet', remedy: 'Run again.' };
  const { meaning, remedy } = OUTCOMES[outcome];
  const said = withoutRemedy(detail) || meaning;
  if (outcome === 'not_sent') {
    const flag = /\b(?:not selected|left out) by (--[a-z-]+)/.exec(detail)?.[1];
    return { happened: said, remedy: `Run again${flag ? ` without ${flag}` : ''}.` };
  }
  const code = describeReturnCode(returnCode);
  if (outcome === 'key_lost' || outcome === 'undone') return { happened: meaning, remedy };
  if (isUndoInDoubt(outcome, detail)) return { happened: said, remedy: 'Repeat that undo.' };
  if (outcome === 'invalid') return { happened: said, remedy: 'Correct the row, then rerun.' };
  if (code !== undefined) return { happened: `${code.meaning} (${returnCode})`, remedy: code.remedy };
  return { happened: returnCode === '' ? said : `return code ${returnCode}: ${said}`, remedy };
}

/** A detail ends in what to do, which a report says in its own place. */
function withoutRemedy(detail: string): string {
  return detail.replace(/[.:;] *(?:rerun|repeat that)\.?$/i, '').replace(/\.$/, '');
}

/** It speaks of no return code: that is of the registration. */
function isUndoInDoubt(outcome: Outcome | undefined, detail: string): boolean {
  return outcome === 'unknown' && undoInDoubt({ outcome, detail }) !== undefined;
}

/** All runs that are known of, the oldest first, the last one at the end. */
export function runsOf(summary: RunReport | undefined): readonly EarlierRun[] {
  return summary === undefined ? [] : [...summary.runs, summary];
}

const EXITS = new Map<number, string>(Object.values(EXIT_CODES).map(({ code, meaning }) => [code, meaning]));

function exitText(code: number): string {
  return (EXITS.get(code) ?? 'not documented').replaceAll('`', '');
}

/** A run that was cut off had no exit code that anybody saw. */
export function endText({ exit_code: code, stopped_by: stoppedBy }: EarlierRun): string {
  if (isCutOff(stoppedBy)) return `${CUT_OFF}. Its end is the last that its journal knew`;
  const why = stoppedBy === null ? '' : `. Stopped: ${showText(stoppedBy, 300)}`;
  return `exit code ${code}: ${exitText(code)}${why}`;
}

/** As whom each run of {@link runsOf} acted; undefined where that is not known any more. */
export function administratorsOf(summary: RunReport): readonly (string | undefined)[] {
  let then: string | undefined = String(summary.settings['admin'] ?? '') || undefined;
  return runsOf(summary)
    .toReversed()
    .map(({ changed_settings: changed, made_by: madeBy }) => {
      const own = then;
      // What it was before the change stands at best in the command.
      if (changed === undefined || 'admin' in changed) then = undefined;
      return own ?? / --admin[ =]([\w.@-]+)(?= |$)/.exec(madeBy?.command ?? '')?.[1];
    })
    .toReversed();
}

/** Such as `mia on desk-7 as onboarding.admin`. */
export function whoText({ made_by: madeBy }: EarlierRun, administrator: string | undefined): string {
  const as = administrator === undefined ? '' : ` as ${administrator}`;
  return madeBy == null ? as.trim() : `${madeBy.system_user} on ${madeBy.host}${as}`;
}

/** Which rows a run was for, as its flags said. */
export function selectionText({ selection, undo }: EarlierRun): string {
  if (selection === undefined) return 'not known';
  const what = undo === undefined ? '' : `to undo (${undo.how}): `;
  const { only, where = [], limit, visible_only: visibleOnly, shard } = selection;
  const flags = [
    ...(shard === undefined ? [] : [`--shard ${shard}`]),
    ...where.map((condition) => `--where ${condition}`),
    ...(limit === undefined ? [] : [`--limit ${limit}`]),
    ...(only === undefined ? [] : [`--only ${only}`]),
    ...(visibleOnly === true ? ['--visible-only'] : []),
  ];
  return `${what}${flags.length === 0 ? 'all rows' : flags.join(', ')}`;
}

export function countText(count: number, one: string, more = `${one}s`): string {
  return `${numberText(count)} ${count === 1 ? one : more}`;
}

/** With a thin blank between thousands, which is a comma to nobody. */
export function numberText(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, '\u202f');
}

/** Such as `2026-01-31 12:00:05 UTC`. */
export function timeText(iso: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(iso)
    ? `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
    : showText(iso, 40);
}

export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (ms < 10_000) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function lastedMs({ started_at: from, ended_at: to }: EarlierRun): number {
  return Math.max(0, Date.parse(to) - Date.parse(from)) || 0;
}
