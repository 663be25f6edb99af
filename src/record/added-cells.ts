import { isoTime } from '../core/iso-time.js';
import { guardCell, showText } from '../core/safe-text.js';
import { ADDED_COLUMN_NAMES } from '../input/added-column.js';
import type { AddedColumn } from '../input/added-column.js';
import { OUTCOME_NAMES, OUTCOMES, retryOf } from '../row/outcome.js';
import type { Outcome } from '../row/outcome.js';
import type { Settlement } from '../row/settlement.js';

const ADDED_CELLS: Readonly<Record<AddedColumn, (line: number, settlement: Settlement) => string>> = {
  line: (line) => String(line),
  outcome: (_, { outcome }) => outcome,
  retry: (_, settlement) => retryOf(settlement),
  return_code: (_, { returnCode }) => guardCell(returnCode, 40),
  message: (_, { message }) => guardCell(message),
  http_status: (_, { httpStatus }) => httpStatus?.toString() ?? '',
  attempts: (_, { attempts }) => String(attempts),
  sent_at: (_, { sentAt }) => (sentAt === undefined ? '' : isoTime(sentAt)),
  latency_ms: (_, { latencyMs }) => latencyMs?.toString() ?? '',
  detail: (_, { detail }) => guardCell(detail),
};
const TO_ADDED_CELLS = ADDED_COLUMN_NAMES.map((name) => ADDED_CELLS[name]);

/** The added cells of a results row, in the order of {@link ADDED_COLUMN_NAMES}. */
export function toAddedCells(line: number, settlement: Settlement): string[] {
  return TO_ADDED_CELLS.map((toCell) => toCell(line, settlement));
}

export interface CellProblem {
  readonly column: AddedColumn;
  readonly problem: string;
}

/** The line of the first input that a results row speaks of; undefined when the cell is empty: a row added by hand. */
export function parseLine(cells: Readonly<Record<AddedColumn, string>>): number | undefined | CellProblem {
  // A spreadsheet may show decimals of it.
  const line = parseCount(cells.line.trim().replace(/[.,]00?$/, ''));
  if (line !== undefined && line > 0) return line;
  return cells.line.trim() === '' ? undefined : { column: 'line', problem: notKnown(cells.line, 'a line number') };
}

/** Reads the added cells back. A row without an outcome, added by hand, has no history. */
export function parseSettlement(cells: Readonly<Record<AddedColumn, string>>): Settlement | undefined | CellProblem {
  const outcome = cells.outcome.trim();
  if (outcome === '') return undefined;
  if (!isOutcome(outcome)) {
    return { column: 'outcome', problem: notKnown(outcome, `one of ${OUTCOME_NAMES.join(', ')}`) };
  }
  const attempts = parseCount(cells.attempts);
  if (attempts === undefined) return { column: 'attempts', problem: notKnown(cells.attempts, 'a number of sends') };
  const sentAt = parseTime(cells.sent_at);
  if (Number.isNaN(sentAt)) {
    return { column: 'sent_at', problem: notKnown(cells.sent_at, 'a time such as 2026-01-31T08:00:00.000Z') };
  }
  const strange = (['http_status', 'latency_ms'] as const).find(
    (column) => cells[column].trim() !== '' && parseCount(cells[column]) === undefined,
  );
  if (strange !== undefined) return { column: strange, problem: notKnown(cells[strange], 'a number') };
  return {
    outcome,
    returnCode: cells.return_code,
    message: cells.message,
    httpStatus: parseCount(cells.http_status),
    attempts,
    sentAt,
    latencyMs: parseCount(cells.latency_ms),
    detail: cells.detail,
    ...(outcome === 'unknown' && cells.retry.trim() === 'fix' && { needsFix: true }),
  };
}

export function isCellProblem(value: object | number | undefined): value is CellProblem {
  return typeof value === 'object' && 'problem' in value;
}

function isOutcome(word: string): word is Outcome {
  return Object.hasOwn(OUTCOMES, word);
}

/** Undefined for an empty cell. Only our own form: a local time read as UTC could make a key newer than its send. */
function parseTime(cell: string): number | undefined {
  const text = cell.trim();
  if (text === '') return undefined;
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) ? Date.parse(text) : NaN;
}

function parseCount(cell: string): number | undefined {
  return /^\d{1,15}$/.test(cell.trim()) ? Number(cell) : undefined;
}

function notKnown(found: string, right: string): string {
  return `"${showText(found, 40)}" is not ${right}`;
}
