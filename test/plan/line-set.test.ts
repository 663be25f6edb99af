import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSet } from '../../src/plan/line-set.js';

test('says whether something changed', () => {
  const lines = new LineSet();
  expect(lines.add(2)).toBe(true);
  expect(lines.add(2)).toBe(false);
  expect(lines.delete(2)).toBe(true);
  expect(lines.delete(2)).toBe(false);
  expect(lines.has(2)).toBe(false);
});

test('holds what a set holds, neighbours and far ones', () => {
  const anyLine = fc.oneof(fc.nat(70), fc.constantFrom(8191, 8192, 8193, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff));
  const property = fc.property(fc.array(fc.tuple(fc.boolean(), anyLine)), (steps) => {
    const lines = new LineSet();
    const set = new Set<number>();
    for (const [isAdded, line] of steps) {
      if (isAdded) {
        expect(lines.add(line)).toBe(!set.has(line));
        set.add(line);
      } else {
        expect(lines.delete(line)).toBe(set.delete(line));
      }
    }
    for (const [, line] of steps) expect(lines.has(line)).toBe(set.has(line));
    expect([...lines]).toEqual([...set].sort((a, b) => a - b));
  });
  fc.assert(property);
});
