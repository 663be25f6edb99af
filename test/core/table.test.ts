import { expect, test } from 'vitest';
import { entriesOf, namesOf } from '../../src/core/table.js';

const TABLE = { b: 1, a: 2 } as const;

test('a table gives its names and entries in its order', () => {
  expect(namesOf(TABLE)).toEqual(['b', 'a']);
  expect(entriesOf(TABLE)).toEqual([
    ['b', 1],
    ['a', 2],
  ]);
});
