import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toSchemaText } from '../../src/schema/json-schema.js';
import { SCHEMAS } from '../../src/schema/schemas.js';
import { namesOf } from '../../src/core/table.js';
import { readDocument, REPOSITORY } from '../support/document.js';
import { expectSchema } from '../support/schemas.js';
import { addedCells, aRound, aSettlement } from '../support/builders.js';

const FILES = namesOf(SCHEMAS);

describe('the published schemas', () => {
  it.each(FILES)('%s is written from the tables of the code', (file) => {
    const text = toSchemaText(SCHEMAS[file]);
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(join(REPOSITORY, 'schemas', file), text);
    expect(readDocument(`schemas/${file}`)).toBe(text);
  });

  it('are all that the folder has', () => {
    expect(readdirSync(join(REPOSITORY, 'schemas')).sort()).toEqual([...FILES].sort());
  });
});

const row = { username: 'ann', ...addedCells() };

describe('the schema of a results row', () => {
  it('takes what a settlement becomes, and own columns of any name', () => {
    expectSchema('results-row.schema.json', row);
    expectSchema('results-row.schema.json', { ...row, 'Abteilung ': '' });
    expectSchema('results-row.schema.json', {
      ...row,
      ...addedCells(aSettlement({ outcome: 'unknown', needsFix: true })),
    });
  });

  it.each([
    { outcome: 'lost' },
    { outcome: 'registered', retry: 'yes' },
    { outcome: 'key_lost', retry: 'no' },
    { attempts: '' },
    { sent_at: '2026-01-31 12:00' },
    { line: '0' },
  ])('refuses what no run writes: %j', (changes) => {
    expect(() => expectSchema('results-row.schema.json', { ...row, ...changes })).toThrow();
  });
});

it('the schema of the shards file takes what the first shard writes', () => {
  expectSchema('shards.schema.json', JSON.parse(JSON.stringify(aRound())));
  expect(() => expectSchema('shards.schema.json', { ...aRound(), shards: 0 })).toThrow();
});

describe('the schema of a log line', () => {
  const line = { level: 40, time: '2026-01-31T12:00:00.000Z', msg: 'look' };

  it('wants line and kind of a warning about a row, and counts of progress', () => {
    expectSchema('log-line.schema.json', { ...line, event: 'row', line: 3, kind: 'formula' });
    expectSchema('log-line.schema.json', {
      ...line,
      event: 'progress',
      rows: 3,
      sends: 1,
      outcomes: { registered: 1 },
      rows_per_second: 0.3,
    });
    expect(() => expectSchema('log-line.schema.json', { ...line, event: 'row' })).toThrow();
    expect(() => expectSchema('log-line.schema.json', { ...line, event: 'progress' })).toThrow();
    expect(() => expectSchema('log-line.schema.json', { ...line, event: 'gossip' })).toThrow();
  });
});
