import { expect, it } from 'vitest';
import { KeyIndex } from '../../src/handout/key-index.js';
import { CUT_TIME } from '../../src/record/keys-file.js';
import { NOON } from '../support/builders.js';

/** Takes lines of ten bytes each. */
function indexOf(lines: readonly (readonly [string, number, 'taken back'?])[]) {
  const index = new KeyIndex();
  const replaced = lines.map(([username, savedAt, isTakenBack], at) =>
    index.note(username, savedAt, { start: at * 10, end: at * 10 + 10, isTakenBack: isTakenBack !== undefined }),
  );
  return { index, replaced };
}

it("knows a user's last key, and tells that it supersedes those before", () => {
  const { index, replaced } = indexOf([
    ['ann', NOON],
    ['ben', NOON],
    ['ann', NOON + 5],
  ]);
  expect(replaced).toEqual([undefined, undefined, 'superseded']);
  expect(index.find('ann')).toEqual({ start: 20, end: 30, savedAt: NOON + 5 });
  expect(index.find('cy')).toBeUndefined();
});

it('has none of a user whose key was taken back, until there is another', () => {
  const { index, replaced } = indexOf([
    ['ann', NOON],
    ['ann', 0, 'taken back'],
    ['ben', 0, 'taken back'],
  ]);
  expect(replaced).toEqual([undefined, 'taken_back', undefined]);
  expect([index.find('ann'), index.find('ben')]).toEqual([undefined, undefined]);
  expect(index.note('ann', NOON + 9, { start: 90, end: 99, isTakenBack: false })).toBeUndefined();
  expect(index.find('ann')).toEqual({ start: 90, end: 99, savedAt: NOON + 9 });
});

it('takes a line that is told of twice for one key', () => {
  const { index } = indexOf([['ann', 0]]);
  expect(index.note('ann', CUT_TIME, { start: 0, end: 10, isTakenBack: false })).toBeUndefined();
  expect(index.find('ann')?.savedAt).toBe(CUT_TIME);
  expect([index.isCurrent('ann', 0), index.isCurrent('ann', NOON)]).toEqual([true, false]);
});

it('knows by its time whether a key is the one that is theirs now', () => {
  const { index } = indexOf([
    ['ann', NOON],
    ['ann', NOON + 5],
  ]);
  expect([NOON, NOON + 5].map((at) => index.isCurrent('ann', at))).toEqual([false, true]);
  expect(index.isCurrent('ben', NOON)).toBe(false);
});

it('keeps a mark for each user of the file, and for nobody else', () => {
  const { index } = indexOf([
    ['ann', NOON],
    ['ben', NOON],
  ]);
  index.mark('ben', 7);
  index.mark('cy', 9);
  expect(['ann', 'ben', 'cy'].map((username) => index.markOf(username))).toEqual([0, 7, 0]);
});
