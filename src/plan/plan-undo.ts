import { ALLOWANCE_NAMES } from '../core/allowance.js';
import { InputError } from '../core/input-error.js';
import { UsageError } from '../core/usage-error.js';
import { UNDO_COLUMN } from '../input/added-column.js';
import { eachRow } from '../input/file-row.js';
import type { FileRow, RowFile } from '../input/file-row.js';
import { alignColumns } from '../input/header.js';
import { realign } from '../input/ragged-row.js';
import { keyOf, parseKey, parseRegistration, rejectionText } from '../row/registration.js';
import type { TokenStatus } from '../row/registration.js';
import { settleInvalid } from '../row/row-state.js';
import { settleUnsent } from '../row/settlement.js';
import type { Settlement } from '../row/settlement.js';
import { isUndone, mayUndo, undoInDoubt, UNDO_WAY_NAMES } from '../row/undo.js';
import type { EarlierUndo, UndoPart, UndoWay } from '../row/undo.js';
import { lineOf, settlementOf } from './earlier-row.js';
import type { Replayed } from './journal-replay.js';
import type { PlannedRows } from './plan-context.js';
import type { Plan, PlannedRow } from './planned-row.js';
import { RowHistory } from './row-history.js';
import { RowIndex } from './row-index.js';
import { Selection } from './selection.js';

export interface UndoRules {
  readonly way: UndoWay;
  readonly where: readonly string[];
  readonly limit: number | undefined;
  /** Of the runs, for rows that have none of their own. */
  readonly defaultStatus: TokenStatus | undefined;
}

/** What a killed undo knew of its rows, by key: of a selection, nothing is left to ask then. */
export interface UndoReplay {
  readonly take: (key: string) => Settlement | undefined;
  /** What nobody has taken. */
  readonly rest: () => Iterable<Replayed>;
}

export interface UndoContext {
  readonly results: RowFile;
  /** What earlier undos left. */
  readonly undone: RowFile | undefined;
  readonly rules: UndoRules;
  readonly replay?: UndoReplay;
}

/**
 * Plans the rows of results for an undo: those that it may take up are sent, all others stay as they stand.
 * @throws {InputError} for a row that no run knows of, {UsageError} when `--where` means none, both while rows are read
 */
export function planUndo(context: UndoContext): PlannedRows {
  const { header } = context.results;
  return { ownNames: header.ownNames, header, rows: new UndoPlanner(context).rows() };
}

class UndoPlanner {
  readonly #context: UndoContext;
  readonly #selection: Selection;
  readonly #columns: readonly number[];
  readonly #keys = new RowIndex();
  #lastLine = 1;
  #taken = 0;

  constructor(context: UndoContext) {
    const { results, rules } = context;
    this.#context = context;
    this.#selection = new Selection({ ...rules, only: undefined }, results.header);
    this.#columns = alignColumns(results.header.ownKeys, results.header.ownKeys);
  }

  async *rows(): AsyncGenerator<PlannedRow> {
    const { results, undone, replay } = this.#context;
    const history = undone && (await RowHistory.open(undone));
    for await (const row of eachRow(results)) {
      const key = parseKey(results.header, row.cells);
      const line = this.#lineOf(row);
      this.#lastLine = Math.max(this.#lastLine, line);
      const text = key && keyOf(key);
      const found = text === undefined ? undefined : await history?.take({ key: text, line, isRepeated: false });
      yield this.#plan(row, line, { key: text, earlier: undone && found && toEarlier(undone, found) });
    }
    const problem = replay === undefined ? this.#selection.problem() : undefined;
    if (problem !== undefined) throw new UsageError([problem]);
    yield* this.#forgotten();
  }

