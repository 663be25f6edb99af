import { describe, expect, test } from 'vitest';
import { equalName } from '../../src/row/equal-name.js';

describe('usernames that people take for the same', () => {
  test.each([
    ['ann', 'ANN'],
    ['Bén', 'be\u0301n'],
    ['ﬁnn', 'FINN'],
    ['ann', 'a\u200dnn'],
    ['İpek', 'i\u0307pek'],
    ['straße', 'STRASSE'],
    ['Straße', 'strasse'],
    ['GROẞ', 'gross'],
    ['Σας', 'σασ'],
    ['ΝΊΚΟΣ', 'νίκος'],
    ['ﬃ', 'FFI'],
    ['ŉ', 'ʼN'],
  ])('are alike: %j and %j', (one, other) => expect(equalName(one)).toBe(equalName(other)));

  test.each([
    ['ann', 'anna'],
    ['ben', 'bén'],
    ['a.b', 'ab'],
  ])('are not: %j and %j', (one, other) => expect(equalName(one)).not.toBe(equalName(other)));
});
