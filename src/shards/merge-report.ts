import { exitCodeOf } from '../core/exit-code.js';
import type { ColumnMap } from '../input/column-map.js';
import type { Correction } from '../input/correction.js';
import type { Encoding } from '../input/encoding.js';
import type { Round } from '../manifest/round.js';
import type { Origin } from '../report/origin.js';
import type { RowFigures } from '../report/row-figures.js';
import { sumCounts } from '../report/counts.js';
import { joinReports } from '../report/join-reports.js';
import { toRunReport } from '../report/run-report.js';
import type { RunReport } from '../report/run-report.js';
import type { RunSummary } from '../report/summary.js';

export interface Merged {
  readonly round: Round;
  readonly madeBy: Origin;
  /** As it was named. */
  readonly input: string;
  readonly inputRows: number;
  readonly sheet: string | undefined;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly summary: RunSummary;
  readonly figures: RowFigures;
  readonly nextCommand: string | undefined;
  readonly encoding: Encoding;
  readonly columns: ColumnMap;
  readonly corrections: readonly Correction[];
}

/** A run of the whole that sent nothing itself: what was sent stands with the runs of the shards before it. */
export function toMergeReport(
  before: RunReport | undefined,
  shards: readonly RunReport[],
  { round, summary, ...merged }: Merged,
): RunReport {
  const earlier = joinReports(before, shards);
  const report = toRunReport({
    ...merged,
    id: round.run_id,
    inputBytes: round.input.bytes,
    inputSha256: round.input.sha256,
    selection: {},
    summary,
    exitCode: exitCodeOf(summary),
    warnings: {},
    signaturesDir: earlier.signatures_dir,
    settings: earlier.settings,
    earlier,
  });
  // Told by the shards, of these very rows.
  return { ...report, warnings: sumCounts(shards.map(({ warnings }) => warnings)) };
}
