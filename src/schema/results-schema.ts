import { ADDED_COLUMN_NAMES, ADDED_COLUMNS } from '../input/added-column.js';
import type { AddedColumn } from '../input/added-column.js';
import { entriesOf } from '../core/table.js';
import { OUTCOME_NAMES, OUTCOMES, RETRY_MARKERS } from '../row/outcome.js';
import { forEach, TIME_OR_EMPTY } from './json-schema.js';
import type { JsonSchema, PublishedSchema } from './json-schema.js';

/** What stands in a cell of each, beside what the table of columns says. */
const CELLS: Readonly<Record<AddedColumn, JsonSchema>> = {
  line: { pattern: String.raw`^[1-9]\d*$` },
  outcome: { enum: OUTCOME_NAMES },
  retry: { enum: RETRY_MARKERS },
  return_code: { maxLength: 40 },
  message: { maxLength: 500 },
  http_status: { pattern: String.raw`^(\d{3})?$` },
  attempts: { pattern: String.raw`^\d+$` },
  sent_at: { pattern: TIME_OR_EMPTY },
  latency_ms: { pattern: String.raw`^\d*$` },
  detail: { maxLength: 500 },
};

/** A doubt that reruns don't end has `fix`. */
const retries = entriesOf(OUTCOMES).map(([outcome, { retry }]) => ({
  if: { properties: { outcome: { const: outcome } } },
  then: { properties: { retry: outcome === 'unknown' ? { enum: [retry, 'fix'] } : { const: retry } } },
}));

export const RESULTS_ROW_SCHEMA: PublishedSchema = {
  title: 'A row of users.results.csv or users.failed.csv',
  describe:
    'The cells of a row by the names of their columns: those of the input as they came, and those that are added. Every cell is a text.',
  schema: {
    type: 'object',
    properties: forEach(ADDED_COLUMN_NAMES, (name) => ({
      type: 'string',
      ...CELLS[name],
      description: ADDED_COLUMNS[name].replaceAll('`', ''),
    })),
    required: ADDED_COLUMN_NAMES,
    additionalProperties: { type: 'string' },
    allOf: retries,
  },
};
