import { expect, it } from 'vitest';
import { NumberList } from '../../src/plan/number-list.js';

it('gives each place its number, and none a zero', () => {
  const list = new NumberList();
  for (const place of [0, 1, 8191, 8192, 1_000_000]) list.put(place, place + 0.5);
  expect([0, 1, 8191, 8192, 1_000_000].map((place) => list.at(place))).toEqual([0.5, 1.5, 8191.5, 8192.5, 1_000_000.5]);
  expect([2, 8193, 500_000, 2_000_000].map((place) => list.at(place))).toEqual([0, 0, 0, 0]);
});
