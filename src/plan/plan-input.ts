import { correctRow, sameCells, usedCells } from '../input/correction.js';
import type { Correction } from '../input/correction.js';
import { eachRow } from '../input/file-row.js';
import { contentText, keyText } from './row-key.js';
import { isRepetition } from './earlier-row.js';
import type { FileRow } from '../input/file-row.js';
import { alignColumns } from '../input/header.js';
import { realign } from '../input/ragged-row.js';
import { InputError } from '../core/input-error.js';
import { cellWarnings, changeWarning, equalWarning } from './plan-warning.js';
import { keepBack, markCorrected, planRow } from './planned-row.js';
import type { Plan, PlannedRow } from './planned-row.js';
import { usedCell } from '../input/header.js';
import { showText } from '../core/safe-text.js';
import type { Settlement } from '../row/settlement.js';
import type { PlanContext, PlannedRows } from './plan-context.js';
import { keepsUser, RowHistory } from './row-history.js';
import type { EarlierRow } from './row-history.js';
import { ownerRules, ownHistory, planRepetition, RowOwners } from './row-owners.js';
import type { Claim, Claimed } from './row-owners.js';

/** Plans a first input over the results of earlier runs, if there are any. */
export function planInput(context: PlanContext): PlannedRows {
  const { header } = context.input;
  return { ownNames: header.ownNames, header, rows: new InputPlanner(context).rows() };
}

type OwnedClaim = Claim & Claimed;

class InputPlanner {
  readonly #context: PlanContext;
  readonly #owners: RowOwners;
  #history: RowHistory | undefined;
  #lastLine = 1;

  constructor(context: PlanContext) {
    this.#context = context;
    this.#owners = new RowOwners(ownerRules(context.rules));
  }

  async *rows(): AsyncGenerator<PlannedRow> {
    const { input, results } = this.#context;
    const history = results && (await RowHistory.open(results));
    this.#history = history;
    if (history !== undefined) await this.#noteKept(history);
    const correct = this.#corrector();
    try {
      for await (const rows of input.batches()) {
        for (const given of rows) {
          const row = correct(given);
          const claim = this.#claim(row.line, row.cells);
          const found = claim && history?.take({ ...claim, isRepeated: claim.owner !== undefined });
          // To wait for each would cost a rerun 3 %.
          yield this.#plan(row, claim, found instanceof Promise ? await found : found);
        }
      }
    } catch (error) {
      // The results are about to be written anew: what stands behind the break must not fall out of them.
      if (error instanceof InputError && history !== undefined) yield* this.#carryUnread(history);
      throw error;
    }
    if (history !== undefined) yield* this.#planOrphans(history);
  }

