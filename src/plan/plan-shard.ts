import { InputError } from '../core/input-error.js';
import { showName } from '../core/safe-text.js';
import { eachRow } from '../input/file-row.js';
import type { FileRow, RowFile } from '../input/file-row.js';
import type { Header } from '../input/header.js';
import { usedCell } from '../input/header.js';
import type { Settlement } from '../row/settlement.js';
import { lineOf, settlementOf } from './earlier-row.js';
import type { PlanContext, PlannedRows } from './plan-context.js';
import { planRows } from './plan-rows.js';
import type { PlanWarning } from './plan-warning.js';
import { planAgain } from './planned-row.js';
import type { PlannedRow, PlanRules } from './planned-row.js';
import { shardOf } from './shard.js';
import type { Shard } from './shard.js';

/** What there is of a shard beside the input and the history that all of them share. */
export interface ShardPast {
  readonly shard: Shard;
  /** What its earlier runs left. */
  readonly results: RowFile | undefined;
  /** As the rules have it, of its own keys file. */
  readonly hasKeySince: PlanRules['hasKeySince'];
}

/**
 * Plans all of an input, as every other shard and a run of the whole would: so lines and repetitions are the same for all.
 * Then the shard's own rows go on where its own earlier runs left them, and the others are marked as another's.
 * @throws {InputError} in its rows, for results of another plan
 */
export function planShard(context: PlanContext, { shard, results, hasKeySince }: ShardPast): PlannedRows {
  const { takeReplayed, isReplayHistory, ...common } = context.rules;
  const rules: PlanRules = {
    ...common,
    hasKeySince,
    ...(takeReplayed && { takeReplayed }),
    ...(isReplayHistory !== undefined && { isReplayHistory }),
  };
  const warnings = new HeldWarnings(context.warn, shard);
  // The input is the one that the shard began with: no row of it can have been forgotten.
  const { input, results: history, corrections } = context;
  const warn = (warning: PlanWarning): void => warnings.hold(warning);
  const planned = planRows({ input, results: history, corrections, rules: common, warn });
  const { header } = planned;
  return {
    ...planned,
    rows: (async function* () {
      const left = new LeftRows(results, header);
      for await (const row of planned.rows) {
        const isOurs = shardOf(usedCell(header, row.cells, 'username'), shard.count) === shard.index;
        warnings.release(isOurs);
        if (!isOurs) yield { ...row, isElsewhere: true } satisfies PlannedRow;
        else yield { ...row, plan: planAgain({ header, ...row }, await left.next(row), rules) };
      }
      await left.end();
      warnings.release(false);
    })(),
  };
}

/** Those of this shard: what else there is was needed to plan them. */
export function ownRows(planned: PlannedRows): PlannedRows {
  return {
    ...planned,
    rows: (async function* () {
      for await (const row of planned.rows) if (row.isElsewhere !== true) yield row;
    })(),
  };
}

/** Of what is told about the input as a whole, one shard tells. */
const OF_NO_ROW: readonly PlanWarning['kind'][] = ['left_out', 'added_cells'];

/** A warning comes before its row, of which only its shard tells. */
class HeldWarnings {
  readonly #tell: PlanContext['warn'];
  readonly #isFirst: boolean;
  #held: PlanWarning[] = [];

  constructor(tell: PlanContext['warn'], { index }: Shard) {
    this.#tell = tell;
    this.#isFirst = index === 0;
  }

  hold(warning: PlanWarning): void {
    if (!OF_NO_ROW.includes(warning.kind)) this.#held.push(warning);
    else if (this.#isFirst) this.#tell(warning);
  }

  release(isToTell: boolean): void {
    if (isToTell) this.#held.forEach(this.#tell);
    this.#held = [];
  }
}

const KNOWN_BY = ['username', 'token_type'] as const;

/** The results of a shard have its rows in the order in which they are planned. */
class LeftRows {
  readonly #file: RowFile | undefined;
  readonly #rows: AsyncIterator<FileRow> | undefined;
  readonly #header: Header;

  /** @param header of the planned rows */
  constructor(file: RowFile | undefined, header: Header) {
    this.#file = file;
    this.#rows = file && eachRow(file);
    this.#header = header;
  }

  /** What became of another user's row is never taken for that of this one. */
  async next({ line, cells }: PlannedRow): Promise<Settlement | undefined> {
    if (this.#file === undefined) return undefined;
    const { header } = this.#file;
    const row = await this.#read();
    const isNext =
      row !== undefined &&
      lineOf(this.#file, row) === line &&
      KNOWN_BY.every((column) => usedCell(header, row.cells, column) === usedCell(this.#header, cells, column));
    if (!isNext) throw notOurs(this.#file, row, `line ${line}`);
    const settlement = settlementOf(this.#file, row);
    return settlement?.outcome === 'duplicate' ? undefined : settlement;
  }

  async end(): Promise<void> {
    const row = await this.#read();
    if (this.#file !== undefined && row !== undefined) throw notOurs(this.#file, row, 'no further row');
  }

  async #read(): Promise<FileRow | undefined> {
    const next = await this.#rows?.next();
    return next?.done === false ? next.value : undefined;
  }
}

function notOurs(file: RowFile, row: FileRow | undefined, expected: string): InputError {
  const problem = `${expected} of the input is to stand here: ${showName(file.name)} is not as a shard of this input left it; restore it from a copy`;
  return new InputError(file.name, row?.line ?? 1, problem);
}
