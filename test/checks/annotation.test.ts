import { describe, expect, it } from 'vitest';
import { isAnnotated, toProblemCell } from '../../src/checks/annotation.js';

describe('the problem cell', () => {
  it('says errors first, then warnings, and nothing of a row that is fine', () => {
    const findings = [
      { kind: 'trimmed', text: 'has blanks' },
      { kind: 'username', text: 'is empty' },
      { kind: 'row', text: 'is short' },
    ] as const;
    expect(toProblemCell(findings)).toBe('error: is empty / error: is short / warning: has blanks');
    expect(toProblemCell([])).toBe('');
  });

  it('is harmless in a spreadsheet and on a terminal, and has an end', () => {
    const cell = toProblemCell([{ kind: 'status', text: `"\u202e";=1+1 ${'x'.repeat(5000)}` }]);
    expect(cell).toContain(`"\\u202e";'=1+1 xx`);
    expect(cell).toHaveLength(2000);
  });
});

describe('an annotated copy', () => {
  it.each([
    [['problem', 'username'], true],
    [[' Problem', 'username'], true],
    [['username', 'problem'], false],
    [[], false],
  ])('is known by its first column: %j', (names, expected) => {
    expect(isAnnotated(names)).toBe(expected);
  });
});
