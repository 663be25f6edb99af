import { entriesOf, namesOf } from '../core/table.js';
import { LOG_EVENTS } from '../report/log-event.js';
import { OUTCOME_NAMES } from '../row/outcome.js';
import { count, mapOf, oneOf, text, time } from './json-schema.js';
import type { PublishedSchema } from './json-schema.js';

export const LOG_SCHEMA: PublishedSchema = {
  title: 'A line of the log',
  describe: 'What a run writes on standard error where that is no terminal: one JSON object a line.',
  schema: {
    type: 'object',
    properties: {
      level: oneOf([30, 40], '30: a note, 40: a warning'),
      time: time('ISO 8601, UTC'),
      event: oneOf(
        namesOf(LOG_EVENTS),
        entriesOf(LOG_EVENTS)
          .map(([name, what]) => `${name}: ${what.replaceAll('`', '')}`)
          .join('. '),
      ),
      msg: text('for a person; its words may change'),
      line: { type: 'integer', minimum: 1, description: 'in the first input' },
      kind: text('of a warning, as in the warnings of the summary'),
      rows: count('rows that have ended'),
      sends: count('sends of this run so far'),
      rows_per_second: { type: 'number', minimum: 0, description: 'of those that were not done before' },
      left_s: count('seconds that the rest takes at this rate, where that can be told'),
      outcomes: mapOf({ type: 'integer', minimum: 1 }, 'rows that have ended, by outcome', OUTCOME_NAMES),
    },
    required: ['level', 'time', 'event', 'msg'],
    allOf: [
      { if: { properties: { event: { const: 'row' } } }, then: { required: ['line', 'kind'] } },
      {
        if: { properties: { event: { const: 'progress' } } },
        then: { required: ['rows', 'sends', 'outcomes', 'rows_per_second'] },
      },
    ],
  },
};
