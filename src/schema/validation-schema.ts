import { FINDING_KINDS, FINDINGS } from '../checks/finding.js';
import type { Finding } from '../checks/finding.js';
import type { ValidationReport } from '../checks/validation.js';
import { ALLOWANCE_NAMES } from '../core/allowance.js';
import { entriesOf } from '../core/table.js';
import { INPUT_COLUMN_NAMES } from '../input/column.js';
import { describeTokenType, TOKEN_TYPE_NAMES } from '../row/token-type.js';
import type { TokenType } from '../row/token-type.js';
import { count, described, forEach, listOf, objectOf, oneOf, orNull, text } from './json-schema.js';
import type { JsonSchema, PublishedSchema } from './json-schema.js';
import { COLUMN_MAP, EXIT_CODE } from './summary-schema.js';

const SEVERITIES = ['error', 'warning'] as const;
const severity = oneOf(SEVERITIES, 'a row with an error is not sent');
const line: JsonSchema = { type: 'integer', minimum: 1 };

type FindingLine = Omit<Finding, 'once' | 'isOfHeader'> & { readonly type: 'problem'; readonly severity: string };

const ofTheirSeverity = SEVERITIES.map((each) => ({
  if: { properties: { severity: { const: each } } },
  then: { properties: { kind: { enum: FINDING_KINDS.filter((kind) => FINDINGS[kind].severity === each) } } },
}));

const problem: JsonSchema = {
  ...objectOf<FindingLine>(
    {
      type: { const: 'problem' },
      severity,
      kind: oneOf(
        FINDING_KINDS,
        entriesOf(FINDINGS)
          .map(([kind, { meaning }]) => `${kind}: ${meaning}`)
          .join('. '),
      ),
      file: text('the input, or where it stands instead'),
      line: described(line, 'of that file'),
      column: oneOf(INPUT_COLUMN_NAMES, 'by our name for it'),
      value: text('what stands in the column, shortened'),
      text: text('what is wrong and what to do'),
    },
    ['line', 'column', 'value'],
  ),
  allOf: ofTheirSeverity,
};

type Found = NonNullable<ValidationReport['found'][keyof ValidationReport['found']]>;

const found = objectOf<Found>({
  severity,
  count: { type: 'integer', minimum: 1 },
  first_line: orNull(described(line, 'of the first one; null when that is about no line')),
});

const summary = objectOf<ValidationReport>(
  {
    type: { const: 'summary' },
    input: text('the file as it was named'),
    sheet: text('of a workbook: the one that was read'),
    columns: COLUMN_MAP,
    allowed: listOf({ enum: ALLOWANCE_NAMES }, 'what --allow let pass'),
    rows: count('rows of the input'),
    to_send: objectOf<Record<TokenType, number>>(
      forEach(TOKEN_TYPE_NAMES, (name) => count(`${describeTokenType(name).label} rows that a run would send`)),
    ),
    done: count('rows that need nothing more'),
    with_errors: count('rows that a run would leave out as invalid'),
    others: count('rows that are not sent for another reason: they repeat one, or wait'),
    found: { type: 'object', properties: forEach(FINDING_KINDS, () => found) },
    exit_code: EXIT_CODE,
  },
  ['sheet'],
);

export const VALIDATION_SCHEMA: PublishedSchema = {
  title: 'A line of validate --json',
  describe: 'One JSON object a line: each problem, and at the end the summary.',
  schema: { oneOf: [problem, summary] },
};
