import { expect, test } from 'vitest';
import { RowIndex } from '../../src/plan/row-index.js';
import { arrayBytes } from '../support/memory.js';

test('200,000 keys are all found, none is made up, and each costs some 32 bytes', async () => {
  const count = 200_000;
  const before = await arrayBytes();
  const index = new RowIndex();
  let wrong = 0;
  for (let line = 1; line <= count; line += 1) if (index.add(`otp:user${line}`, line) !== undefined) wrong += 1;
  const bytes = (await arrayBytes()) - before;
  for (let line = 1; line <= count; line += 1) {
    if (index.get(`otp:user${line}`)?.line !== line) wrong += 1;
    if (index.get(`pki:user${line}`) !== undefined) wrong += 1;
  }
  expect(wrong).toBe(0);
  expect(index.size).toBe(count);
  expect(bytes / count).toBeLessThan(32);
});
