import { sameCells, usedCells } from '../input/correction.js';
import { eachRow } from '../input/file-row.js';
import { contentText, keyText } from './row-key.js';
import { isLeftStray, isRepetition, lineOf, settlementOf, STRAY, tellSettlement } from './earlier-row.js';
import { ADDED_COLUMN_NAMES } from '../input/added-column.js';
import { isCellProblem } from '../record/added-cells.js';
import { isInDoubt, retryOf } from '../row/outcome.js';
import { settleInvalid } from '../row/row-state.js';
import type { FileRow, RowFile } from '../input/file-row.js';
import { alignColumns, joinHeaders, usedCell } from '../input/header.js';
import type { Header } from '../input/header.js';
import { realign } from '../input/ragged-row.js';
import { cellWarnings, changeWarning, equalWarning } from './plan-warning.js';
import { keepBack, markCorrected, planRow } from './planned-row.js';
import type { PlannedRow } from './planned-row.js';
import { showText } from '../core/safe-text.js';
import type { Settlement } from '../row/settlement.js';
import type { PlanContext, PlannedRows } from './plan-context.js';
import { LineSet } from './line-set.js';
import { isDone, keepsUser } from './row-history.js';
import { isByHand, readPlaces, RowLookup } from './row-lookup.js';
import { ownerRules, ownHistory, planRepetition, RowOwners } from './row-owners.js';
import type { Claimed } from './row-owners.js';

const WAITS =
  "Not in this run's input: a row stays in the results, and comes back into the failed file, until it is done.";

export function planLeftovers(context: PlanContext, results: RowFile): PlannedRows {
  const { input } = context;
  const header = joinHeaders(results.header, input.header);
  return { ownNames: header.ownNames, header, rows: new LeftoverPlanner(context, results, header).rows() };
}

/** Decides, line by line of the results, between the row there and the one that the input has in its place. */
class LeftoverPlanner {
  readonly #context: PlanContext;
  readonly #results: RowFile;
  readonly #header: Header;
  readonly #owners: RowOwners;
  readonly #fromResults: readonly number[];
  readonly #fromInput: readonly number[];
  #lastLine = 1;
  /** The lines that rows of the input have in vain. */
  readonly #strayLines = new LineSet();
  /** Added columns in which rows of the input differ from the results. */
  readonly #differing = new Set<string>();
  #firstDiffering: number | undefined;
  #countDiffering = 0;

  constructor(context: PlanContext, results: RowFile, header: Header) {
    const { input } = context;
    this.#context = context;
    this.#owners = new RowOwners(ownerRules(context.rules));
    this.#results = results;
    this.#header = header;
    this.#fromResults = alignColumns(results.header.ownKeys, header.ownKeys);
    this.#fromInput = alignColumns(input.header.ownKeys, header.ownKeys);
  }

