import type { ColumnMap } from '../input/column-map.js';
import type { ConnectionCount } from '../network/counted-connect.js';
import type { Correction } from '../input/correction.js';
import type { Encoding } from '../input/encoding.js';
import type { ExitCode } from '../core/exit-code.js';
import { addCounts, sum } from './counts.js';
import type { PaceFigures } from './latencies.js';
import type { Origin } from './origin.js';
import type { PeopleCount } from './people.js';
import type { RowFigures } from './row-figures.js';
import type { RunSummary } from './summary.js';
import type { UndoWay } from '../row/undo.js';

/** What a summary file holds: one JSON object, its names in snake case like the columns. Nothing secret. */
export interface RunReport {
  readonly version: 1;
  readonly run_id: string;
  /** Null for a run that an older version made. */
  readonly made_by: Origin | null;
  readonly input: string;
  /** The bytes that were read, and the rows in them. */
  readonly input_bytes: number | null;
  /** Hex. */
  readonly input_sha256: string;
  readonly input_rows: number;
  /** Of a workbook: the one that was read. */
  readonly sheet?: string | undefined;
  /** ISO 8601. */
  readonly started_at: string;
  readonly ended_at: string;
  readonly duration_ms: number;
  readonly exit_code: ExitCode;
  readonly stopped_by: string | null;
  /** What to type to go on; null when nothing is left, or when no line is sure to do it. */
  readonly next_command: string | null;
  /** Which of the rows this run was to send, as `--only`, `--where` and `--limit` said; empty: all. */
  readonly selection: SelectionReport;
  /** Rows of the results. */
  readonly rows: number;
  readonly people: PeopleCount;
  readonly carried: number;
  readonly sends: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly retry: Readonly<Record<string, number>>;
  /** Rows that need nothing but another run, and that `selection` left out; absent where an older version ran. */
  readonly left_out?: number | undefined;
  readonly return_codes: Readonly<Record<string, number>>;
  readonly registered_without_key: number;
  readonly warnings: Readonly<Record<string, number>>;
  readonly pace: PaceFigures;
  /** Not known of a run that was killed, nor of those of older versions. */
  readonly connections?: ConnectionCount | undefined;
  /** This run and all before it. */
  readonly history: RunHistory;
  /** Where this run looked for signatures: the next one of the stem looks there too. */
  readonly signatures_dir: string;
  readonly encoding: Encoding;
  /** What their header calls the columns that we read, where it is not as we do. */
  readonly columns: ColumnMap;
  readonly settings: SettingsReport;
  /** Those that were another in the run before, as they are now; null: not given any more. */
  readonly changed_settings: Readonly<Record<string, string | number | boolean | null>>;
  readonly corrections: readonly Correction[];
  /** Of an undo, which registers nothing. */
  readonly undo?: UndoReport | undefined;
  readonly as_left?: Unchanged | undefined;
  /** Earlier runs of the stem, the oldest first. */
  readonly runs: readonly EarlierRun[];
}

/** What became of the rows that an undo took up: of the results, `outcomes` tell it as of any run. */
export interface UndoReport {
  readonly how: UndoWay;
  readonly rows: number;
  readonly outcomes: Readonly<Record<string, number>>;
}

/** What a run read and what it left, each in a text that is another one when it has changed. */
export interface Unchanged {
  readonly program: string;
  /** SHA-256, hex. */
  readonly input: string;
  readonly results: string;
  readonly failed: string;
  /** Its size and time: a digest would give keys away. */
  readonly keys: string;
}

/** What is counted over all runs of a stem. Outcomes, codes and people are so in any case: they are of the rows as they stand. */
export interface RunHistory {
  readonly runs: number;
  /** ISO 8601. */
  readonly first_started_at: string;
  readonly sends: number;
  readonly duration_ms: number;
  readonly registered_without_key: number;
  readonly warnings: Readonly<Record<string, number>>;
}

