import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KeyReader } from '../../src/record/key-reader.js';
import type { ReadKey } from '../../src/record/key-reader.js';
import { KEYS_HEADER, readSavedKeys, toKeysText } from '../../src/record/keys-file.js';
import type { KeyPlace, SavedKey } from '../../src/record/keys-file.js';
import { NOON } from '../support/builders.js';
import { Lab } from '../support/lab.js';
import { runs } from '../support/suite.js';

let lab: Lab;
beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

async function readAll(path: string, order: (places: readonly KeyPlace[]) => readonly KeyPlace[]): Promise<ReadKey[]> {
  const places: KeyPlace[] = [];
  await readSavedKeys(path, (_, __, place) => void places.push(place));
  const reader = new KeyReader(path);
  try {
    return order(places).map((place) => reader.read(place));
  } finally {
    reader.close();
  }
}

const anyCell = fc.string({ unit: fc.constantFrom('a', 'é', '€', '"', ',', '\n', '\r', "'", '=', ' '), maxLength: 30 });
const anyKey = fc.record({
  username: anyCell,
  key: anyCell.filter((key) => key !== ''),
  savedAt: fc.constant(NOON),
  raw: fc.option(
    fc.record({ text: fc.string({ maxLength: 3000 }), form: fc.constant('json' as const), isOdd: fc.constant(true) }),
    { nil: undefined },
  ),
});

it('reads each line by its place, whatever is in it and in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyKey, { minLength: 1, maxLength: 20 }), fc.boolean(), async (all, hasMark) => {
      const keys = all.map(({ raw, ...key }): SavedKey => ({ ...key, ...(raw && { raw }) }));
      const path = lab.file('users.keys.csv', `${hasMark ? '\ufeff' : ''}${KEYS_HEADER.join()}\n${toKeysText(keys)}`);
      const read = await readAll(path, (places) => [...places].reverse());
      expect(read.reverse().map(({ username, key, registeredAt }) => [username, key, registeredAt])).toEqual(
        keys.map(({ username, key }) => [username, key, '2026-01-31T12:00:00.250Z']),
      );
    }),
    runs(60),
  );
});

it('reads a line that an editor left without its end, or a power cut without its last quote', async () => {
  const path = lab.file(
    'users.keys.csv',
    `${KEYS_HEADER.join()}\r\nann,A1,2026-01-31T12:00:00.250Z,,\r\nben,B2,2026-01-31`,
  );
  expect((await readAll(path, (places) => places)).map(({ key }) => key)).toEqual(['A1', 'B2', 'B2']);
  lab.file('users.keys.csv', 'ann,A1,2026-01-31T12:00:00.250Z,object as JSON,"{""key');
  expect(await readAll(path, (places) => places)).toEqual([
    { username: 'ann', key: 'A1', registeredAt: '2026-01-31T12:00:00.250Z', written: 'object as JSON' },
  ]);
  expect(readFileSync(path, 'utf8')).toContain('{""key');
});
