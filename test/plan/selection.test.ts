import { describe, expect, test } from 'vitest';
import type { PlannedRow } from '../../src/plan/planned-row.js';
import { CONDITION, Selection, selectionProblem, selectsAll } from '../../src/plan/selection.js';
import type { SelectionRules } from '../../src/plan/selection.js';
import type { Settlement } from '../../src/row/settlement.js';
import { aHeader, anOtpRegistration, aSettlement } from '../support/builders.js';

const HEADER = aHeader(['UPN', 'username', 'token_type', ' Dept ']);

function aRow(dept: string, past?: Settlement, username = 'ann'): PlannedRow {
  const plan = { kind: 'register', registration: anOtpRegistration({ username }), past } as const;
  return { line: 2, cells: ['x', username, 'otp', dept], plan };
}

function corrected(row: PlannedRow): PlannedRow {
  return row.plan.kind === 'register' ? { ...row, plan: { ...row.plan, isCorrected: true } } : row;
}

function aSelection(rules: Partial<SelectionRules>): Selection {
  return new Selection({ limit: undefined, only: undefined, where: [], ...rules }, HEADER);
}

function tell({ plan }: PlannedRow): string {
  return 'settlement' in plan ? `${plan.kind} ${plan.settlement.outcome}` : plan.kind;
}

describe('--limit', () => {
  test('takes the first rows; the others wait, and say why', () => {
    const selection = aSelection({ limit: 2 });
    const rows = ['a', 'b', 'c'].map((dept) => selection.select(aRow(dept)));
    expect(rows.map(tell)).toEqual(['register', 'register', 'carry not_sent']);
    expect(rows[2]?.plan).toMatchObject({ settlement: { detail: 'not selected by --limit: rerun', attempts: 0 } });
  });

  test('counts only rows that would be sent', () => {
    const selection = aSelection({ limit: 1, only: 'yes', where: ['Dept=Sales'] });
    const done = { ...aRow('Sales'), plan: { kind: 'carry', settlement: aSettlement() } } as const;
    const rows = [done, aRow('HR'), aRow('Sales', aSettlement({ outcome: 'refused' })), aRow('Sales'), aRow('Sales')];
    expect(rows.map((row) => tell(selection.select(row)))).toEqual([
      'carry registered',
      'carry not_sent',
      'carry refused',
      'register',
      'carry not_sent',
    ]);
  });
});

describe('--where', () => {
  test.each([
    ['Dept=Sales', 'Sales', true],
    ['Dept=Sales', ' Sales ', true],
    [' dept = Sales', 'Sales', true],
    ['Dept=Sales', 'sales', false],
    ['Dept=Sales', 'Sales and more', false],
    ['Dept=a=b', 'a=b', true],
    ['Dept=', '', true],
    ['Dept=', 'Sales', false],
    ['user name=ann', '', true],
    ['UPN=x', '', true],
  ])('%j over the cell %j: %s', (condition, cell, isSent) => {
    expect(tell(aSelection({ where: [condition] }).select(aRow(cell)))).toBe(isSent ? 'register' : 'carry not_sent');
  });

  test('given more than once, all must hold', () => {
    const both = { where: ['Dept=Sales', 'username=ben'] };
    expect(tell(aSelection(both).select(aRow('Sales', undefined, 'ben')))).toBe('register');
    expect(tell(aSelection(both).select(aRow('Sales', undefined, 'ann')))).toBe('carry not_sent');
  });

  test('of a column that is not there is a problem, which names those that are', () => {
    expect(selectionProblem({ where: ['Dept=Sales', 'Floor\u001b=2'] }, HEADER)).toBe(
      '--where: the input has no column "Floor\\x1b"; it has: UPN, username, token_type,  Dept ',
    );
    expect(selectionProblem({ where: ['dept=Sales'] }, HEADER)).toBeUndefined();
  });

  test.each([
    ['Dept=Sales', true],
    ['Dept=', true],
    ['Dept', false],
    ['=Sales', false],
    [' =Sales', false],
    ['', false],
  ])('%j is a condition: %s', (text, expected) => expect(CONDITION.test(text)).toBe(expected));
});

describe('a row that is not selected', () => {
  test.each(['unknown', 'key_lost', 'unavailable', 'refused', 'invalid'] as const)(
    'keeps all that is known of it: %s',
    (outcome) => {
      const past = aSettlement({ outcome });
      expect(aSelection({ where: ['Dept=HR'] }).select(aRow('Sales', past)).plan).toEqual({
        kind: 'carry',
        settlement: past,
        isLeftOut: true,
      });
    },
  );

  test.each(['refused', 'invalid'] as const)('waits, when what is known is about other cells: %s', (outcome) => {
    const past = aSettlement({ outcome, attempts: 3 });
    expect(aSelection({ where: ['Dept=HR'] }).select(corrected(aRow('Sales', past))).plan).toMatchObject({
      settlement: { outcome: 'not_sent', attempts: 3, returnCode: '', detail: 'not selected by --where: rerun' },
    });
  });
});

