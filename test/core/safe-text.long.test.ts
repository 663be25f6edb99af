import { expect, test } from 'vitest';
import { showText } from '../../src/core/safe-text.js';
import { heapBytes } from '../support/memory.js';

test('what is cut from a long text does not keep the text in memory', async () => {
  const before = await heapBytes();
  const cuts = Array.from({ length: 50 }, (_, number) => showText(String(number % 10).repeat(1024 * 1024), 500));
  expect((await heapBytes()) - before).toBeLessThan(5 * 1024 * 1024);
  expect(cuts.every((cut) => cut.length === 500)).toBe(true);
});
