import { describe, expect, test } from 'vitest';
import { ReplyBody } from '../../src/network/reply-body.js';
import { arrayBytes, heapBytes } from '../support/memory.js';

const MIB = 1024 * 1024;

describe('the body of a reply', () => {
  test('takes little more than its length, though each byte came with many others that are no part of it', async () => {
    const before = [await arrayBytes(), await heapBytes()] as const;
    const body = new ReplyBody();
    for (let read = 0; read < MIB / 1024; read += 1) {
      const bytes = new Uint8Array(6 * 1024).fill(0x78);
      for (let at = 0; at < bytes.length; at += 6) body.add(bytes.subarray(at, at + 1));
    }
    const after = [await arrayBytes(), await heapBytes()] as const;
    expect(after[0] - before[0]).toBeLessThan(1.5 * MIB);
    expect(after[1] - before[1]).toBeLessThan(MIB);
    expect(body.text()).toBe('x'.repeat(MIB));
  });
});
