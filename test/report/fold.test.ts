import { expect, test } from 'vitest';
import { Fold } from '../../src/report/fold.js';

test('the first three of a kind are shown, and the fourth says that more are not', () => {
  const fold = new Fold();
  const shown = Array.from({ length: 5 }, () => fold.next({ kind: 'trimmed' }));
  expect(shown.map(({ isShown }) => isShown)).toEqual([true, true, true, false, false]);
  expect(shown.map(({ isCut }) => isCut)).toEqual([false, false, false, true, false]);
  expect(fold.next({ kind: 'kept' }).isShown).toBe(true);
});

test('what is about a column as a whole is shown once for it, and takes no room from others', () => {
  const fold = new Fold();
  const shownOf = (once?: string): boolean => fold.next({ kind: 'formula', once }).isShown;
  expect([shownOf('Phone'), shownOf('Phone'), shownOf('Note'), shownOf('Phone')]).toEqual([true, false, true, false]);
  expect([shownOf(), shownOf(), shownOf(), shownOf()]).toEqual([true, true, true, false]);
});
