import { ADDED_COLUMN_NAMES } from '../../src/input/added-column.js';
import { Corrections } from '../../src/input/correction.js';
import type { Correction } from '../../src/input/correction.js';
import { PLAIN_DIALECT } from '../../src/input/dialect.js';
import type { FileRow, RowFile } from '../../src/input/file-row.js';
import { parseHeader } from '../../src/input/header.js';
import { addedCells, isFilledUp, partRagged, raggedOf } from '../../src/input/ragged-row.js';
import { InputError } from '../../src/core/input-error.js';
import type { PlanWarning } from '../../src/plan/plan-warning.js';
import type { PlannedRow } from '../../src/plan/planned-row.js';
import { Selection } from '../../src/plan/selection.js';
import type { SelectionRules } from '../../src/plan/selection.js';
import { settleUnsent } from '../../src/row/settlement.js';
import { toAddedCells } from '../../src/record/added-cells.js';
import type { Settlement } from '../../src/row/settlement.js';
import { planRows } from '../../src/plan/plan-rows.js';
import type { PlanContext } from '../../src/plan/plan-context.js';

export const NAMES = ['username', 'token_type', 'signature_path', 'status'];

/** A CSV in memory: cell by cell, its header first. */
export type Table = readonly (readonly string[])[];

export interface FileOptions {
  readonly name?: string;
  /** The file can't be read from this line on. */
  readonly breaksAt?: number;
}

/** Rows that are read together: a few, so that there are several of them. */
const BATCH = 2;

/** The rows as the reader gives them. */
export function fileOf(table: Table, { name = 'users.csv', breaksAt = Infinity }: FileOptions = {}): RowFile {
  const [names = [], ...records] = table;
  const header = parseHeader(names);
  if ('problem' in header) throw new InputError(name, 1, header.problem);
  const { width, own, added } = header;
  const toRow = (record: readonly string[], line: number): FileRow => {
    const parted =
      record.length !== width || isFilledUp(record, header)
        ? partRagged(record, header)
        : {
            cells: own.map((at) => record[at] ?? ''),
            added: added && addedCells(record, (_, column) => added[column]),
          };
    return { line, ...parted, ragged: raggedOf(parted.cells, own.length, ',') };
  };
  return {
    name,
    dialect: PLAIN_DIALECT,
    header,
    records: async function* () {
      for (const [index, cells] of table.entries()) yield await Promise.resolve({ line: index + 1, cells });
    },
    batches: async function* () {
      const rows = records.map((record, index) => toRow(record, index + 2)).filter(({ line }) => line < breaksAt);
      for (let at = 0; at < rows.length; at += BATCH) yield await Promise.resolve(rows.slice(at, at + BATCH));
      if (breaksAt <= records.length + 2) throw new InputError(name, breaksAt, 'a quote is never closed');
    },
  };
}

/** A settlement with a plausible history. */
export function aSettlement(outcome: Settlement['outcome'], changes: Partial<Settlement> = {}): Settlement {
  const isSent = !['invalid', 'duplicate', 'not_sent'].includes(outcome);
  const sends = isSent ? { attempts: 1, sentAt: 1_700_000_000_000, latencyMs: 5 } : {};
  return { ...settleUnsent(outcome, `detail of ${outcome}`), ...sends, ...changes };
}

/** One row of a results table: its own cells, its line, what became of it. */
export type OldRecord = readonly [cells: readonly string[], line: number, settlement: Settlement];

export function resultsOf(rows: readonly OldRecord[], names: readonly string[] = NAMES): Table {
  return [
    [...names, ...ADDED_COLUMN_NAMES],
    ...rows.map(([cells, line, settlement]) => [...cells, ...toAddedCells(line, settlement)]),
  ];
}

/** A row that an operator types into a results or failed file. */
export function byHand(...cells: string[]): string[] {
  return [...cells, ...ADDED_COLUMN_NAMES.map(() => '')];
}

