import { expect, test } from 'vitest';
import { drawActivationKey, mulberry32 } from '../../src/simulator/random.js';

test('the same seed draws the same numbers, another seed others', () => {
  const drawThree = (seed: number): number[] => {
    const draw = mulberry32(seed);
    return [draw(), draw(), draw()];
  };
  expect(drawThree(7)).toEqual(drawThree(7));
  expect(drawThree(7)).not.toEqual(drawThree(8));
});

test('the numbers are those of the published generator', () => {
  const draw = mulberry32(1);
  expect([draw(), draw()].map((number) => number * 2 ** 32)).toEqual([2693262067, 11749833]);
});

test('numbers are evenly spread from 0 to below 1', () => {
  const draw = mulberry32(3);
  const counts = new Array<number>(10).fill(0);
  for (let drawn = 0; drawn < 10_000; drawn += 1) counts[Math.floor(draw() * 10)]! += 1;
  expect(counts).toHaveLength(10);
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

test('activation keys are four groups of base32 letters, and differ', () => {
  const draw = mulberry32(1);
  const keys = Array.from({ length: 5000 }, () => drawActivationKey(draw));
  for (const key of keys) expect(key).toMatch(/^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$/);
  expect(new Set(keys).size).toBe(keys.length);
});
