import { ALLOWANCE_NAMES } from '../core/allowance.js';
import type { Clock } from '../core/clock.js';
import { parseDelimiter } from '../input/dialect.js';
import { parseEncoding } from '../input/encoding.js';
import { mapOf, usedCell } from '../input/header.js';
import type { Header } from '../input/header.js';
import { joinAttempts } from '../manifest/attempt-log.js';
import { countRows } from '../manifest/input-totals.js';
import type { Manifest } from '../manifest/manifest.js';
import type { Round } from '../manifest/round.js';
import { SentSignatures } from '../manifest/signature-digest.js';
import type { Totals } from '../manifest/row-totals.js';
import { joinShards } from './join-shards.js';
import type { Joined } from './join-shards.js';
import type { PlannedRows } from '../plan/plan-context.js';
import { planRows } from '../plan/plan-rows.js';
import { isDone } from '../plan/row-history.js';
import { readSavedKeys } from '../record/keys-file.js';
import { openOutputs } from '../record/outputs.js';
import { openTextEncoding } from '../record/text-encoding.js';
import { RowFigures } from '../report/row-figures.js';
import { SummaryCounter } from '../report/summary.js';
import type { EndedRow, RunSummary } from '../report/summary.js';
import type { Job } from '../wiring/job.js';
import { RunProof } from '../wiring/run-proof.js';
import { openStem } from '../wiring/stem-state.js';
import type { Stem } from '../wiring/stem-state.js';
import type { LeftShard } from './left-shard.js';
import { appendKeys } from './merge-keys.js';
import { toMergeReport } from './merge-report.js';
import type { Merged } from './merge-report.js';

/** What the shards were told, each by itself or all. */
export interface Told {
  readonly server: string;
  readonly admin: string;
}

export interface MergeEdges extends Pick<Merged, 'madeBy'> {
  readonly clock: Pick<Clock, 'now' | 'random'>;
  readonly nextCommand: (summary: RunSummary, told: Told) => string | undefined;
}

export interface Merge {
  readonly round: Round;
  readonly left: readonly LeftShard[];
  readonly world: MergeEdges;
}

/** @throws {UsageError, InputError} when the rows of the shards are not those of one run; {StateError} */
export async function writeMerged(job: Job, { round, left, world }: Merge): Promise<void> {
  const { files } = job;
  const stem = await openStem(job, readingOf(left));
  const { planned, totals } = planWhole(stem);
  const format = { ...stem.dialect, ...(await openTextEncoding(stem.dialect.encoding)) };
  const keys = { count: 0 };
  const startedAt = startOf(left, world.clock);
  const proof = new RunProof({
    job,
    approval: approvalOf(left),
    countKeys: () => keys.count,
    sentSignatures: new SentSignatures(),
    header: planned.header,
    startedAt,
  });
  const outputs = openOutputs(files, planned.ownNames, format);
  try {
    const rows = new MergedRows(planned.header, [outputs.writeRow, (ended) => proof.add(ended)], world.clock);
    for await (const row of joinShards(planned, all(left, 'results'))) rows.add(row);
    const written = outputs.finish();
    // A key is there before its row is called done.
    const keyPaths = all(left, 'files').map((shard) => shard.keys);
    await appendKeys(files.keys, round.keys, keyPaths);
    keys.count = (await readSavedKeys(files.keys, () => undefined)).count;
    const summary = rows.counter.result(undefined);
    const told = { server: round.server, admin: left[0]?.manifest.administrator ?? '' };
    const report = toMergeReport(stem.before, all(left, 'report'), {
      round,
      madeBy: world.madeBy,
      input: job.input,
      inputRows: rows.ofInput,
      sheet: stem.input.sheet?.name,
      startedAt,
      endedAt: Math.max(world.clock.now(), startedAt),
      summary,
      figures: rows.figures,
      nextCommand: world.nextCommand(summary, told),
      encoding: stem.dialect.encoding,
      columns: mapOf(planned.header),
      corrections: stem.corrections.list(),
    });
    const logPaths = all(left, 'files').map((shard) => shard.attempts);
    const log = joinAttempts(files.attempts, logPaths);
    const logged = log && { bytes: log.file.bytes, sha256: log.sha256 };
    const shards = all(left, 'figures');
    outputs.complete(proof.complete(report, { written, log: logged, inputTotals: totals, shards }), log && [log.file]);
  } catch (error) {
    outputs.discard();
    throw error;
  }
}

function all<Name extends keyof LeftShard>(left: readonly LeftShard[], name: Name): readonly LeftShard[Name][] {
  return left.map((shard) => shard[name]);
}

/** As before the shards: what their settings made of rows that are sent is theirs to tell. */
function planWhole(stem: Stem): { readonly planned: PlannedRows; readonly totals: () => Totals } {
  const { file, totals } = countRows(stem.input);
  const results = stem.results === stem.input ? file : stem.results;
  const rules = { defaultStatus: undefined, allowed: ALLOWANCE_NAMES, hasKeySince: () => false };
  return { planned: planRows({ ...stem, input: file, results, rules, warn: () => undefined }), totals };
}

/** No row was sent since then, whatever the clocks say that the rows were stamped by. Epoch ms. */
function startOf(left: readonly LeftShard[], clock: Pick<Clock, 'now'>): number {
  return Math.max(clock.now(), ...left.map(({ report }) => Date.parse(report.ended_at) + 1));
}

class MergedRows {
  readonly counter = new SummaryCounter();
  readonly figures: RowFigures;
  ofInput = 0;
  readonly #header: Header;
  readonly #takers: readonly ((ended: EndedRow) => void)[];

  constructor(header: Header, takers: readonly ((ended: EndedRow) => void)[], { random }: Pick<Clock, 'random'>) {
    this.figures = new RowFigures(random);
    this.#header = header;
    this.#takers = takers;
  }

  add(row: Joined): void {
    const { settlement } = row.plan;
    const ended = { row, settlement, carried: isDone(settlement), sends: 0, withoutKey: false };
    this.counter.add(ended);
    this.figures.add(ended, usedCell(this.#header, row.cells, 'username'));
    if (row.inputLine !== undefined) this.ofInput += 1;
    for (const take of this.#takers) take(ended);
  }
}

/** How the shards read the input: all of them read it so, or else their rows do not fit. */
function readingOf([first]: readonly LeftShard[]): Parameters<typeof openStem>[1] {
  if (first === undefined) throw new Error('a round has a shard at least');
  const { settings, columns, sheet, signatures_dir } = first.report;
  const textOf = (name: string): string | undefined => {
    const value = settings[name];
    return typeof value === 'string' ? value : undefined;
  };
  const { headerLine } = settings;
  return {
    encoding: parseEncoding(textOf('encoding') ?? ''),
    delimiter: parseDelimiter(textOf('delimiter') ?? ''),
    sheet: sheet ?? textOf('sheet'),
    headerLine: typeof headerLine === 'number' ? headerLine : undefined,
    unwrapFormulas: settings['unwrapFormulas'] === true,
    columns,
    allowed: ALLOWANCE_NAMES,
    signaturesDir: signatures_dir,
  };
}

/** By which somebody let all of them go. */
function approvalOf(left: readonly LeftShard[]): Manifest['approval'] {
  const [approval = null, ...others] = left.map(({ manifest }) => manifest.approval);
  return others.every((other) => other?.sha256 === approval?.sha256) ? approval : null;
}
