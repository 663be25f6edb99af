import { InputError } from '../core/input-error.js';
import type { FileRow, RowFile } from '../input/file-row.js';
import { isCellProblem, parseLine, parseSettlement } from '../record/added-cells.js';
import type { CellProblem } from '../record/added-cells.js';
import type { Settlement } from '../row/settlement.js';

/** The line of the first input that the row speaks of; nothing for a row that was added by hand. */
export function lineOf(file: RowFile, row: FileRow): number | undefined {
  return row.added === undefined ? undefined : orThrow(file, row, parseLine(row.added));
}

export function settlementOf(file: RowFile, row: FileRow): Settlement | undefined {
  return row.added === undefined ? undefined : orThrow(file, row, parseSettlement(row.added));
}

/** As a spreadsheet has left it: times in its own way of writing are not known. Undefined for a row added by hand. */
export function tellSettlement({ added }: FileRow): Settlement | undefined | CellProblem {
  if (added === undefined) return undefined;
  const whole = parseSettlement(added);
  return isCellProblem(whole) ? parseSettlement({ ...added, http_status: '', sent_at: '', latency_ms: '' }) : whole;
}

/** A row that only repeats another one has no history of its own. */
export function isRepetition(row: FileRow): boolean {
  return row.added?.outcome.trim() === 'duplicate';
}

function orThrow<Value extends object | number>(
  file: RowFile,
  row: FileRow,
  value: Value | undefined | CellProblem,
): Value | undefined {
  if (!isCellProblem(value)) return value;
  throw new InputError(
    file.name,
    row.line,
    `${value.column}: ${value.problem}; this column is not for changing by hand`,
  );
}

export const STRAY =
  'line leads to no row of the results, or to one that another row has: give it back its line, or empty the columns from "line" to "detail" to make it a new row';

/** A row of a failed file that an earlier run found no place for and surely did not send: it waits to be told of. */
export function isLeftStray({ added }: FileRow): boolean {
  return added?.outcome.trim() === 'invalid' && added.detail.trim().startsWith(STRAY);
}