  #lineOf(row: FileRow): number {
    const { results } = this.#context;
    const line = lineOf(results, row);
    if (line !== undefined && settlementOf(results, row) !== undefined) return line;
    throw new InputError(results.name, row.line, 'this row was added by hand: run over it first, or take it away');
  }

  #plan(
    row: FileRow,
    line: number,
    { key, earlier }: { readonly key: string | undefined; readonly earlier: EarlierUndo | undefined },
  ): PlannedRow {
    const { rules, results, replay } = this.#context;
    // The line has told that there is one.
    const standing = settlementOf(results, row) ?? settleUnsent('not_sent', '');
    const planned = { line, inputLine: row.line, cells: realign(row, this.#columns) };
    const leave = (leftFor?: UndoPart['leftFor']): PlannedRow => {
      const undo: UndoPart = { earlier, ...(leftFor && { leftFor }) };
      return { ...planned, undo, plan: { kind: 'carry', settlement: standing } };
    };
    const undo: UndoPart = { standing, earlier };
    // A user's token is undone once, whatever rows say so; one that it can't be undone by keeps no other from it.
    const isDone = isUndone(standing, rules.way);
    const isFirst = key !== undefined && (isDone || mayUndo(standing, rules.way)) && this.#claim(key, line);
    if (replay !== undefined) {
      const settlement = isFirst ? replay.take(key) : undefined;
      return settlement === undefined ? leave() : { ...planned, undo, plan: { kind: 'settle', settlement } };
    }
    const isMeant = this.#selection.means(planned.cells);
    if (isMeant && isDone) return leave('done');
    if (!isFirst) return leave(isMeant ? 'not_ours' : 'not_selected');
    if (!isMeant || this.#taken >= (rules.limit ?? Infinity)) return leave('not_selected');
    this.#taken += 1;
    return { ...planned, undo, plan: this.#planSend(row, standing, earlier) };
  }

  #claim(key: string, line: number): boolean {
    return this.#keys.add(key, line) === undefined;
  }

  #planSend(row: FileRow, standing: Settlement, earlier: EarlierUndo | undefined): Plan {
    const { header } = this.#context.results;
    const { way, defaultStatus = '2' } = this.#context.rules;
    const parsed = parseRegistration(header, row.cells, { defaultStatus, allowed: ALLOWANCE_NAMES });
    const past = pastOf(standing, earlier, way);
    if ('registration' in parsed) return { kind: 'register', registration: parsed.registration, past };
    const { rejections } = parsed;
    return { kind: 'settle', settlement: settleInvalid(past, rejections.map(rejectionText).join('; ')), rejections };
  }

  /** Rows that somebody took from the results after a killed undo had sent them. */
  *#forgotten(): Generator<PlannedRow> {
    const { ownKeys } = this.#context.results.header;
    for (const { key, settlement } of this.#context.replay?.rest() ?? []) {
      const colon = key.indexOf(':');
      const [tokenType, username] = [key.slice(0, colon), key.slice(colon + 1)];
      const cells = ownKeys.map((own) => (own === 'username' ? username : own === 'token_type' ? tokenType : ''));
      this.#lastLine += 1;
      const undo: UndoPart = { standing: settleUnsent('registered', '') };
      yield { line: this.#lastLine, cells, undo, plan: { kind: 'settle', settlement } };
    }
  }
}

function toEarlier(
  { header }: RowFile,
  { row, settlement }: { readonly row: FileRow; readonly settlement: Settlement | undefined },
): EarlierUndo | undefined {
  const word = row.cells[header.ownNames.lastIndexOf(UNDO_COLUMN)]?.trim();
  const way = UNDO_WAY_NAMES.find((name) => name === word);
  return way && settlement && { way, settlement };
}

/** What earlier undos left: their sends, and their doubt where the results tell of it, which are whole in any case. */
function pastOf(standing: Settlement, earlier: EarlierUndo | undefined, way: UndoWay): Settlement | undefined {
  const before = earlier?.settlement;
  if (undoInDoubt(standing) === way) {
    const known = before ?? { ...settleUnsent('unknown', ''), sentAt: standing.sentAt };
    return { ...known, outcome: 'unknown', attempts: Math.max(1, known.attempts) };
  }
  if (before === undefined) return undefined;
  const isRefused = before.outcome === 'refused' && earlier?.way === way;
  const { attempts, sentAt, latencyMs } = before;
  return { ...settleUnsent(isRefused ? 'refused' : 'not_sent', ''), attempts, sentAt, latencyMs };
}