export interface SelectionReport {
  readonly only?: 'yes';
  readonly where?: readonly string[];
  readonly limit?: number;
  readonly visible_only?: true;
  /** Such as `3/8`: the rows of that part. */
  readonly shard?: string;
}

export type SettingsReport = Readonly<Record<string, string | number | boolean>>;

/** What later summaries still say of a run. */
export const EARLIER_RUN = [
  'run_id',
  'made_by',
  'input',
  'input_bytes',
  'input_sha256',
  'input_rows',
  'started_at',
  'ended_at',
  'exit_code',
  'stopped_by',
  'selection',
  'rows',
  'people',
  'carried',
  'sends',
  'outcomes',
  'pace',
  'changed_settings',
  'undo',
] as const satisfies readonly (keyof RunReport)[];

/** Runs that older versions made have no more than times, ending, counts and sends. */
export type EarlierRun = Pick<
  RunReport,
  'input' | 'started_at' | 'ended_at' | 'exit_code' | 'stopped_by' | 'rows' | 'sends' | 'outcomes'
> &
  Partial<Pick<RunReport, (typeof EARLIER_RUN)[number]>>;

export interface EndedRun {
  readonly id: string;
  readonly madeBy: Origin | undefined;
  readonly input: string;
  readonly inputBytes: number | undefined;
  readonly inputSha256: string;
  readonly inputRows: number;
  readonly sheet?: string | undefined;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly selection: SelectionReport;
  readonly summary: RunSummary;
  readonly figures: { readonly people: () => PeopleCount; readonly pace: RowFigures['pace'] };
  readonly exitCode: ExitCode;
  readonly connections?: ConnectionCount | undefined;
  readonly nextCommand?: string | undefined;
  readonly warnings: Readonly<Record<string, number>>;
  readonly signaturesDir: string;
  readonly encoding: Encoding;
  readonly columns: ColumnMap;
  readonly settings: SettingsReport;
  readonly corrections: readonly Correction[];
  readonly undo?: UndoReport | undefined;
  readonly unchanged?: Unchanged | undefined;
  readonly earlier: RunReport | undefined;
}

/** Earlier runs that a summary tells of; a schedule adds one every day. */
export const MAX_RUNS = 1000;

export function toRunReport(run: EndedRun): RunReport {
  const { summary, earlier } = run;
  const durationMs = run.endedAt - run.startedAt;
  const figures = { sends: summary.sends, duration_ms: durationMs, registered_without_key: summary.withoutKey };
  return {
    version: 1,
    run_id: run.id,
    made_by: run.madeBy ?? null,
    input: run.input,
    input_bytes: run.inputBytes ?? null,
    input_sha256: run.inputSha256,
    input_rows: run.inputRows,
    sheet: run.sheet,
    started_at: new Date(run.startedAt).toISOString(),
    ended_at: new Date(run.endedAt).toISOString(),
    duration_ms: durationMs,
    exit_code: run.exitCode,
    stopped_by: summary.stop?.reason ?? null,
    next_command: run.nextCommand ?? null,
    selection: run.selection,
    rows: summary.rows,
    people: run.figures.people(),
    carried: summary.carried,
    sends: summary.sends,
    outcomes: summary.byOutcome,
    retry: summary.byRetry,
    left_out: summary.leftOut,
    return_codes: summary.byReturnCode,
    registered_without_key: summary.withoutKey,
    warnings: run.warnings,
    pace: run.figures.pace(summary.sends, durationMs),
    connections: run.connections,
    history: addToHistory(earlier, {
      ...figures,
      started_at: new Date(run.startedAt).toISOString(),
      warnings: run.warnings,
    }),
    signatures_dir: run.signaturesDir,
    encoding: run.encoding,
    columns: run.columns,
    settings: run.settings,
    changed_settings: earlier === undefined ? {} : changesOf(earlier.settings, run.settings),
    corrections: run.corrections,
    undo: run.undo,
    as_left: run.unchanged,
    runs: earlier === undefined ? [] : withLast(earlier),
  };
}

