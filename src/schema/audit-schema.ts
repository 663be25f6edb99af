import { AUDIT_CHECKS } from '../checks/audit.js';
import type { AuditCheck, AuditReport } from '../checks/audit.js';
import { entriesOf, namesOf } from '../core/table.js';
import { listOf, objectOf, oneOf, text } from './json-schema.js';
import type { PublishedSchema } from './json-schema.js';
import { EXIT_CODE } from './summary-schema.js';

const check = objectOf<AuditCheck>({
  name: oneOf(
    namesOf(AUDIT_CHECKS),
    entriesOf(AUDIT_CHECKS)
      .map(([name, what]) => `${name}: ${what}`)
      .join('. '),
  ),
  verdict: oneOf(
    ['good', 'odd', 'bad', 'skipped'],
    'odd: a person has to look at it. skipped: there was nothing to look at, or not all of it could be',
  ),
  says: text('for a person; its words may change'),
});

export const AUDIT_SCHEMA: PublishedSchema = {
  title: 'What audit --json writes',
  describe: 'Each check of an audit, in its order.',
  schema: objectOf<AuditReport>({
    version: { const: 1, description: 'of this format' },
    results: text('the results as they were named'),
    exit_code: EXIT_CODE,
    checks: listOf(check, 'what was looked at, and what was found'),
  }),
};
