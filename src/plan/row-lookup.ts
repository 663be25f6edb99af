import { isLeftStray, lineOf, settlementOf } from './earlier-row.js';
import type { FileRow, RowFile } from '../input/file-row.js';
import { parseLine } from '../record/added-cells.js';
import { InputError } from '../core/input-error.js';
import type { Settlement } from '../row/settlement.js';
import { LineSet } from './line-set.js';

type NotePlace = (row: FileRow, line: number, settlement: Settlement | undefined) => void;

/** A row index keeps lines in 32 bits. */
const MAX_LINE = 0xffff_ffff;

/**
 * @returns the lines that the rows of a results or failed file stand for, each once
 * @throws {InputError} for added cells that no run of ours wrote, or a copied row: it would get another user's history
 */
export async function readPlaces(file: RowFile, note?: NotePlace): Promise<LineSet> {
  const places = new LineSet();
  for await (const rows of file.batches()) {
    for (const row of rows) {
      if (isLeftStray(row)) continue;
      const line = lineOf(file, row);
      const settlement = settlementOf(file, row);
      if (line === undefined && settlement === undefined) continue;
      if (line === undefined) throw notOurs(file, row, 'line: is empty, and the row has an outcome');
      if (line > MAX_LINE) throw notOurs(file, row, `line: no input has a line ${line}`);
      if (!places.add(line)) throw notOurs(file, row, `line: ${line} stands on another row of this file too`);
      note?.(row, line, settlement);
    }
  }
  return places;
}

/** A row that an operator typed: no run has told anything of it. */
export function isByHand({ added }: FileRow): boolean {
  return added === undefined || (added.line.trim() === '' && added.outcome.trim() === '');
}

/**
 * The lines of a file that is led by the results, which have the history: all else that it says of itself is passed over.
 * A stray's line leads nowhere: it is no number, or one that the results lack, or another row's.
 */
async function readLedPlaces(
  file: RowFile,
  { places: known, noteStray }: Leading,
): Promise<{ readonly places: LineSet; readonly strays: LineSet }> {
  const [places, strays] = [new LineSet(), new LineSet()];
  for await (const rows of file.batches()) {
    for (const row of rows) {
      if (row.added === undefined || isByHand(row)) continue;
      const line = parseLine(row.added);
      if (typeof line === 'number' && known.has(line) && places.add(line)) continue;
      strays.add(row.line);
      noteStray?.(row, typeof line === 'number' ? line : undefined);
    }
  }
  return { places, strays };
}

interface Leading {
  /** The lines that they have. */
  readonly places: LineSet;
  readonly noteStray?: (row: FileRow, line: number | undefined) => void;
}

function notOurs(file: RowFile, row: FileRow, problem: string): InputError {
  const remedy = `a row that is added by hand has nothing in the columns from "line" to "detail"`;
  return new InputError(file.name, row.line, `${problem}: ${remedy}`);
}

/** Rows by line, while another file leads: read forward once, and only what stands elsewhere is kept in memory. */
export class RowLookup {
  readonly #file: RowFile;
  readonly #batches: AsyncIterator<readonly FileRow[]>;
  #rows: readonly FileRow[] = [];
  #at = 0;
  readonly #left: LineSet;
  /** Rows whose line leads nowhere, by where they stand in the file. */
  readonly #strays: LineSet;
  /** Of strays, by the same, the lines to which something else led. */
  readonly #found = new Map<number, number>();
  readonly #passedOver = new Map<number, FileRow>();
  /** Rows without a line, added by hand. */
  readonly #added: FileRow[] = [];

  private constructor(file: RowFile, left: LineSet, strays = new LineSet()) {
    this.#file = file;
    this.#batches = file.batches()[Symbol.asyncIterator]();
    this.#left = left;
    this.#strays = strays;
  }

  /** Reads the file once to know its lines; its rows are read again as they are asked for. @throws {InputError} */
  static async open(file: RowFile, note?: NotePlace): Promise<RowLookup> {
    return new RowLookup(file, await readPlaces(file, note));
  }

  /** Looks up the rows of a file that the results lead: one whose line leads nowhere is of the rest, and a stray. */
  static async openLed(file: RowFile, results: Leading): Promise<RowLookup> {
    const { places, strays } = await readLedPlaces(file, results);
    return new RowLookup(file, places, strays);
  }

  /** Is there a row of this line, which nobody took? */
  has(line: number): boolean {
    return this.#left.has(line);
  }

  /** The stray that stands there in the file is the row of this line. */
  lead(stray: number, line: number): void {
    if (this.#left.add(line)) this.#found.set(stray, line);
  }

  /**
   * The row of this line; nothing when there is none, or when it was taken already. Most rows were read with the one
   * before, and are there at once: to wait for those too would make planning a rerun 5 % slower (0.6 µs a row).
   */
  take(line: number): FileRow | undefined | Promise<FileRow | undefined> {
    if (!this.#left.delete(line)) return undefined;
    const passed = this.#passedOver.get(line);
    if (passed === undefined) return this.#find(line) ?? this.#readOn(line);
    this.#passedOver.delete(line);
    return passed;
  }

  async *rest(): AsyncGenerator<FileRow> {
    yield* this.#passedOver.values();
    yield* this.#added;
    do {
      yield* this.#rows.slice(this.#at);
    } while (await this.#readNext());
  }

  /** Passes over what has another line, among the rows that were read. */
  #find(line: number): FileRow | undefined {
    while (this.#at < this.#rows.length) {
      const row = this.#rows[this.#at];
      this.#at += 1;
      if (row === undefined) continue;
      const rowLine = this.#lineOf(row);
      if (rowLine === line) return row;
      if (rowLine === undefined) this.#added.push(row);
      else this.#passedOver.set(rowLine, row);
    }
    return undefined;
  }

  #lineOf(row: FileRow): number | undefined {
    return this.#strays.has(row.line) ? this.#found.get(row.line) : lineOf(this.#file, row);
  }

  async #readOn(line: number): Promise<FileRow | undefined> {
    while (await this.#readNext()) {
      const row = this.#find(line);
      if (row !== undefined) return row;
    }
    return undefined;
  }

  async #readNext(): Promise<boolean> {
    const next = await this.#batches.next();
    [this.#rows, this.#at] = [next.done === true ? [] : next.value, 0];
    return next.done !== true;
  }
}
