import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { KnownKeys } from '../../src/server/known-keys.js';
import { readingsOf } from '../../src/server/spellings.js';

const KEY = 'XJ4K-9QWZ-TR2M-7VBN';
/** The longest that is known to its end. */
const LONGEST = 'a1'.repeat(32);

function knowing(...keys: readonly string[]): KnownKeys {
  const known = new KnownKeys(() => 1_234_567_890);
  for (const key of keys) known.add(key);
  return known;
}

function isIn(text: string, ...keys: readonly string[]): boolean {
  return knowing(...keys).isAnyIn(readingsOf(text) ?? []);
}

describe('a text with a known key in it', () => {
  test.each([
    KEY,
    `token for ann already has key ${KEY}.`,
    `"${KEY}"`,
    `(${KEY.toLowerCase()})`,
    KEY.replaceAll('-', ' '),
    KEY.replaceAll('-', ''),
    `key=${KEY.replaceAll('-', '\\u002d')}&user=ann`,
    `x${KEY}y`,
  ])('is told by it: %s', (text) => {
    expect(isIn(text, 'another-key', KEY)).toBe(true);
  });

  test.each(['Success', 'User ann not found', KEY.slice(1), KEY.slice(0, -1), KEY.replace('K', 'J'), ''])(
    'is one that has all of it: not %j',
    (text) => {
      expect(isIn(text, 'another-key', KEY)).toBe(false);
    },
  );

  test('is none where the key is of fewer than 6 letters and digits', () => {
    expect(isIn('is abc-12', 'abc-12')).toBe(false);
    expect(isIn('is ----------', '----------')).toBe(false);
    expect(isIn('is abc-123', 'abc-123')).toBe(true);
  });

  test('is one with the beginning of a key that is very long', () => {
    expect(isIn(`is ${LONGEST}bcde`, `${LONGEST}bcdefgh`)).toBe(true);
    expect(isIn(`is ${LONGEST}`, `${LONGEST}bcdefgh`)).toBe(false);
  });
});

describe('a text is split', () => {
  const split = (text: string, ...keys: readonly string[]): readonly string[] => knowing(...keys).split(text);

  test('at each key, from its first letter or digit to its last', () => {
    expect(split(`is ${KEY}, and zoë has [ab 12 cd]!`, 'ab12cd', KEY)).toEqual(['is ', ', and zoë has [', ']!']);
    expect(split(`${KEY}${KEY.toLowerCase()}`, KEY)).toEqual(['', '', '']);
  });

  test('at the longer of two where one holds the other', () => {
    expect(split(`is ${KEY}`, KEY.slice(0, 9), KEY)).toEqual(['is ', '']);
  });

  test('at no key that is longer than is known of it', () => {
    expect(split(`is ${LONGEST}`, LONGEST)).toEqual(['is ', '']);
    expect(split(`is ${LONGEST}b`, `${LONGEST}b`)).toEqual([`is ${LONGEST}b`]);
  });

  test('nowhere without one', () => {
    expect(split('User ann not found', KEY)).toEqual(['User ann not found']);
    expect(split('')).toEqual(['']);
  });
});

test('of many keys of several lengths each is known, and nothing else is', () => {
  const texts = Array.from({ length: 40_000 }, (_, at) => createHash('sha256').update(String(at)).digest('hex'));
  const keys = texts.map((text, at) => text.slice(0, 12 + (at % 5)));
  const known = knowing(...keys.slice(0, 20_000));
  const isKnown = (text: string): boolean => known.isAnyIn([text.toUpperCase()]);
  expect(keys.slice(0, 20_000).every(isKnown)).toBe(true);
  expect(keys.slice(20_000).some(isKnown)).toBe(false);
});