  /** A correction is for one row: another one that says the same is its duplicate no longer, and stands for itself. */
  #corrector(): (row: FileRow) => FileRow {
    const { input, corrections } = this.#context;
    const applied = new Set<Correction>();
    return (row) => {
      const correction = corrections.find(input.header, row);
      if (correction === undefined || applied.has(correction)) return row;
      applied.add(correction);
      return correctRow(input, row, correction);
    };
  }

  /** Only a correction brings a user up to an earlier line than the row that was sent; without one, nobody need look. */
  async #noteKept(history: RowHistory): Promise<void> {
    const { input, corrections } = this.#context;
    if (corrections.list().length === 0) return;
    const correct = this.#corrector();
    for await (const row of eachRow(input)) {
      const { cells } = correct(row);
      const key = keyText(input.header, cells);
      if (key === undefined || history.keptLine(key) !== row.line) continue;
      this.#owners.keep({ key, line: row.line, content: contentText(input.header, cells) });
    }
  }

  #claim(line: number, cells: readonly string[]): OwnedClaim | undefined {
    const { header } = this.#context.input;
    const key = keyText(header, cells);
    if (key === undefined) return undefined;
    const content = contentText(header, cells);
    return { key, line, content, ...this.#owners.claim({ key, line, content }) };
  }

  #plan(row: FileRow, claim: OwnedClaim | undefined, earlier: EarlierRow | undefined): PlannedRow {
    const { input, rules, warn } = this.#context;
    const { line, cells, ragged, isHidden } = row;
    const { header } = input;
    this.#lastLine = line;
    cellWarnings(header, row).forEach(warn);
    const toPlanned = (plan: Plan): PlannedRow => ({ line, inputLine: line, cells, isHidden, plan });
    if (claim?.owner !== undefined) return toPlanned(planRepetition(claim.owner, claim.content, earlier?.settlement));
    this.#warnChange(earlier, { line, cells });
    const checked = planRow({ header, cells, ragged }, ownHistory(earlier?.settlement), rules);
    const equal = claim && this.#equalRow(claim);
    const plan = equal === undefined ? checked : this.#keepBack(checked, row, equal);
    return toPlanned(markCorrected(plan, () => earlier !== undefined && this.#isSame(earlier.row, row)));
  }

  /** Where another row has an equal name: in the input, or in the results, done or in doubt. */
  #equalRow({ key, equal }: OwnedClaim): string | undefined {
    if (equal !== undefined) return `line ${equal.line}`;
    const { allowed = [] } = this.#context.rules;
    const line = allowed.includes('equal-names') ? undefined : this.#history?.equalLine(key);
    return line === undefined ? undefined : `line ${line} of the results, which is done or in doubt`;
  }

  #keepBack(checked: Plan, { line, cells }: FileRow, equal: string): Plan {
    const username = usedCell(this.#context.input.header, cells, 'username');
    const plan = keepBack(checked, username, equal);
    if (plan !== checked) this.#context.warn(equalWarning(line, plan));
    return plan;
  }

  #isSame(before: FileRow, now: FileRow): boolean {
    const { input, results } = this.#context;
    if ((before.ragged === undefined) !== (now.ragged === undefined)) return false;
    return sameCells(usedCells((results ?? input).header, before.cells), usedCells(input.header, now.cells));
  }

  #warnChange(earlier: EarlierRow | undefined, { line, cells }: { line: number; cells: readonly string[] }): void {
    const { input, results, warn } = this.#context;
    if (earlier === undefined || results === undefined) return;
    const change = changeWarning(
      { header: results.header, cells: earlier.row.cells },
      { header: input.header, cells, line },
    );
    if (change !== undefined) warn(change);
  }

  /** Rows that the input no longer has: kept when something was or may have been registered for them. */
  async *#planOrphans(history: RowHistory): AsyncGenerator<PlannedRow> {
    const { input, results, rules, warn } = this.#context;
    for await (const earlier of history.rest()) {
      if (earlier.key === undefined || this.#owners.has(earlier.key) || isRepetition(earlier.row)) continue;
      const past = rules.takeReplayed?.(earlier.key) ?? earlier.settlement;
      const header = (results ?? input).header;
      const who = `${showText(usedCell(header, earlier.row.cells, 'username'), 60)} (${past?.outcome ?? 'new'})`;
      if (past === undefined || !keepsUser(past)) {
        warn({ kind: 'left_out', line: earlier.row.line, text: `${who} is no longer in the input: left out` });
        continue;
      }
      const planned = this.#carry(earlier, past, this.#lastLine + 1);
      warn({
        kind: 'kept',
        line: planned.line,
        text: `${who} is no longer in the input: kept at the end of the results`,
      });
      yield planned;
    }
  }

  /** The input broke: rows of the results that it did not come to. */
  async *#carryUnread(history: RowHistory): AsyncGenerator<PlannedRow> {
    const elsewhere: [EarlierRow, Settlement][] = [];
    for await (const earlier of history.rest()) {
      const { line, settlement } = earlier;
      if (line === undefined || settlement === undefined) continue;
      if (line > this.#lastLine) yield this.#carry(earlier, settlement, line);
      // One that no key leads to was planned already, or stands behind one that was.
      else if (history.isFound(line)) elsewhere.push([earlier, settlement]);
    }
    for (const [earlier, settlement] of elsewhere) yield this.#carry(earlier, settlement, this.#lastLine + 1);
  }

  #carry({ row }: EarlierRow, settlement: Settlement, line: number): PlannedRow {
    const { input, results } = this.#context;
    const columns = alignColumns((results ?? input).header.ownKeys, input.header.ownKeys);
    this.#lastLine = line;
    return { line, cells: realign(row, columns), plan: { kind: 'carry', settlement } };
  }
}
