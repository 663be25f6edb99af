import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReplyBody } from '../../src/network/reply-body.js';
import { anyUnits } from '../support/builders.js';

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

  test('is its bytes too, where they are no text', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 60 }),
        fc.array(fc.nat(20), { maxLength: 9 }),
        (bytes, sizes) => {
          const text = Buffer.from(bytes).toString();
          const isText = Buffer.from(text).equals(bytes);
          const latin1 = bodyOf(cut(bytes, sizes, true)).latin1();
          expect(latin1).toBe(isText ? undefined : Buffer.from(bytes).toString('latin1'));
        },
      ),
    );
  });

  test('is empty when nothing came', () => {
    expect(new ReplyBody().text()).toBe('');
  });

  test('has no byte order mark, but may say the same character later', () => {
    const bytes = new TextEncoder().encode('\ufeffa\ufeffb');
    expect(bodyOf(cut(bytes, [1, 1, 1, 1, 1], false)).text()).toBe('a\ufeffb');
  });
});