describe('--only yes', () => {
  test.each(['refused', 'invalid', 'key_lost'] as const)(
    'leaves out what needs a correction, as it is: %s',
    (outcome) => {
      const past = aSettlement({ outcome });
      expect(aSelection({ only: 'yes' }).select(aRow('', past)).plan).toEqual({ kind: 'carry', settlement: past });
    },
  );

  test('tries what has been corrected since', () => {
    const row = corrected(aRow('', aSettlement({ outcome: 'refused' })));
    expect(tell(aSelection({ only: 'yes' }).select(row))).toBe('register');
  });

  test.each([undefined, 'unavailable', 'unknown', 'not_sent'] as const)('tries the others: %s', (outcome) => {
    const past = outcome && aSettlement({ outcome });
    expect(tell(aSelection({ only: 'yes' }).select(aRow('', past)))).toBe('register');
  });
});

test('a row that is not sent anyway is left alone', () => {
  const settled = { ...aRow(''), plan: { kind: 'settle', settlement: aSettlement({ outcome: 'invalid' }) } } as const;
  expect(aSelection({ limit: 1, only: 'yes', where: ['Dept='] }).select(settled)).toBe(settled);
  // But for a word on whether it is meant: of that goes what is said of it.
  expect(aSelection({ where: ['Dept=HR'] }).select(settled)).toEqual({ ...settled, isOutside: true });
  const hidden = { ...settled, isHidden: true };
  expect(aSelection({ visibleOnly: true }).select(hidden)).toEqual({ ...hidden, isOutside: true });
});

test.each([
  ['all', {}, true],
  ['limited', { limit: 1 }, false],
  ['by what they are', { where: ['Dept=HR'] }, false],
  ['that a rerun helps', { only: 'yes' }, false],
] as const)('rows are selected: %s', (_, rules, expected) => {
  expect(selectsAll({ limit: undefined, only: undefined, where: [], ...rules })).toBe(expected);
});

describe('a --where that means no row', () => {
  const problemOf = (where: readonly string[], ...departments: string[]): string | undefined => {
    const selection = aSelection({ where });
    for (const department of departments) selection.select(aRow(department));
    return selection.problem();
  };

  test('is told of, with what there is instead', () => {
    expect(problemOf(['Dept=Sals'], 'Sales', ' HR ', 'Sales', '')).toBe(
      '--where: no row has Dept=Sals: Dept is "Sales", "HR", ""',
    );
    expect(problemOf(['Dept=Sals'], ...'a,b,c,d,e,f,g,h,i,j'.split(','))).toMatch(/: Dept is ("[a-h]", ){7}"h", …$/);
    expect(problemOf(['Dept=HR', 'username=nobody'], 'HR')).toMatch(
      /^--where: no row has Dept=HR and username=nobody: /,
    );
  });

  test('names the one of several that never holds, or that they never hold together', () => {
    expect(problemOf(['Dept=HR', 'username=nobody'], 'HR')).not.toContain('Dept is');
    const selection = aSelection({ where: ['Dept=HR', 'username=ben'] });
    selection.select(aRow('HR'));
    selection.select(aRow('Sales', undefined, 'ben'));
    expect(selection.problem()).toBe(
      '--where: no row has Dept=HR and username=ben: each of them holds for some row, and for none all of them',
    );
  });

  test('is none when a row is meant, whatever is to be done with it, or when there are no rows', () => {
    const carried = {
      ...aRow('HR'),
      plan: { kind: 'carry', settlement: aSettlement({ outcome: 'registered' }) },
    } as const;
    const selection = aSelection({ where: ['Dept=HR'] });
    selection.select(carried);
    expect(selection.problem()).toBeUndefined();
    expect(problemOf(['Dept=HR'])).toBeUndefined();
  });
});

describe('--visible-only', () => {
  test('leaves out what a workbook hides, and says so', () => {
    const selection = aSelection({ visibleOnly: true });
    const rows = [true, false, undefined].map((isHidden) => selection.select({ ...aRow('HR'), isHidden }));
    expect(rows.map(tell)).toEqual(['carry not_sent', 'register', 'register']);
    const detail = 'hidden in the sheet, and left out by --visible-only: rerun';
    expect(rows[0]?.plan).toMatchObject({ settlement: { detail } });
  });

  test('leaves it out in the files of a run too, which hide nothing, and takes it once it is shown', () => {
    const [hidden] = [aSelection({ visibleOnly: true }).select({ ...aRow('HR'), isHidden: true })];
    const past = hidden.plan.kind === 'carry' ? hidden.plan.settlement : undefined;
    const selection = aSelection({ visibleOnly: true });
    expect(tell(selection.select(aRow('HR', past)))).toBe('carry not_sent');
    expect(tell(selection.select({ ...aRow('HR', past), isHidden: false }))).toBe('register');
    expect(tell(aSelection({}).select(aRow('HR', past)))).toBe('register');
  });

  test('is a selection', () => {
    expect(selectsAll({ limit: undefined, only: undefined, where: [], visibleOnly: true })).toBe(false);
  });
});