/** What a run that repeats an earlier one has of its own. */
export type Repetition = Pick<EndedRun, 'id' | 'madeBy' | 'nextCommand'> & { readonly now: number };

/** A run that finds all as the last one left it, and nothing left to do. */
export function repeatReport(earlier: RunReport, { id, madeBy, nextCommand, now }: Repetition): RunReport {
  const at = new Date(now).toISOString();
  const nothing = { sends: 0, duration_ms: 0, registered_without_key: 0 };
  // Of a signature is told when it is read, for a send.
  const warnings = Object.fromEntries(Object.entries(earlier.warnings).filter(([kind]) => OF_CELLS.includes(kind)));
  // Summaries of older versions have none.
  const { shard } = (earlier as Partial<RunReport>).selection ?? {};
  return {
    ...earlier,
    ...nothing,
    run_id: id,
    made_by: madeBy ?? null,
    started_at: at,
    ended_at: at,
    // That a row repeats another one is found anew by every run.
    carried: earlier.rows - (earlier.outcomes['duplicate'] ?? 0),
    next_command: nextCommand ?? null,
    selection: shard === undefined ? {} : { shard },
    left_out: 0,
    pace: { sends_per_second: 0, latency_ms: null },
    connections: undefined,
    warnings,
    history: addToHistory(earlier, { ...nothing, started_at: at, warnings }),
    changed_settings: {},
    undo: undefined,
    runs: withLast(earlier),
  };
}

/** Warnings of a row's cells by which no send goes: every run that reads the row tells of them. */
export const OF_CELLS: readonly string[] = ['formula', 'ignored_cells'];

type Counted = Pick<RunReport, 'started_at' | 'sends' | 'duration_ms' | 'registered_without_key' | 'warnings'>;

function addToHistory(earlier: RunReport | undefined, run: Counted): RunHistory {
  const before = earlier && tellHistory(earlier);
  const { started_at, sends, duration_ms, registered_without_key, warnings } = run;
  return {
    runs: (before?.runs ?? 0) + 1,
    first_started_at: before?.first_started_at ?? started_at,
    sends: (before?.sends ?? 0) + sends,
    duration_ms: (before?.duration_ms ?? 0) + duration_ms,
    registered_without_key: (before?.registered_without_key ?? 0) + registered_without_key,
    warnings: addCounts(before?.warnings ?? {}, warnings),
  };
}

/** Summaries of older versions have no history: what they say of their runs is all that is known of it. */
export function tellHistory(report: RunReport): RunHistory {
  return (report as Partial<RunReport>).history ?? historyOf(report);
}

function historyOf({ runs, ...last }: RunReport): RunHistory {
  const all = [...runs, last];
  const lasted = all.map(({ started_at, ended_at }) => Date.parse(ended_at) - Date.parse(started_at));
  return {
    runs: all.length,
    first_started_at: all[0]?.started_at ?? last.started_at,
    sends: sum(all.map(({ sends }) => sends)),
    duration_ms: sum(lasted),
    registered_without_key: last.registered_without_key,
    warnings: last.warnings,
  };
}

function changesOf(before: SettingsReport, now: SettingsReport): RunReport['changed_settings'] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  const changed = [...names].filter((name) => before[name] !== now[name]);
  return Object.fromEntries(changed.map((name) => [name, now[name] ?? null]));
}

/** As the next summary tells of the runs before it. */
export function withLast(earlier: RunReport): readonly EarlierRun[] {
  return [...earlier.runs, toEarlierRun(earlier)].slice(-MAX_RUNS);
}

function toEarlierRun(report: RunReport): EarlierRun {
  const kept: readonly string[] = EARLIER_RUN;
  // What is left are the members of the type, which derives from the same list.
  return Object.fromEntries(Object.entries(report).filter(([name]) => kept.includes(name))) as unknown as EarlierRun;
}
