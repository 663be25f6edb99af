import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeldRows } from '../../src/batch/held-rows.js';

test('gives rows in their order, up to the first that is held; at the end all of them', () => {
  const isHeld = new Set([3, 5]);
  const rows = new HeldRows<number>((row) => isHeld.has(row));
  rows.add([1, 2, 3, 4]);
  expect([...rows.take({ isEnd: false })]).toEqual([1, 2]);
  rows.add([5, 6]);
  expect([...rows.take({ isEnd: false })]).toEqual([]);
  isHeld.delete(3);
  expect([...rows.take({ isEnd: false })]).toEqual([3, 4]);
  expect([...rows.take({ isEnd: true })]).toEqual([5, 6]);
  expect([...rows.take({ isEnd: true })]).toEqual([]);
});

test('loses no row and gives none twice, whatever is held when', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(20)), { maxLength: 30 }), (steps) => {
      let held = 0;
      const rows = new HeldRows<number>((row) => row >= held);
      const given: number[] = [];
      let count = 0;
      for (const [added, more] of steps) {
        rows.add(Array.from({ length: added }, () => count++));
        held = Math.max(held, more);
        given.push(...rows.take({ isEnd: false }));
        expect(given.every((row) => row < held)).toBe(true);
      }
      given.push(...rows.take({ isEnd: true }));
      expect(given).toEqual(Array.from({ length: count }, (_, row) => row));
    }),
  );
});
