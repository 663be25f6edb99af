import type { Round, RoundHistory, RoundInput, RoundKeys } from '../manifest/round.js';
import { MOST_SHARDS } from '../plan/shard.js';
import { count, described, objectOf, orNull, SHA256, text, time } from './json-schema.js';
import type { PublishedSchema } from './json-schema.js';

const NONE = 'hex; null where there was none';

export const SHARDS_SCHEMA: PublishedSchema = {
  title: 'users.shards.json',
  describe: 'What the shards of an input hold to, from the first one on until they are merged.',
  schema: objectOf<Round>({
    version: { const: 1, description: 'of this format' },
    run_id: text('of the merge, in the summary that it leaves'),
    made_at: time('ISO 8601, UTC'),
    shards: { type: 'integer', minimum: 1, maximum: MOST_SHARDS, description: 'how many there are' },
    server: text('that all of them send to'),
    input: described(
      objectOf<RoundInput>({
        file: text('without its folder'),
        bytes: count('size of it'),
        sha256: SHA256,
        rows: count('rows of it'),
        hash_total: count('control total of them, as in the manifest'),
      }),
      'that all of them read',
    ),
    history: described(
      objectOf<RoundHistory>({
        results: described(orNull(SHA256), `of the results, ${NONE}`),
        summary: described(orNull(SHA256), `of the summary, ${NONE}`),
      }),
      'SHA-256 of what earlier runs of the whole left',
    ),
    keys: described(
      objectOf<RoundKeys>({
        bytes: count('of the keys file of the whole, before the keys of the shards come into it'),
        missing: text('what comes first behind that: a header, or a line end'),
      }),
      'where the keys of the shards are to stand',
    ),
  }),
};
