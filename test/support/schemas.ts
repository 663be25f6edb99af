import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { SCHEMAS } from '../../src/schema/schemas.js';
import type { SchemaFile } from '../../src/schema/schemas.js';

const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
const validators = new Map<SchemaFile, ReturnType<typeof ajv.compile>>();

/** What we write has every member that its schema says it has, and none that it does not. */
export function expectSchema(file: SchemaFile, value: unknown): void {
  const validate = validators.get(file) ?? ajv.compile(closed(SCHEMAS[file].schema));
  validators.set(file, validate);
  void validate(value);
  expect(validate.errors ?? [], JSON.stringify(value)).toEqual([]);
}

/** Published, an object may have members of later versions; of this one it may not. */
function closed<Schema>(schema: Schema): Schema {
  if (Array.isArray(schema)) return schema.map(closed) as Schema;
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed<unknown>(value)]));
  const isOpen = 'type' in schema && 'properties' in schema && !('additionalProperties' in schema);
  return (isOpen ? { ...inner, additionalProperties: false } : inner) as Schema;
}
