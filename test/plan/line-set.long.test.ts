import { expect, test } from 'vitest';
import { LineSet } from '../../src/plan/line-set.js';
import { arrayBytes } from '../support/memory.js';

test('a million lines cost a bit each', async () => {
  const before = await arrayBytes();
  const lines = new LineSet();
  for (let line = 1; line <= 1_000_000; line += 1) lines.add(line);
  expect((await arrayBytes()) - before).toBeLessThan(200_000);
  expect(lines.has(1_000_000)).toBe(true);
});
