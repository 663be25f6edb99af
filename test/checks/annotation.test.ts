import { describe, expect, it } from 'vitest';
import { isAnnotated, ProblemCells } from '../../src/checks/annotation.js';
import type { Finding } from '../../src/checks/finding.js';

const toProblemCell = (findings: readonly Finding[]): string => new ProblemCells({ all: false }).next(2, findings);

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

describe('a problem that many rows have', () => {
  /** The cells of five rows from line 2 on. */
  const cellsOf = (toFinding: (at: number) => Finding, all = false): string[] => {
    const cells = new ProblemCells({ all });
    return [0, 1, 2, 3, 4].map((at) => cells.next(at + 2, [toFinding(at)]));
  };

  it('is said in full three times, then by where it stands', () => {
    expect(cellsOf((at) => ({ kind: 'no_name', text: `is ${at}` }))).toEqual([
      'warning: is 0',
      'warning: is 1',
      'warning: is 2',
      'warning: no name, as on line 2',
      'warning: no name, as on line 2',
    ]);
  });

  it('is said once where it is the same for all of them', () => {
    const cells = cellsOf(() => ({ kind: 'status', text: 'lacks a status', once: 'status', isOfHeader: true }));
    expect(cells).toEqual(['error: lacks a status', ...Array<string>(4).fill('error: status, as on line 2')]);
  });

  it('is said in full for each row that has to be corrected by it', () => {
    expect(cellsOf((at) => ({ kind: 'status', text: `is ${at}` }))).toEqual(
      [0, 1, 2, 3, 4].map((at) => `error: is ${at}`),
    );
    expect(cellsOf(() => ({ kind: 'status', text: 'is 9' })).at(-1)).toBe('error: status, as on line 2');
  });

  it('is said in full each time when all is to be shown', () => {
    expect(cellsOf(() => ({ kind: 'no_name', text: 'is NULL' }), true)).toEqual(Array(5).fill('warning: is NULL'));
  });

  it('is said in full where there are too many of them to know', () => {
    const cells = new ProblemCells({ all: false });
    for (let at = 0; at < 500; at += 1) cells.next(at, [{ kind: 'status', text: `is ${at}` }]);
    for (let time = 0; time < 4; time += 1) cells.next(500, [{ kind: 'status', text: 'is new' }]);
    expect(cells.next(501, [{ kind: 'status', text: 'is new' }])).toBe('error: is new');
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