  async *rows(): AsyncGenerator<PlannedRow> {
    const results = this.#results;
    const { input } = this.#context;
    const places = await readPlaces(results, (row, line, past) => this.#noteKept(row, line, past));
    // Results that lead themselves are the history; of another file, only the lines are believed.
    const changes = await (input === results ? RowLookup.open(input) : this.#openLed(places));
    const added: FileRow[] = [];
    for await (const row of eachRow(results)) {
      if (isLeftStray(row)) {
        this.#leaveStray(row);
        continue;
      }
      const line = lineOf(results, row);
      if (line === undefined) added.push(row);
      else {
        const change = await changes.take(line);
        if (change !== undefined && input !== results) this.#noteDiffering(row, change);
        const planned = this.#plan(row, line, change);
        yield change === undefined ? planned : { ...planned, inputLine: change.line };
      }
    }
    for await (const row of changes.rest()) {
      const planned = isByHand(row) ? this.#planNew(row, this.#change(row)) : this.#planStray(row);
      yield { ...planned, inputLine: row.line };
    }
    this.#warnDiffering();
    // Added to the results themselves, which often are the input too: then they were planned just now.
    for (const row of added) {
      const cells = this.#before(row);
      const key = keyText(this.#header, cells);
      if (key !== undefined && !this.#owners.has(key)) yield this.#planNew(row, cells);
    }
  }

  /** The rows of the input by their lines; a stray by its user, where that leads it to one row alone. */
  async #openLed(places: LineSet): Promise<RowLookup> {
    const strays = new Map<string, number | undefined>();
    const noteStray = (row: FileRow, line: number | undefined): void => {
      if (line !== undefined) this.#strayLines.add(line);
      const key = keyText(this.#header, this.#change(row));
      if (key !== undefined) strays.set(key, strays.has(key) ? undefined : row.line);
    };
    const changes = await RowLookup.openLed(this.#context.input, { places, noteStray });
    if (strays.size === 0) return changes;
    const [waiting, done] = [new Map<string, number | undefined>(), new Map<string, number | undefined>()];
    for await (const row of eachRow(this.#results)) {
      const line = lineOf(this.#results, row);
      const key = keyText(this.#header, this.#before(row));
      if (line === undefined || key === undefined || !strays.has(key)) continue;
      if (changes.has(line) || isRepetition(row) || isLeftStray(row)) continue;
      const past = settlementOf(this.#results, row);
      const lines = past !== undefined && retryOf(past) === 'no' ? done : waiting;
      lines.set(key, lines.has(key) ? undefined : line);
    }
    for (const [key, stray] of strays) {
      const line = waiting.has(key) ? waiting.get(key) : done.get(key);
      if (stray !== undefined && line !== undefined) changes.lead(stray, line);
    }
    return changes;
  }

  /** What an earlier run knew no place for stays as long as the input has it. */
  #leaveStray(row: FileRow): void {
    const { input, warn } = this.#context;
    const line = lineOf(this.#results, row);
    if (input === this.#results || line === undefined || this.#strayLines.has(line)) return;
    const who = showText(usedCell(this.#results.header, row.cells, 'username'), 60);
    warn({ kind: 'left_out', line: row.line, text: `${who} (invalid) is no longer in the input: left out` });
  }

  #noteKept(row: FileRow, line: number, past: Settlement | undefined): void {
    const cells = this.#before(row);
    const key = keyText(this.#header, cells);
    if (key === undefined || past === undefined || !keepsUser(past)) return;
    this.#owners.keep({ key, line, content: contentText(this.#header, cells) });
  }

  /** The row as it stands, or as it was corrected. */
  #plan(old: FileRow, line: number, change: FileRow | undefined): PlannedRow {
    this.#lastLine = Math.max(this.#lastLine, line);
    const header = this.#header;
    const before = this.#before(old);
    const cells = change === undefined ? before : this.#change(change, before);
    const past = settlementOf(this.#results, old);
    const isSame = sameCells(usedCells(header, before), usedCells(header, cells));
    const isSameUser = keyText(header, before) === keyText(header, cells);
    if (past !== undefined && keepsUser(past) && (isDone(past) || !isSameUser)) {
      if (!isSame) this.#warnNotReplaced({ line, cells: before }, past);
      return { line, cells: before, plan: { kind: 'carry', settlement: past } };
    }
    if (change === undefined && past !== undefined && !isRepetition(old)) {
      return this.#letWait({ line, cells }, past);
    }
    const isMended = old.ragged !== undefined && change !== undefined && change.ragged === undefined;
    if (!isSame || isMended) this.#correct({ line, before, cells, isMended });
    return this.#planCells({ ...(change ?? old), line, cells }, past, isSame && !isMended);
  }

  /** A row that is not done and that the input no longer has: it waits, unless an earlier one has its user by now. */
  #letWait(row: Pick<PlannedRow, 'line' | 'cells'>, past: Settlement): PlannedRow {
    const key = keyText(this.#header, row.cells);
    const content = contentText(this.#header, row.cells);
    const { owner } = key === undefined ? {} : this.#owners.claim({ key, line: row.line, content });
    if (owner !== undefined) return { ...row, plan: planRepetition(owner, content, past) };
    const replayed = key === undefined ? undefined : this.#context.rules.takeReplayed?.(key);
    return { ...row, plan: { kind: 'carry', settlement: replayed ?? withReason(past) } };
  }

  /** A row that was added by hand. */
  #planNew(row: FileRow, cells: readonly string[]): PlannedRow {
    this.#lastLine += 1;
    return this.#planCells({ ...row, line: this.#lastLine, cells }, undefined);
  }

  /** Nobody knows which row it is meant to be. */
  #planStray(row: FileRow): PlannedRow {
    this.#lastLine += 1;
    const rejections = [{ reason: STRAY }];
    const past = tellSettlement(row);
    const isDoubtful = past !== undefined && !isCellProblem(past) && isInDoubt(past.outcome);
    const settlement = settleInvalid(isDoubtful ? past : undefined, STRAY);
    return { line: this.#lastLine, cells: this.#change(row), plan: { kind: 'settle', settlement, rejections } };
  }

  /** The results know better what became of a row than a file that was saved anew. */
  #noteDiffering(old: FileRow, change: FileRow): void {
    const columns = ADDED_COLUMN_NAMES.filter((name) => old.added?.[name].trim() !== change.added?.[name].trim());
    if (columns.length === 0) return;
    columns.forEach((name) => this.#differing.add(name));
    this.#firstDiffering ??= change.line;
    this.#countDiffering += 1;
  }

  #warnDiffering(): void {
    if (this.#firstDiffering === undefined) return;
    const [columns, count] = [[...this.#differing].join(', '), this.#countDiffering];
    const text = `${count === 1 ? '1 row has' : `${count} rows have`} other cells than the results in ${columns}: the results stand`;
    this.#context.warn({ kind: 'added_cells', line: this.#firstDiffering, text });
  }

  #planCells(row: FileRow, past: Settlement | undefined, isSame = false): PlannedRow {
    const { line, cells, ragged } = row;
    const header = this.#header;
    cellWarnings(header, row).forEach(this.#context.warn);
    const key = keyText(header, cells);
    const content = contentText(header, cells);
    const { owner, equal }: Claimed = key === undefined ? {} : this.#owners.claim({ key, line, content });
    if (owner !== undefined) return { line, cells, plan: planRepetition(owner, content, past) };
    const checked = planRow({ header, cells, ragged }, ownHistory(past), this.#context.rules);
    const plan =
      equal === undefined ? checked : keepBack(checked, usedCell(header, cells, 'username'), `line ${equal.line}`);
    if (plan !== checked) this.#context.warn(equalWarning(line, plan));
    return { line, cells, plan: markCorrected(plan, () => isSame) };
  }

  #correct(row: { line: number; before: readonly string[]; cells: readonly string[]; isMended: boolean }): void {
    const header = this.#header;
    this.#context.corrections.add({
      line: row.line,
      from: usedCells(header, row.before),
      to: usedCells(header, row.cells),
      ...(row.isMended && { isMended: true }),
    });
    const warning = changeWarning({ header, cells: row.before }, { header, ...row });
    if (warning !== undefined) this.#context.warn(warning);
  }

  #warnNotReplaced({ line, cells }: Pick<PlannedRow, 'line' | 'cells'>, past: Settlement): void {
    const { username } = usedCells(this.#header, cells);
    const text = `${showText(username, 60)} is ${past.outcome}: the change was not taken; another user gets a row of their own`;
    this.#context.warn({ kind: 'not_replaced', line, text });
  }

  #before(row: FileRow): readonly string[] {
    return realign(row, this.#fromResults);
  }

  /** The input's cells; of a column that it lacks, the cells of the results stand. */
  #change(row: FileRow, before: readonly string[] = []): readonly string[] {
    return realign(row, this.#fromInput, before);
  }
}

/** Who took a row out of the failed file reads why it is back; once is enough. */
function withReason(past: Settlement): Settlement {
  const { detail } = past;
  if (detail.includes(WAITS)) return past;
  return { ...past, detail: detail === '' ? WAITS : `${detail.replace(/\.?$/, '.')} ${WAITS}` };
}
