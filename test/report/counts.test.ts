import { expect, test } from 'vitest';
import { addCounts, sum, sumCounts } from '../../src/report/counts.js';

test('counts are added by their names', () => {
  expect(addCounts({ a: 1, b: 2 }, { b: 3, c: 4 })).toEqual({ a: 1, b: 5, c: 4 });
  expect(sumCounts([{ a: 1 }, {}, { a: 2, b: 1 }])).toEqual({ a: 3, b: 1 });
  expect(sumCounts([])).toEqual({});
  expect(sum([1, 2, 3])).toBe(6);
});
