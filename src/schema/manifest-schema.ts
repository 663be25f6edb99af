import type {
  Approval,
  FileFigures,
  KeyFigures,
  Manifest,
  ReadFigures,
  ShardFigures,
  ShardSends,
  SignatureFigures,
  SignatureSum,
} from '../manifest/manifest.js';
import type { Totals } from '../manifest/row-totals.js';
import { OUTCOME_NAMES, RETRY_MARKERS } from '../row/outcome.js';
import { describeTokenType, TOKEN_TYPE_NAMES } from '../row/token-type.js';
import { count, described, flag, forEach, listOf, mapOf, objectOf, orNull, SHA256, text } from './json-schema.js';
import type { JsonSchema, PublishedSchema } from './json-schema.js';
import { SUMMARY_MEMBERS } from './summary-schema.js';

const BYTES = count('size');
const ROWS = count('rows beneath the header');

const file: Readonly<Record<keyof FileFigures, JsonSchema>> = {
  file: text('its name, without the folder'),
  bytes: BYTES,
  sha256: described(SHA256, 'of its bytes, hex'),
};

const totals: Readonly<Record<keyof Totals, JsonSchema>> = {
  rows: ROWS,
  types: objectOf<Totals['types']>({
    ...forEach(TOKEN_TYPE_NAMES, (name) => count(`${describeTokenType(name).label} rows`)),
    other: count('rows of no token type that is known'),
  }),
  hash_total: {
    type: 'integer',
    minimum: 0,
    maximum: 2 ** 48 - 1,
    description: 'what the rows sum up to in whatever order, as docs/proof.md says',
  },
};

const sum: Readonly<Record<keyof SignatureSum, JsonSchema>> = {
  count: count('so many were sent'),
  sha256: described(SHA256, 'over what sha256sum says of each, in the order of the results, hex'),
  rows: described(SHA256, 'over the rows: time of the send and path, hex'),
};
const signatures = objectOf<SignatureFigures>(
  {
    ...sum,
    done: described(objectOf<SignatureSum>(sum, ['rows']), 'of them, those whose rows no later run sends again'),
  },
  ['rows', 'done'],
);

const { run_id, made_by, started_at, ended_at, exit_code, stopped_by, selection, settings, undo } = SUMMARY_MEMBERS;

const shard = objectOf<ShardFigures>(
  {
    shard: text('k/n'),
    run_id: text('of its last run'),
    manifest: described(SHA256, 'of its last manifest, as one after it would name it, hex'),
    results: described(SHA256, 'of its results, hex'),
    rows: ROWS,
    hash_total: totals.hash_total,
    sent: listOf(
      objectOf<ShardSends>({
        started_at,
        signatures: orNull(described(signatures, 'as of a run; null where they are not known')),
      }),
      'of each of its runs that sent signatures, the oldest first',
    ),
  },
  ['sent'],
);

const manifest = objectOf<Manifest>(
  {
    version: { const: 1, description: 'of this format' },
    number: { type: 'integer', minimum: 1, description: "of the stem's runs" },
    previous: orNull(described(SHA256, 'of the line before, without its comma and line end, hex; null for the first')),
    ...{ run_id, made_by, started_at, ended_at, exit_code, stopped_by, selection, settings, undo },
    administrator: text('who registered'),
    server: text('where'),
    approval: orNull(
      described(
        objectOf<Approval>({
          sha256: described(SHA256, 'of the signed file, hex'),
          signed_by: text('the subject of the certificate'),
        }),
        'by which a second person let the run go; null where none was asked for',
      ),
    ),
    input: described(
      objectOf<ReadFigures>(
        {
          ...file,
          ...totals,
          bytes: orNull(BYTES),
          sha256: { type: 'string', pattern: '^([0-9a-f]{64})?$', description: 'as the run read it, hex' },
          listed: flag('it lies beside the results, and users.SHA256SUMS has it too'),
        },
        ['listed'],
      ),
      'what was read',
    ),
    results: described(objectOf<FileFigures & Totals>({ ...file, ...totals }), 'the results that the run left'),
    failed: described(objectOf<FileFigures & Pick<Totals, 'rows'>>({ ...file, rows: ROWS }), 'the failed file'),
    summary: described(objectOf<FileFigures>(file), 'the summary'),
    attempts: orNull(described(objectOf<FileFigures>(file), 'the log of all sends; null where nobody asked for it')),
    signatures: orNull(
      described(
        signatures,
        'the signatures that this run sent; of one that was killed, its journal tells them; null where it does not',
      ),
    ),
    keys: described(
      objectOf<KeyFigures>({ file: file.file, count: count('lines beneath the header'), bytes: BYTES }),
      'the keys file; never a digest, by which keys could be tried',
    ),
    undone: described(objectOf<FileFigures>(file), 'what undo left, where there was one'),
    outcomes: mapOf(count('so many'), 'rows of the results by outcome', OUTCOME_NAMES),
    retry: mapOf(count('so many'), 'rows of the results by retry', RETRY_MARKERS),
    shards: listOf(shard, 'of a merge: whose rows these are'),
  },
  ['undo', 'undone', 'shards'],
);

export const MANIFEST_SCHEMA: PublishedSchema = {
  title: 'users.manifest.json',
  describe: 'What each run read and left, by digests and totals, the oldest first.',
  schema: { type: 'array', items: manifest, minItems: 1 },
};
