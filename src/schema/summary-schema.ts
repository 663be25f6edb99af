import { EXIT_CODES } from '../core/exit-code.js';
import { ENCODINGS } from '../input/encoding.js';
import { INPUT_COLUMN_NAMES } from '../input/column.js';
import type { Correction, UsedCells } from '../input/correction.js';
import { EARLIER_RUN } from '../report/run-report.js';
import type { RunHistory, RunReport, SelectionReport, Unchanged, UndoReport } from '../report/run-report.js';
import type { ConnectionCount } from '../network/counted-connect.js';
import type { PaceFigures } from '../report/latencies.js';
import type { Origin } from '../report/origin.js';
import type { PeopleCount } from '../report/people.js';
import { OUTCOME_NAMES, RETRY_MARKERS } from '../row/outcome.js';
import { UNDO_WAY_NAMES } from '../row/undo.js';
import {
  count,
  described,
  flag,
  forEach,
  listOf,
  mapOf,
  objectOf,
  oneOf,
  orNull,
  SHA256,
  text,
  time,
} from './json-schema.js';
import type { JsonSchema, PublishedSchema } from './json-schema.js';

const COUNT = count('so many');
const VALUE: JsonSchema = { type: ['string', 'number', 'boolean'] };

export const EXIT_CODE = oneOf(
  Object.values(EXIT_CODES).map(({ code }) => code),
  Object.values(EXIT_CODES)
    .map(({ code, meaning }) => `${code}: ${meaning.replaceAll('`', '')}`)
    .join('. '),
);

export const COLUMN_MAP = mapOf(
  { type: 'string' },
  'what the header calls the columns that are read, by our names',
  INPUT_COLUMN_NAMES,
);

const origin = objectOf<Origin>({
  program: text('name and version'),
  command: text('the command as it was typed, quoted for its shell; no flag holds a secret'),
  node: text('version of Node.js'),
  host: text('name of the machine'),
  system_user: text('who it ran as for the operating system'),
  time_zone: text('of that machine, as in the IANA database'),
});

const selection = objectOf<SelectionReport>(
  {
    only: {
      const: 'yes',
      description: 'of the rows that were tried before, those alone that a rerun helps as they are',
    },
    where: listOf({ type: 'string' }, 'column=value, all of which had to hold'),
    limit: { type: 'integer', minimum: 1, description: 'so many rows at most' },
    visible_only: { const: true, description: 'not the rows that a workbook hides' },
    shard: text('k/n: the rows of that part, while others ran the other parts'),
  },
  ['only', 'where', 'limit', 'visible_only', 'shard'],
);

const people = objectOf<PeopleCount>({
  all: count('usernames'),
  done: count('those of whom no row is left'),
  left: count('those of whom some row is left'),
  with_token: count('those of whom some row is registered or already_registered, and not key_lost alone'),
});

const connections = objectOf<ConnectionCount>({
  tried: count('attempts at a connection to the server'),
  failed: count('those of them that brought none'),
});

const pace = objectOf<PaceFigures>({
  sends_per_second: { type: 'number', minimum: 0 },
  latency_ms: orNull(
    described(
      objectOf<NonNullable<PaceFigures['latency_ms']>>({ median: COUNT, p95: COUNT, p99: COUNT }),
      "from departure to the reply's end, in ms, of the last send of each row; null when none was answered",
    ),
  ),
});

const warnings = mapOf(COUNT, 'how many of each kind');

const history = objectOf<RunHistory>({
  runs: { type: 'integer', minimum: 1 },
  first_started_at: time('when the first run began'),
  sends: COUNT,
  duration_ms: COUNT,
  registered_without_key: COUNT,
  warnings,
});

const usedCells = objectOf<UsedCells>(forEach(INPUT_COLUMN_NAMES, () => ({ type: 'string' })));

const correction = objectOf<Correction>(
  {
    line: { type: 'integer', minimum: 1, description: 'in the first input' },
    from: usedCells,
    to: usedCells,
    isMended: flag('the row had too few cells or too many, and has no longer'),
  },
  ['isMended'],
);

const unchanged = objectOf<Unchanged>({
  program: { type: 'string' },
  input: SHA256,
  results: SHA256,
  failed: SHA256,
  keys: text('size and time: a digest would give keys away'),
});

const undo = objectOf<UndoReport>({
  how: oneOf(UNDO_WAY_NAMES, 'as --how said'),
  rows: count('rows that were taken up'),
  outcomes: mapOf(COUNT, 'what became of them', OUTCOME_NAMES),
});

type Members = Readonly<Record<keyof RunReport, JsonSchema>>;

export const SUMMARY_MEMBERS: Omit<Members, 'runs'> = {
  version: { const: 1, description: 'of this format' },
  run_id: text('another one for every run'),
  made_by: orNull(described(origin, 'who made the run, where and how; null for a run of an older version')),
  input: text('the file as it was named'),
  input_bytes: orNull(count('size of the input')),
  input_sha256: described({ type: 'string', pattern: '^([0-9a-f]{64})?$' }, 'of the input as the run read it, hex'),
  input_rows: count('rows of the input'),
  sheet: text('of a workbook: the one that was read'),
  started_at: time('ISO 8601, UTC'),
  ended_at: time('ISO 8601, UTC'),
  duration_ms: COUNT,
  exit_code: EXIT_CODE,
  stopped_by: orNull(text('why it ended before its rows did; null when it did not')),
  next_command: orNull(
    text('what to type to go on; null when nothing is left, or when no line is sure to give the names in it'),
  ),
  selection: described(selection, 'which rows the run was for; empty: all'),
  rows: count('rows of the results'),
  people: described(people, 'people, by username, over all rows of the results'),
  carried: count('rows that were done when the run began'),
  sends: count('sends of this run that may have left'),
  outcomes: mapOf(COUNT, 'rows of the results by outcome', OUTCOME_NAMES),
  retry: mapOf(COUNT, 'rows of the results by retry', RETRY_MARKERS),
  left_out: count('rows that need nothing but another run, and that the selection left out'),
  return_codes: mapOf(COUNT, "rows of the results by the return code of their last answer; 'other' beyond 100 codes"),
  registered_without_key: count('OTP rows of this run that the server registered without giving a key'),
  warnings: described(warnings, 'of this run, by kind'),
  pace: described(pace, 'of this run'),
  connections: described(connections, 'of this run, whatever they were for; not known of one that was killed'),
  history: described(history, 'this run and all before it'),
  signatures_dir: text('where signatures were looked for'),
  encoding: oneOf(ENCODINGS, 'of the results'),
  columns: COLUMN_MAP,
  settings: mapOf(VALUE, 'what the run was told, without secrets'),
  changed_settings: mapOf(
    { type: ['string', 'number', 'boolean', 'null'] },
    'those that were another in the run before; null: not given any more',
  ),
  corrections: listOf(correction, 'what operators corrected in the failed file, for reruns of the first input'),
  undo: described(undo, 'of an undo, which registers nothing: how rows were taken back, and what became of those'),
  as_left: described(unchanged, 'what was read and left, by which the next run knows that nothing has changed'),
};

const OPTIONAL = ['left_out', 'sheet', 'connections', 'undo', 'as_left'] as const;
/** Runs of older versions have these alone. */
const ALWAYS = ['input', 'started_at', 'ended_at', 'exit_code', 'stopped_by', 'rows', 'sends', 'outcomes'] as const;

const runs = listOf(
  {
    type: 'object',
    properties: forEach(EARLIER_RUN, (name) => SUMMARY_MEMBERS[name]),
    required: ALWAYS,
  },
  'earlier runs, the oldest first, 1,000 at most; what is said of each is as above',
);

export const SUMMARY_SCHEMA: PublishedSchema = {
  title: 'users.summary.json, and what run --json writes',
  describe: 'The whole story of all runs of an input, without a secret.',
  schema: objectOf<RunReport>({ ...SUMMARY_MEMBERS, runs }, OPTIONAL),
};
