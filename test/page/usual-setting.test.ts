import { expect, test } from 'vitest';
import { isUnusual, usualOf } from '../../src/page/usual-setting.js';

test.each([
  ['concurrency', 16],
  ['timeoutMs', 30_000],
  ['maxOutageMs', 600_000],
  ['clock', 'server'],
  ['attemptLog', false],
  ['server', undefined],
  ['constructor', undefined],
])('%s is %s where nobody says otherwise', (name, usual) => {
  expect(usualOf(name)).toBe(usual);
});

test('one that has no usual value is never an unusual one', () => {
  expect(isUnusual(['server', 'https://centagate.example'])).toBe(false);
  expect(isUnusual(['concurrency', 16])).toBe(false);
  expect(isUnusual(['concurrency', 2])).toBe(true);
});