export interface PlanOptions extends Partial<Pick<PlanContext, 'rules' | 'forgotten'>> {
  readonly results?: Table | RowFile;
  readonly corrections?: Corrections;
}

export interface Planned {
  readonly ownNames: readonly string[];
  readonly rows: PlannedRow[];
  readonly warnings: PlanWarning[];
  readonly corrections: Corrections;
  /** What the plan ended with, when that is not the end of its files. */
  readonly error: unknown;
}

export const RULES: PlanContext['rules'] = { defaultStatus: undefined, hasKeySince: () => false };

/** Plans an input to its end. */
export async function plan(input: Table | RowFile, options: PlanOptions = {}): Promise<Planned> {
  const warnings: PlanWarning[] = [];
  const { corrections = new Corrections(), results, forgotten, rules = RULES } = options;
  const toFile = (given: Table | RowFile, name: string): RowFile =>
    'header' in given ? given : fileOf(given, { name });
  const planned = planRows({
    input: toFile(input, 'input.csv'),
    results: results && toFile(results, 'users.results.csv'),
    corrections,
    rules,
    ...(forgotten && { forgotten }),
    warn: (warning) => warnings.push(warning),
  });
  const rows: PlannedRow[] = [];
  let error: unknown;
  try {
    for await (const row of planned.rows) rows.push(row);
  } catch (thrown) {
    error = thrown;
  }
  return { ownNames: planned.ownNames, rows, warnings, corrections, error };
}

/** A plan in few words: `2 ann carry registered`, `3 ben register after refused`. */
export function tell({ rows }: Pick<Planned, 'rows'>): string[] {
  return rows.map(({ line, cells, plan: { kind, ...plan } }) => {
    const who = `${line} ${(cells[0] ?? '').trim()}`;
    if ('settlement' in plan) return `${who} ${kind} ${plan.settlement.outcome}`;
    return `${who} ${kind}${plan.past === undefined ? '' : ` after ${plan.past.outcome}`}`;
  });
}

/** What a row that is sent meets; `stop` ends the run before it is sent. */
export type Meets = (row: PlannedRow & { plan: { kind: 'register' } }) => Settlement;

export const EVERY_ROW: SelectionRules = { limit: undefined, only: undefined, where: [] };

/** The files of one stem in memory, and an operator who runs them without a network. */
export class Stem {
  input: Table;
  results: Table | undefined;
  failed: Table | undefined;
  corrections: readonly Correction[] = [];

  constructor(input: Table) {
    this.input = input;
  }

  runInput(meets: Meets, rules = EVERY_ROW): Promise<Planned> {
    return this.#run(this.input, meets, rules);
  }

  runFailed(meets: Meets, rules = EVERY_ROW): Promise<Planned> {
    if (this.failed === undefined) throw new Error('nothing ran yet');
    return this.#run(this.failed, meets, rules);
  }

  runResults(meets: Meets): Promise<Planned> {
    if (this.results === undefined) throw new Error('nothing ran yet');
    return this.#run(this.results, meets);
  }

  async #run(input: Table, meets: Meets, rules = EVERY_ROW): Promise<Planned> {
    const corrections = new Corrections(this.corrections);
    const planned = await plan(input, { corrections, ...(this.results && { results: this.results }) });
    if (planned.error !== undefined) throw planned.error as Error;
    const selection = new Selection(rules, fileOf([planned.ownNames]).header);
    const ended = planned.rows.map((row): OldRecord => {
      const { line, cells, plan: its } = selection.select(row);
      return [cells, line, its.kind === 'register' ? meets({ ...row, plan: its }) : its.settlement];
    });
    this.results = resultsOf(ended, planned.ownNames);
    const retryAt = planned.ownNames.length + ADDED_COLUMN_NAMES.indexOf('retry');
    this.failed = this.results.filter((record, index) => index === 0 || record[retryAt] !== 'no');
    this.corrections = corrections.list();
    return planned;
  }
}
