import {
  isCount,
  isFlag,
  isNumber,
  isScalar,
  isText,
  isTimeText,
  listOf,
  mapOf,
  maybe,
  objectOf,
  orNull,
} from './shape.js';
import type { Shape } from './shape.js';
import { INPUT_COLUMN_NAMES } from '../input/column.js';
import type { Correction, UsedCells } from '../input/correction.js';
import { parseEncoding } from '../input/encoding.js';
import type { ConnectionCount } from '../network/counted-connect.js';
import type { PaceFigures } from '../report/latencies.js';
import type { Origin } from '../report/origin.js';
import type { PeopleCount } from '../report/people.js';
import { EARLIER_RUN } from '../report/run-report.js';
import type { RunHistory, RunReport, SelectionReport, Unchanged, UndoReport } from '../report/run-report.js';

export const isOrigin = objectOf<Origin>({
  program: isText,
  command: isText,
  node: isText,
  host: isText,
  system_user: isText,
  time_zone: isText,
});

export const isSelection = objectOf<SelectionReport>({
  only: maybe(isText),
  where: maybe(listOf(isText)),
  limit: maybe(isNumber),
  visible_only: maybe(isFlag),
  shard: maybe(isText),
});

const isPeople = objectOf<PeopleCount>({ all: isNumber, done: isNumber, left: isNumber, with_token: isNumber });

const isPace = objectOf<PaceFigures>({
  sends_per_second: isNumber,
  latency_ms: orNull(
    objectOf<NonNullable<PaceFigures['latency_ms']>>({ median: isNumber, p95: isNumber, p99: isNumber }),
  ),
});

const areCounts = mapOf(isNumber);

const isHistory = objectOf<RunHistory>({
  runs: isNumber,
  first_started_at: isText,
  sends: isNumber,
  duration_ms: isNumber,
  registered_without_key: isNumber,
  warnings: areCounts,
});

// Object.fromEntries loses the names, which are all there.
const areCells = objectOf<UsedCells>(
  Object.fromEntries(INPUT_COLUMN_NAMES.map((name) => [name, isText])) as Record<keyof UsedCells, Shape>,
);

const isCorrection = objectOf<Correction>({ line: isCount, from: areCells, to: areCells, isMended: maybe(isFlag) });

const isUndo = objectOf<UndoReport>({ how: isText, rows: isCount, outcomes: areCounts });

const isAsLeft = objectOf<Unchanged>({
  program: isText,
  input: isText,
  results: isText,
  failed: isText,
  keys: isText,
});

/** What has `maybe` is not in the summaries of older versions. */
const MEMBERS: Readonly<Record<keyof RunReport, Shape>> = {
  version: maybe(isNumber),
  run_id: maybe(isText),
  made_by: maybe(orNull(isOrigin)),
  input: isText,
  input_bytes: maybe(orNull(isNumber)),
  input_sha256: maybe(isText),
  input_rows: maybe(isNumber),
  sheet: maybe(isText),
  started_at: isTimeText,
  ended_at: isTimeText,
  duration_ms: maybe(isNumber),
  exit_code: isNumber,
  stopped_by: orNull(isText),
  next_command: maybe(orNull(isText)),
  selection: maybe(isSelection),
  rows: isNumber,
  people: maybe(isPeople),
  carried: maybe(isNumber),
  sends: isNumber,
  outcomes: areCounts,
  retry: areCounts,
  left_out: maybe(isNumber),
  return_codes: areCounts,
  registered_without_key: maybe(isNumber),
  warnings: areCounts,
  pace: maybe(isPace),
  connections: maybe(objectOf<ConnectionCount>({ tried: isNumber, failed: isNumber })),
  history: maybe(isHistory),
  signatures_dir: isText,
  encoding: (found) => typeof found === 'string' && parseEncoding(found) === found,
  columns: mapOf(isText),
  settings: mapOf(isScalar),
  changed_settings: maybe(mapOf(orNull(isScalar))),
  corrections: listOf(isCorrection),
  undo: maybe(isUndo),
  as_left: maybe(isAsLeft),
  // Object.fromEntries loses the names, which are all there.
  runs: listOf(
    objectOf(
      Object.fromEntries(EARLIER_RUN.map((name) => [name, (found: unknown) => MEMBERS[name](found)])) as Record<
        (typeof EARLIER_RUN)[number],
        Shape
      >,
    ),
  ),
};

/** Is this what a run wrote, in each member that somebody reads? What later versions add is handed on. */
export function isSummary(found: unknown): found is RunReport {
  return isRunReport(found);
}

const isRunReport = objectOf<RunReport>(MEMBERS);
