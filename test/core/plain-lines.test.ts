import fc from 'fast-check';
import { expect, test } from 'vitest';
import { takePlainLines } from '../../src/core/plain-lines.js';
import type { PlainLines } from '../../src/core/plain-lines.js';

const LONG = 'x'.repeat(64 * 1024);

const CASES: Readonly<Record<string, { text: string } & PlainLines>> = {
  nothing: { text: '', lines: [], length: 0, isPlain: true },
  'whole lines, however they end': { text: 'a,b\nc\r\n\n', lines: ['a,b', 'c', ''], length: 8, isPlain: true },
  'no line that is not whole yet': { text: 'a,b\nc', lines: ['a,b'], length: 4, isPlain: true },
  'characters of many bytes': { text: 'é,漢\nü', lines: ['é,漢'], length: 7, isPlain: true },
  'no line with a quote, and none behind it': { text: 'a\nb,"c"\nd\n', lines: ['a'], length: 2, isPlain: false },
  'no line that a CR ends': { text: 'a\nb\rc\nd\n', lines: ['a'], length: 2, isPlain: false },
  'the longest': { text: `${LONG}\na`, lines: [LONG], length: LONG.length + 1, isPlain: true },
  'no longer one': { text: `a\n${LONG}x\na\n`, lines: ['a'], length: 2, isPlain: false },
  'no longer one that is not whole yet': { text: `a\n${LONG}x`, lines: ['a'], length: 2, isPlain: false },
};

test.each(Object.entries(CASES))('takes %s', (_, { text, ...plain }) => {
  expect(takePlainLines(Buffer.from(text))).toEqual(plain);
});

test('what it takes and what it leaves is all of it', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', ',', '\n', '\n', '\r\n', '\r', '"', 'é')), (pieces) => {
      const bytes = Buffer.from(pieces.join(''));
      const { lines, length, isPlain } = takePlainLines(bytes);
      const taken = bytes.subarray(0, length).toString();
      expect(lines).toEqual(taken.split(/\r?\n/).slice(0, -1));
      expect(taken).not.toMatch(/"|\r(?!\n)/);
      expect(isPlain && bytes.includes('\n', length)).toBe(false);
    }),
  );
});
