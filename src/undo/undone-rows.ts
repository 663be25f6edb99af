import { existsSync } from 'node:fs';
import { InputError } from '../core/input-error.js';
import type { StemFiles } from '../core/stem.js';
import { foreignProblem } from '../disk/own-file.js';
import { ADDED_COLUMN_NAMES, UNDO_COLUMN } from '../input/added-column.js';
import type { RowFile } from '../input/file-row.js';
import { mapOf } from '../input/header.js';
import { openInput } from '../input/open-input.js';
import { toAddedCells } from '../record/added-cells.js';
import { ReplacedFile } from '../record/replaced-file.js';
import { ResultWriter } from '../record/result-writer.js';
import type { ResultFormat } from '../record/result-writer.js';
import type { Written } from '../record/outputs.js';
import type { EndedRow } from '../report/summary.js';
import { retryOf } from '../row/outcome.js';
import type { RetryMarker } from '../row/outcome.js';
import type { Settlement } from '../row/settlement.js';
import { describeUndoWay } from '../row/undo.js';
import type { UndoWay } from '../row/undo.js';
import type { Stem } from '../wiring/stem-state.js';

const RETRY_AT = ADDED_COLUMN_NAMES.indexOf('retry');

/** Does the row need another undo? One that went its way needs none, whatever a run would say of it. */
export function undoRetryOf(undo: Settlement, way: UndoWay): RetryMarker {
  return undo.outcome === describeUndoWay(way).outcome ? 'no' : retryOf(undo);
}

/** Opens what earlier undos left, if anything. @throws {InputError} when it is not what it should be */
export async function openUndone(
  { undone }: StemFiles,
  { input, dialect }: Pick<Stem, 'input' | 'dialect'>,
): Promise<RowFile | undefined> {
  const problem = foreignProblem(undone);
  if (problem !== undefined) throw new InputError(undone, 1, `nothing can be read from this, as ${problem}`);
  if (!existsSync(undone)) return undefined;
  const { encoding } = dialect;
  const options = { encoding, encodingBy: 'the results', allowed: [], delimiter: undefined, sheet: undefined };
  return openInput(undone, { ...options, columns: mapOf(input.header), remembered: undefined });
}

/** The rows that undo took up, in the order of the results: as those, with how each was undone behind its own columns. */
export class UndoneRows {
  readonly #file: ReplacedFile;
  readonly #writer: ResultWriter;
  readonly #way: UndoWay;

  /** @throws {StateError} when it can't be written */
  constructor(path: string, ownNames: readonly string[], { way, format }: { way: UndoWay; format: ResultFormat }) {
    this.#file = new ReplacedFile(path);
    this.#writer = new ResultWriter(this.#file, [...ownNames, UNDO_COLUMN], format);
    this.#way = way;
  }

  /** A row that this undo took up is as that came out; else as an earlier one did, where there was one. */
  write({ row, settlement }: Pick<EndedRow, 'row' | 'settlement'>): void {
    const { standing, earlier } = row.undo ?? {};
    const undo = standing === undefined ? earlier : { way: this.#way, settlement };
    if (undo === undefined) return;
    const added = toAddedCells(row.line, undo.settlement);
    added[RETRY_AT] = undoRetryOf(undo.settlement, undo.way);
    this.#writer.write([...row.cells, undo.way], added);
  }

  /** All of it is on the disk, and not yet in its place. */
  finish(): Written {
    const sha256 = this.#writer.finish();
    return { sha256, bytes: this.#file.bytes };
  }

  place(): void {
    this.#writer.place();
  }

  discard(): void {
    this.#writer.discard();
  }
}
