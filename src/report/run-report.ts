import type { ColumnMap } from '../input/column-map.js';
import type { Correction } from '../input/correction.js';
import type { Encoding } from '../input/encoding.js';
import type { ExitCode } from '../core/exit-code.js';
import type { RunSummary } from './summary.js';

/** What a summary file holds: one JSON object, its names in snake case like the columns. Nothing secret. */
export interface RunReport {
  readonly version: 1;
  readonly run_id: string;
  readonly input: string;
  /** ISO 8601. */
  readonly started_at: string;
  readonly ended_at: string;
  readonly duration_ms: number;
  readonly exit_code: ExitCode;
  readonly stopped_by: string | null;
  /** What to type to go on; null when nothing is left, or when no line is sure to do it. */
  readonly next_command: string | null;
  readonly rows: number;
  readonly carried: number;
  readonly sends: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly retry: Readonly<Record<string, number>>;
  readonly return_codes: Readonly<Record<string, number>>;
  readonly registered_without_key: number;
  readonly warnings: Readonly<Record<string, number>>;
  /** Where this run looked for signatures: the next one of the stem looks there too. */
  readonly signatures_dir: string;
  readonly encoding: Encoding;
  /** What their header calls the columns that we read, where it is not as we do. */
  readonly columns: ColumnMap;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly corrections: readonly Correction[];
  readonly as_left?: Unchanged | undefined;
  /** Earlier runs of the stem, the oldest first. */
  readonly runs: readonly EarlierRun[];
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

export type EarlierRun = Pick<
  RunReport,
  'input' | 'started_at' | 'ended_at' | 'exit_code' | 'stopped_by' | 'rows' | 'sends' | 'outcomes'
>;

export interface EndedRun {
  readonly id: string;
  readonly input: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly summary: RunSummary;
  readonly exitCode: ExitCode;
  readonly nextCommand?: string | undefined;
  readonly warnings: Readonly<Record<string, number>>;
  readonly signaturesDir: string;
  readonly encoding: Encoding;
  readonly columns: ColumnMap;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly corrections: readonly Correction[];
  readonly unchanged?: Unchanged | undefined;
  readonly earlier: RunReport | undefined;
}

/** Earlier runs that a summary tells of; a schedule adds one every day. */
const MAX_RUNS = 1000;

export function toRunReport(run: EndedRun): RunReport {
  const { summary, earlier } = run;
  return {
    version: 1,
    run_id: run.id,
    input: run.input,
    started_at: new Date(run.startedAt).toISOString(),
    ended_at: new Date(run.endedAt).toISOString(),
    duration_ms: run.endedAt - run.startedAt,
    exit_code: run.exitCode,
    stopped_by: summary.stop?.reason ?? null,
    next_command: run.nextCommand ?? null,
    rows: summary.rows,
    carried: summary.carried,
    sends: summary.sends,
    outcomes: summary.byOutcome,
    retry: summary.byRetry,
    return_codes: summary.byReturnCode,
    registered_without_key: summary.withoutKey,
    warnings: run.warnings,
    signatures_dir: run.signaturesDir,
    encoding: run.encoding,
    columns: run.columns,
    settings: run.settings,
    corrections: run.corrections,
    as_left: run.unchanged,
    runs: earlier === undefined ? [] : withLast(earlier),
  };
}

/** A run that finds all as the last one left it, and nothing left to do. */
export function repeatReport(earlier: RunReport, id: string, now: number): RunReport {
  const at = new Date(now).toISOString();
  return {
    ...earlier,
    run_id: id,
    started_at: at,
    ended_at: at,
    duration_ms: 0,
    // That a row repeats another one is found anew by every run.
    carried: earlier.rows - (earlier.outcomes['duplicate'] ?? 0),
    sends: 0,
    next_command: null,
    registered_without_key: 0,
    runs: withLast(earlier),
  };
}

function withLast(earlier: RunReport): readonly EarlierRun[] {
  return [...earlier.runs, toEarlierRun(earlier)].slice(-MAX_RUNS);
}

function toEarlierRun(report: RunReport): EarlierRun {
  const { input, started_at, ended_at, exit_code, stopped_by, rows, sends, outcomes } = report;
  return { input, started_at, ended_at, exit_code, stopped_by, rows, sends, outcomes };
}
