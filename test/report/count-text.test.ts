import { expect, it } from 'vitest';
import { countText } from '../../src/report/count-text.js';

it('one of a thing is not called many', () => {
  expect([0, 1, 2].map((count) => countText(count, 'row'))).toEqual(['0 rows', '1 row', '2 rows']);
  expect([1, 2].map((count) => countText(count, 'person', 'people'))).toEqual(['1 person', '2 people']);
});
