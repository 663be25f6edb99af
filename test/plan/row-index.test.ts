import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowIndex } from '../../src/plan/row-index.js';

test('knows a key again, and the first line that had it', () => {
  const index = new RowIndex();
  expect(index.get('otp:ann')).toBeUndefined();
  expect(index.add('otp:ann', 2)).toBeUndefined();
  expect(index.add('otp:ben', 3)).toBeUndefined();
  expect(index.add('otp:ann', 4)?.line).toBe(2);
  expect(index.get('otp:ann')?.line).toBe(2);
  expect(index.get('otp:ben')?.line).toBe(3);
  expect(index.get('pki:ann')).toBeUndefined();
  expect(index.size).toBe(2);
});

test('tells the same content from another one', () => {
  const index = new RowIndex();
  index.add('otp:ann', 2, { content: 'status 1' });
  expect(index.get('otp:ann')?.isSame('status 1')).toBe(true);
  expect(index.get('otp:ann')?.isSame('status 2')).toBe(false);
  expect(index.add('otp:ann', 3, { content: 'status 2' })?.isSame('status 2')).toBe(false);
});

test('tells the spellings of a key apart', () => {
  const index = new RowIndex();
  index.add('ann', 2, { spelling: 'Ann' });
  index.add('ben', 3);
  expect(index.add('ann', 4)?.isSpelt('Ann')).toBe(true);
  expect(index.get('ann')?.isSpelt('ANN')).toBe(false);
  expect(index.get('ann')?.isSpelt('')).toBe(false);
  expect(index.get('ben')?.isSpelt('')).toBe(true);
  expect(index.get('ben')?.isSpelt('Ben')).toBe(false);
  for (let line = 100; line < 5000; line += 1) index.add(`other ${line}`, line, { spelling: `Other ${line}` });
  expect(index.get('ann')?.isSpelt('Ann')).toBe(true);
  expect(index.get('other 4711')?.isSpelt('Other 4711')).toBe(true);
});

test('an empty key and an empty content are as good as any', () => {
  const index = new RowIndex();
  index.add('', 7);
  expect(index.get('')?.line).toBe(7);
  expect(index.get('')?.isSame('')).toBe(true);
});

test('lines go as far as 32 bits', () => {
  const index = new RowIndex();
  index.add('last', 0xffff_ffff);
  expect(index.get('last')?.line).toBe(0xffff_ffff);
});

test('keys that want the same slot are kept apart, before and after it grows', () => {
  // The slot is the first word of the digest, by the capacity, which begins with 16; the part is the upper half of the third, by 64.
  const wordOf = (key: string, at: number): number => Number.parseInt(hash('sha256', key, 'hex').slice(at, at + 8), 16);
  const isLast = (key: string): boolean => wordOf(key, 0) % 16 === 15 && (wordOf(key, 16) >>> 16) % 64 === 63;
  const keys: string[] = [];
  // The last slot: those that don't get it go on at the first.
  for (let number = 0; keys.length < 20; number += 1) if (isLast(`key ${number}`)) keys.push(`key ${number}`);
  const index = new RowIndex();
  keys.forEach((key, at) => index.add(key, at + 1, { content: key }));
  const check = (): void => {
    keys.forEach((key, at) => {
      expect(index.get(key)?.line).toBe(at + 1);
      expect(index.get(key)?.isSame(key)).toBe(true);
    });
  };
  check();
  for (let line = 100; line < 5000; line += 1) index.add(`other ${line}`, line);
  check();
});

test('remembers what a map remembers', () => {
  const property = fc.property(fc.array(fc.tuple(fc.string({ maxLength: 2 }), fc.string({ maxLength: 1 }))), (rows) => {
    const index = new RowIndex();
    const map = new Map<string, { line: number; content: string }>();
    rows.forEach(([key, content], at) => {
      const expected = map.get(key);
      const there = index.add(key, at + 1, { content });
      expect(there?.line).toBe(expected?.line);
      if (expected !== undefined) expect(there?.isSame(content)).toBe(content === expected.content);
      else map.set(key, { line: at + 1, content });
    });
    expect(index.size).toBe(map.size);
  });
  fc.assert(property);
});
