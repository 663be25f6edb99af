import { run } from '../batch/run.js';
import type { Ended, RunEdges } from '../batch/run.js';
import { EXIT_CODES, exitCodeOf } from '../core/exit-code.js';
import type { ExitCode } from '../core/exit-code.js';
import { orUsageError, toStateError } from '../core/state-error.js';
import type { Stop } from '../core/stop.js';
import { mapOf, usedCell } from '../input/header.js';
import { SentSignatures } from '../manifest/signature-digest.js';
import type { PlannedRows } from '../plan/plan-context.js';
import type { PlannedRow } from '../plan/planned-row.js';
import { openOutputs } from '../record/outputs.js';
import { openTextEncoding } from '../record/text-encoding.js';
import { RowFigures } from '../report/row-figures.js';
import { toRunReport } from '../report/run-report.js';
import type { RunReport, SettingsReport } from '../report/run-report.js';
import { SummaryCounter } from '../report/summary.js';
import type { RunSummary } from '../report/summary.js';
import type { RetryMarker } from '../row/outcome.js';
import { afterUndo } from '../row/undo.js';
import type { UndoWay } from '../row/undo.js';
import { describeSelection, describeSettings } from '../settings/settings.js';
import type { KilledRun } from '../wiring/killed-run.js';
import { RunProof } from '../wiring/run-proof.js';
import type { KilledUndo } from '../wiring/run-world.js';
import { openLog } from '../wiring/write-rows.js';
import { UndoneRows, undoRetryOf } from './undone-rows.js';

export type WritingContext = KilledUndo['context'] & {
  readonly way: UndoWay;
  readonly planned: PlannedRows;
  /** What was told to this undo alone. */
  readonly told: SettingsReport;
};

/** Writes two things of each row, placed together: what its undo came to, and what the results say from now on. */
export async function writeUndo(
  context: WritingContext,
  edges: Omit<RunEdges, 'writeRow'>,
  killed?: KilledRun,
): Promise<RunReport> {
  const { job, world, state, way, planned } = context;
  const { clock } = world;
  const startedAt = killed?.entry.at ?? clock.now();
  const figures = new RowFigures(clock.random);
  const counted = new Counted(way);
  const format = { ...state.dialect, ...(await openTextEncoding(state.dialect.encoding)) };
  const proofContext = { approval: null, sentSignatures: new SentSignatures(), ...context };
  const proof = new RunProof({ header: planned.header, startedAt, ...proofContext });
  const outputs = orUsageError(() => openOutputs(job.files, planned.ownNames, format));
  let undone: UndoneRows | undefined;
  let isSent = false;
  try {
    const rows = (undone = orUsageError(() => new UndoneRows(job.files.undone, planned.ownNames, { way, format })));
    const writeRow = (ended: Ended): void => {
      rows.write(ended);
      const results = toResults(ended, way);
      outputs.writeRow(results);
      const { latencyMs } = ended.settlement;
      const username = usedCell(planned.header, ended.row.cells, 'username');
      figures.add({ settlement: { ...results.settlement, latencyMs }, sends: ended.sends }, username);
      proof.add(results);
      counted.add(ended, results);
    };
    const toDo = killed === undefined ? asCounted(planned.rows) : planned.rows;
    const { stop, sends } = await run(toDo, { ...edges, writeRow });
    isSent = killed === undefined;
    const summary = counted.result(stop, killed?.replay.sends ?? sends);
    const written = { ...outputs.finish(), undone: rows.finish() };
    const report = toReport({ ...context, killed }, { startedAt, figures, counted, summary, stop });
    const log = openLog(context, killed);
    const logged = log && { bytes: log.file.bytes, sha256: log.sha256 };
    const texts = proof.complete(report, { written, log: logged, undone: written.undone, inputTotals: undefined });
    outputs.complete(texts, [rows, ...(log === undefined ? [] : [log.file])]);
    return report;
  } catch (error) {
    undone?.discard();
    outputs.discard();
    throw isSent ? toStateError(error) : error;
  }
}

/** They were read to their end before: results that break by now were changed, and must not be replaced by a part of them. */
async function* asCounted(rows: AsyncIterable<PlannedRow>): AsyncGenerator<PlannedRow> {
  try {
    yield* rows;
  } catch (error) {
    throw toStateError(error);
  }
}

interface Ending {
  /** Epoch ms. */
  readonly startedAt: number;
  readonly figures: RowFigures;
  readonly counted: Counted;
  readonly summary: RunSummary;
  readonly stop: Stop | undefined;
}

function toReport(
  context: WritingContext & { readonly killed: KilledRun | undefined },
  { startedAt, figures, counted, summary, stop }: Ending,
): RunReport {
  const { job, world, state, bytes, planned, killed } = context;
  const exitCode = counted.exitCode(stop);
  return toRunReport({
    id: killed?.entry.id ?? world.runId,
    madeBy: killed === undefined ? world.origin : killed.entry.madeBy,
    input: job.input,
    inputBytes: bytes.size,
    inputSha256: bytes.sha256,
    inputRows: summary.rows,
    startedAt,
    endedAt: killed?.endedAt ?? world.clock.now(),
    selection: killed === undefined ? describeSelection(world.settings) : (killed.entry.selection ?? {}),
    figures,
    summary,
    exitCode,
    connections: context.countConnections?.(),
    nextCommand: exitCode === EXIT_CODES.done.code ? undefined : world.nextCommand(summary),
    warnings: {},
    signaturesDir: state.signaturesDir,
    encoding: state.dialect.encoding,
    columns: mapOf(planned.header),
    settings: killed?.entry.settings ?? describeUndo(context),
    corrections: state.corrections.list(),
    undo: counted.report(),
    earlier: state.earlier,
  });
}

function toResults(ended: Ended, way: UndoWay): Ended {
  const { row, settlement, carried } = ended;
  const standing = row.undo?.standing;
  const said = standing === undefined ? settlement : afterUndo(standing, settlement, way);
  return { row, settlement: said, carried, sends: 0, withoutKey: false };
}

/** How the first input is to be read is not for an undo to say: whoever looks at it next goes by what the runs said. */
const OF_THE_INPUT = ['delimiter', 'sheet', 'headerLine', 'encoding', 'unwrapFormulas', 'defaultStatus'];

export function describeUndo({ world: { settings }, state, told }: Omit<WritingContext, 'planned'>): SettingsReport {
  const before = Object.entries(state.earlier?.settings ?? {}).filter(([name]) => OF_THE_INPUT.includes(name));
  return { ...describeSettings(settings), ...Object.fromEntries(before), ...told };
}

/** Counts the rows of the results, and beside them those that the undo took up. */
class Counted {
  readonly #way: UndoWay;
  readonly #results = new SummaryCounter();
  readonly #outcomes: Record<string, number> = {};
  readonly #retry: Record<RetryMarker, number> = { no: 0, yes: 0, fix: 0 };
  #rows = 0;

  constructor(way: UndoWay) {
    this.#way = way;
  }

  add({ row, settlement }: Ended, results: Ended): void {
    this.#results.add(results);
    if (row.undo?.standing === undefined) return;
    const { outcome } = settlement;
    this.#rows += 1;
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
    this.#retry[undoRetryOf(settlement, this.#way)] += 1;
  }

  result(stop: Stop | undefined, sends: number): RunSummary {
    return { ...this.#results.result(stop), sends };
  }

  exitCode(stop: Stop | undefined): ExitCode {
    return exitCodeOf({ stop, byRetry: this.#retry });
  }

  report(): NonNullable<RunReport['undo']> {
    return { how: this.#way, rows: this.#rows, outcomes: this.#outcomes };
  }
}
