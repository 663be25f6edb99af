import { describe, expect, test } from 'vitest';
import type { Tell } from '../../src/report/reporter.js';
import { WarningTally } from '../../src/report/warning-tally.js';

function aTally() {
  const shown: string[] = [];
  const told: unknown[] = [];
  const tell: Tell = (event, text, fields) => {
    shown.push(text);
    told.push({ event, ...fields });
  };
  return { shown, told, tally: new WarningTally(tell) };
}

describe('warnings', () => {
  test('are shown one by one at first, then only counted', () => {
    const { shown, tally } = aTally();
    for (let line = 2; line <= 7; line += 1) tally.add({ kind: 'formula', line, text: 'looks like a formula' });
    expect(shown).toEqual([
      'line 2: looks like a formula',
      'line 3: looks like a formula',
      'line 4: looks like a formula',
      'further warnings of this kind are only counted',
    ]);
    expect(tally.counts()).toEqual({ formula: 6 });
  });

  test('of one kind do not hide those of another', () => {
    const { shown, tally } = aTally();
    for (let line = 2; line <= 6; line += 1) tally.add({ kind: 'ignored_cells', line, text: 'ignored' });
    tally.add({ kind: 'kept', line: 9, text: 'ann is kept' });
    expect(shown.at(-1)).toBe('line 9: ann is kept');
    expect(tally.counts()).toEqual({ ignored_cells: 5, kept: 1 });
  });

  test('have their line and kind for programs that read the log', () => {
    const { told, tally } = aTally();
    for (let line = 2; line <= 5; line += 1) tally.add({ kind: 'formula', line, text: 'looks like a formula' });
    expect(told.slice(2)).toEqual([
      { event: 'row', line: 4, kind: 'formula' },
      { event: 'folded', kind: 'formula' },
    ]);
  });

  test('that never came are not counted', () => {
    expect(aTally().tally.counts()).toEqual({});
  });
});
