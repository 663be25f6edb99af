import { showName } from '../core/safe-text.js';
import { UsageError } from '../core/usage-error.js';
import { eachRow } from '../input/file-row.js';
import type { FileRow, RowFile } from '../input/file-row.js';
import { alignColumns, usedCell } from '../input/header.js';
import type { Header } from '../input/header.js';
import { realign } from '../input/ragged-row.js';
import { toAddedCells } from '../record/added-cells.js';
import type { Settlement } from '../row/settlement.js';
import { lineOf, settlementOf } from '../plan/earlier-row.js';
import type { PlannedRows } from '../plan/plan-context.js';
import type { PlannedRow } from '../plan/planned-row.js';
import { describeShard, shardOf } from '../plan/shard.js';
import type { Shard } from '../plan/shard.js';

/** As it is to be carried over. */
export type Joined = PlannedRow & { readonly plan: { readonly kind: 'carry'; readonly settlement: Settlement } };

/**
 * The rows of all shards, in the order of one run over the input: each of its planned rows is to stand next in the results of
 * its shard, with the same line and cells. Memory does not grow with them.
 * @param planned as a run over the whole would have them, before any shard ran
 * @param results of each shard, by its index
 * @throws {UsageError} naming the shard, for a row that is absent, doubled, at another place, or another one
 */
export async function* joinShards(planned: PlannedRows, results: readonly RowFile[]): AsyncGenerator<Joined> {
  const count = results.length;
  const readers = results.map((file, index) => new ShardReader(file, { index, count }, planned.header));
  for await (const row of planned.rows) {
    const reader = readers[shardOf(usedCell(planned.header, row.cells, 'username'), count)];
    if (reader === undefined) throw new Error('every user has a shard');
    yield { ...row, plan: { kind: 'carry', settlement: await reader.take(row) } };
  }
  for (const reader of readers) await reader.end();
}

class ShardReader {
  readonly #file: RowFile;
  readonly #shard: Shard;
  readonly #rows: AsyncIterator<FileRow>;
  readonly #columns: readonly number[];

  constructor(file: RowFile, shard: Shard, header: Header) {
    this.#file = file;
    this.#shard = shard;
    this.#rows = eachRow(file);
    this.#columns = alignColumns(file.header.ownKeys, header.ownKeys);
  }

  async take({ line, cells, plan }: PlannedRow): Promise<Settlement> {
    const row = await this.#next();
    if (row === undefined) throw this.#problem(`line ${line} of the input is absent`);
    const found = lineOf(this.#file, row);
    if (found !== line) throw this.#problem(`line ${found} stands where line ${line} of the input is to stand`, row);
    if (!areSame(realign(row, this.#columns), cells))
      throw this.#problem(`line ${line} has other cells than the input`, row);
    const settlement = settlementOf(this.#file, row);
    if (settlement === undefined) throw this.#problem(`line ${line} has no outcome`, row);
    const isCarried =
      plan.kind !== 'carry' || areSame(toAddedCells(line, settlement), toAddedCells(line, plan.settlement));
    const before = plan.kind === 'register' ? (plan.past?.attempts ?? 0) : 0;
    if (!isCarried || settlement.attempts < before)
      throw this.#problem(`line ${line} is not what became of it since the run before`, row);
    return settlement;
  }

  async end(): Promise<void> {
    const row = await this.#next();
    if (row !== undefined) throw this.#problem(`line ${lineOf(this.#file, row)} is not one of its lines`, row);
  }

  async #next(): Promise<FileRow | undefined> {
    const next = await this.#rows.next();
    return next.done === true ? undefined : next.value;
  }

  #problem(what: string, row?: FileRow): UsageError {
    const place = row === undefined ? showName(this.#file.name) : `${showName(this.#file.name)}:${row.line}`;
    return new UsageError([`${place}: ${what}: ${restoreText(this.#shard)}`]);
  }
}

/** What to do where the files of a shard are not those that its run left. Without them, it would send its rows once more, and their keys come once. */
export function restoreText(shard: Shard): string {
  return `restore the files of ${describeShard(shard)} from a copy`;
}

function areSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((cell, at) => cell === others[at]);
}
