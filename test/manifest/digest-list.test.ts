import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDigestList, toDigestList } from '../../src/manifest/digest-list.js';

const SHA256 = 'ab'.repeat(32);

test('a line is what sha256sum writes, names that it escapes as well', () => {
  expect(toDigestList([{ file: 'users.csv', sha256: SHA256 }])).toBe(`${SHA256}  users.csv\n`);
  expect(toDigestList([{ file: 'a\\b\nc', sha256: SHA256 }])).toBe(`\\${SHA256}  a\\\\b\\nc\n`);
});

test('a list is read back, whatever the names', () => {
  const name = fc.string({ unit: fc.constantFrom('a', ' ', '\\', '\n', '\r', 'n', 'r', 'é'), minLength: 1 });
  fc.assert(
    fc.property(fc.array(name), (names) => {
      const digests = names.map((file) => ({ file, sha256: SHA256 }));
      expect(parseDigestList(toDigestList(digests))).toEqual(digests);
    }),
  );
});

test.each(['', 'users.csv', `${SHA256} users.csv\n`, `${SHA256}  users.csv`, `x${SHA256}  users.csv\n`])(
  'what is no list of ours is not taken for one: %j',
  (text) => {
    expect(text === '' ? [] : undefined).toEqual(parseDigestList(text));
  },
);
