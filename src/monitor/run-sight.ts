import type { ExitCode } from '../core/exit-code.js';
import type { RunReport } from '../report/run-report.js';

/** What a monitor sees of a run, under way or ended. */
export interface RunSight {
  readonly stem: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly now: number;
  /** Rows by outcome and by retry marker; undefined while this run has none. */
  readonly counts:
    | { readonly outcomes: Readonly<Record<string, number>>; readonly retry: Readonly<Record<string, number>> }
    | undefined;
  readonly sends: number;
  /** How far the server's clock is ahead of this machine's, in ms; undefined while nobody knows. */
  readonly clockOffsetMs: number | undefined;
  /** Absent while the run is under way. */
  readonly end?: RunEnding;
}

export interface RunEnding {
  readonly exitCode: ExitCode;
  /** Absent where it ended before it had one. */
  readonly report?: RunReport;
  /** What went wrong, where it has no report. */
  readonly problem?: string;
  /** Keys that were not handed out yet; undefined where nobody counted. */
  readonly keysWaiting?: number | undefined;
}
