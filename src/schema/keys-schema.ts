import { entriesOf } from '../core/table.js';
import type { HandOutReport } from '../handout/hand-out-report.js';
import { WITHHELD, WITHHELD_NAMES } from '../handout/withheld.js';
import type { WithheldKey } from '../handout/withheld.js';
import { OUTCOME_NAMES } from '../row/outcome.js';
import { count, described, listOf, mapOf, objectOf, oneOf, orNull, SHA256, text } from './json-schema.js';
import type { PublishedSchema } from './json-schema.js';
import { EXIT_CODE } from './summary-schema.js';

const withheldKey = objectOf<WithheldKey>(
  {
    username: text('whose key it is'),
    reason: oneOf(
      WITHHELD_NAMES,
      entriesOf(WITHHELD)
        .map(([name, { meaning }]) => `${name}: ${meaning}`)
        .join('. '),
    ),
    outcome: oneOf(OUTCOME_NAMES, 'of the row, where that is why'),
  },
  ['outcome'],
);

export const KEYS_SCHEMA: PublishedSchema = {
  title: 'What keys --json writes',
  describe: 'What was handed out and what was not; never a key.',
  schema: objectOf<HandOutReport>({
    version: { const: 1, description: 'of this format' },
    results: text('the results as they were named'),
    file: orNull(text('what the keys went into; null where none was handed out')),
    sha256: orNull(described(SHA256, 'of that file, hex, as in the ledger')),
    handed_out: count('keys in that file'),
    handed_out_before: count('keys that earlier hand-outs had'),
    withheld: mapOf({ type: 'integer', minimum: 1 }, 'keys that were not handed out, by reason', WITHHELD_NAMES),
    withheld_keys: listOf(withheldKey, 'those, by name, as many as memory bears'),
    ledger: text('the file in which it is noted'),
    exit_code: EXIT_CODE,
  }),
};
