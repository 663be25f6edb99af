import { expect, test } from 'vitest';
import { countGarbage } from '../../src/server/garbage.js';

const MIB = 1024 * 1024;

test('garbage is collected once there are 4 MiB of it, and again after as much', () => {
  let collections = 0;
  const count = countGarbage(() => (collections += 1));
  count(4 * MIB - 1);
  expect(collections).toBe(0);
  count(1);
  expect(collections).toBe(1);
  for (let read = 0; read < 8 * MIB; read += 64 * 1024) count(64 * 1024);
  expect(collections).toBe(3);
});

test('what nobody holds any more is gone then', async () => {
  const count = countGarbage();
  const buffers = Array.from({ length: 4 }, () => new WeakRef(new ArrayBuffer(MIB)));
  // Until then a weak reference holds what it was made with.
  await new Promise(setImmediate);
  count(4 * MIB);
  expect(buffers.filter((buffer) => buffer.deref() !== undefined)).toEqual([]);
});
