/** JSON Schema, draft 2020-12, as far as we need it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a program reads of us: a file, or a line. */
export interface PublishedSchema {
  readonly title: string;
  readonly describe: string;
  readonly schema: JsonSchema;
}

/** A member for each of a type: one that is forgotten is no TypeScript. */
type Members<Of> = Readonly<Record<keyof Of, JsonSchema>>;

/** Members that are not named are of later versions: who reads should pass them by. */
export function objectOf<Of extends object>(
  members: Members<Of>,
  optional: readonly (keyof Of & string)[] = [],
): JsonSchema {
  const required = Object.keys(members).filter((name) => !optional.some((other) => other === name));
  return { type: 'object', properties: members, required };
}

export function forEach<Name extends string>(
  names: readonly Name[],
  toSchema: (name: Name) => JsonSchema,
): Record<Name, JsonSchema> {
  // Object.fromEntries loses the names, which are all there.
  return Object.fromEntries(names.map((name) => [name, toSchema(name)])) as Record<Name, JsonSchema>;
}

export function text(description: string): JsonSchema {
  return { type: 'string', description };
}

export function oneOf(values: readonly (string | number)[], description: string): JsonSchema {
  return { enum: values, description };
}

export function count(description: string): JsonSchema {
  return { type: 'integer', minimum: 0, description };
}

export function flag(description: string): JsonSchema {
  return { type: 'boolean', description };
}

export function listOf(items: JsonSchema, description: string): JsonSchema {
  return { type: 'array', items, description };
}

/** An object whose members are of one kind; `names` are those that it can have. */
export function mapOf(values: JsonSchema, description: string, names?: readonly string[]): JsonSchema {
  return {
    type: 'object',
    additionalProperties: values,
    ...(names && { propertyNames: { enum: names } }),
    description,
  };
}

export function orNull(schema: JsonSchema): JsonSchema {
  const { description, ...rest } = schema;
  return { anyOf: [rest, { type: 'null' }], description };
}

export function described(schema: JsonSchema, description: string): JsonSchema {
  return { ...schema, description };
}

const TIME = String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`;

export function time(description: string): JsonSchema {
  return { type: 'string', pattern: TIME, description };
}

/** What a CSV cell of a time or nothing looks like. */
export const TIME_OR_EMPTY = `^$|${TIME}`;

export const SHA256: JsonSchema = { type: 'string', pattern: '^[0-9a-f]{64}$' };

export function toSchemaText({ title, describe, schema }: PublishedSchema): string {
  const whole = { $schema: 'https://json-schema.org/draft/2020-12/schema', title, description: describe, ...schema };
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}
