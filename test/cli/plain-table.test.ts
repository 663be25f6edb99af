import { expect, test } from 'vitest';
import { openPlainTable } from '../../src/cli/plain-table.js';

test('a table has aligned columns, no lines between its rows, and no colours of its own', () => {
  const table = openPlainTable(['what', 'count'], ['left', 'right']);
  table.push(['rows', 7], ['sends', 12]);
  expect(table.toString().split('\n')).toEqual([
    '┌───────┬───────┐',
    '│ what  │ count │',
    '│ rows  │     7 │',
    '│ sends │    12 │',
    '└───────┴───────┘',
  ]);
});
