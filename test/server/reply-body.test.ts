import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReplyBody } from '../../src/server/reply-body.js';
import { anyUnits } from '../support/builders.js';
import { arrayBytes, heapBytes } from '../support/memory.js';

const MIB = 1024 * 1024;

function bodyOf(pieces: Iterable<Uint8Array>): ReplyBody {
  const body = new ReplyBody();
  for (const piece of pieces) body.add(piece);
  return body;
}

/** As a connection gives them: each of its own, or parts of what was read at once. */
function* cut(bytes: Uint8Array, lengths: readonly number[], isRead: boolean): Generator<Uint8Array> {
  let at = 0;
  for (const length of lengths) {
    const piece = bytes.subarray(at, at + length);
    yield isRead ? piece.slice() : piece;
    at += length;
  }
  yield bytes.subarray(at);
}

describe('the body of a reply', () => {
  test('is its text, however it came in pieces', () => {
    const texts = fc.tuple(anyUnits, fc.integer({ min: 1, max: 3000 })).map(([unit, times]) => unit.repeat(times));
    const lengths = fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 20 });
    fc.assert(
      fc.property(texts, lengths, fc.boolean(), (text, sizes, isRead) => {
        const bytes = new TextEncoder().encode(text);
        expect(bodyOf(cut(bytes, sizes, isRead)).text()).toBe(new TextDecoder().decode(bytes));
      }),
    );
  });

  test('is empty when nothing came', () => {
    expect(new ReplyBody().text()).toBe('');
  });

  test('has no byte order mark, but may say the same character later', () => {
    const bytes = new TextEncoder().encode('\ufeffa\ufeffb');
    expect(bodyOf(cut(bytes, [1, 1, 1, 1, 1], false)).text()).toBe('a\ufeffb');
  });

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
