import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isoTime } from '../../src/core/iso-time.js';

const LAST_MS = 8.64e15;
const aTime = fc.oneof(
  fc.integer({ min: -LAST_MS, max: LAST_MS }),
  fc.double({ min: -LAST_MS, max: LAST_MS, noNaN: true }),
);

test('a time is written as Date writes it, whichever came before', () => {
  const someTimes = fc.array(fc.tuple(aTime, fc.integer({ min: 0, max: 2000 })), { maxLength: 5 });
  fc.assert(
    fc.property(someTimes, (times) => {
      for (const [at, laterMs] of times) {
        for (const ms of [at, Math.min(LAST_MS, at + laterMs)]) expect(isoTime(ms)).toBe(new Date(ms).toISOString());
      }
    }),
  );
});

test('what is no time is none', () => {
  for (const ms of [NaN, Infinity, LAST_MS + 1000]) expect(() => isoTime(ms)).toThrow(RangeError);
});
