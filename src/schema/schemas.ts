import { AUDIT_SCHEMA } from './audit-schema.js';
import type { PublishedSchema } from './json-schema.js';
import { KEYS_SCHEMA } from './keys-schema.js';
import { LOG_SCHEMA } from './log-schema.js';
import { MANIFEST_SCHEMA } from './manifest-schema.js';
import { RESULTS_ROW_SCHEMA } from './results-schema.js';
import { SHARDS_SCHEMA } from './shards-schema.js';
import { SUMMARY_SCHEMA } from './summary-schema.js';
import { VALIDATION_SCHEMA } from './validation-schema.js';

/** What the package publishes in `schemas/`, by the file. */
export const SCHEMAS = {
  'summary.schema.json': SUMMARY_SCHEMA,
  'results-row.schema.json': RESULTS_ROW_SCHEMA,
  'validate-line.schema.json': VALIDATION_SCHEMA,
  'log-line.schema.json': LOG_SCHEMA,
  'shards.schema.json': SHARDS_SCHEMA,
  'manifest.schema.json': MANIFEST_SCHEMA,
  'keys.schema.json': KEYS_SCHEMA,
  'audit.schema.json': AUDIT_SCHEMA,
} as const satisfies Record<string, PublishedSchema>;
export type SchemaFile = keyof typeof SCHEMAS;
