import { describe, expect, it, test } from 'vitest';
import {
  actorOf,
  administratorsOf,
  countText,
  departmentAt,
  durationText,
  explainCause,
  numberText,
  runsOf,
  selectionText,
  timeText,
  whoText,
} from '../../src/page/report-words.js';
import type { EarlierRun, EndedRun } from '../../src/report/run-report.js';
import { OUTCOME_NAMES } from '../../src/row/outcome.js';
import { afterUndo } from '../../src/row/undo.js';
import { AN_ORIGIN, aSettlement, NOON } from '../support/builders.js';
import { aStory } from '../support/story.js';

test.each([
  [['username', 'Department'], 1],
  [['Abteilung ', 'username'], 0],
  [['username', 'Phòng ban'], 1],
  [['username', 'Đơn vị', 'Jabatan'], 2],
  // The likelier one, not the first.
  [['company', 'dept_name', 'department'], 2],
  [['username', 'note'], -1],
])('of the columns %j, number %i says where somebody works', (names, at) => {
  expect(departmentAt(names)).toBe(at);
});

describe('a cause', () => {
  const cause = { retry: 'fix', returnCode: '', detail: '', rows: 1, who: [] } as const;

  it('has somebody who can act, whatever the outcome', () => {
    for (const outcome of OUTCOME_NAMES) expect(actorOf({ outcome, retry: 'fix' })).toMatch(/^whoever /);
    expect(actorOf({ outcome: 'unknown', retry: 'fix' })).toContain('gateway');
    expect(actorOf({ outcome: 'unknown', retry: 'yes' })).toContain('runs the command');
  });

  it('of an undo is told by that, and not by what the server said to the registration', () => {
    const taken = { ...cause, outcome: 'undone', returnCode: '0', detail: 'Deactivated by undo at …' } as const;
    expect(explainCause(taken)).toMatchObject({ happened: expect.stringContaining('taken back') as string });
    expect(actorOf(taken)).toBe('whoever took them back');
    const before = aSettlement();
    const { detail } = afterUndo(before, { ...before, outcome: 'unknown' }, 'deactivate');
    const doubted = { ...cause, outcome: 'unknown', returnCode: '0', detail } as const;
    expect(explainCause(doubted)).toEqual({
      happened: detail.replace(': repeat that.', ''),
      remedy: 'Repeat that undo.',
    });
    expect(actorOf(doubted)).toBe('whoever took them back');
  });

  it('is told by its return code where the server said one, else by our own word', () => {
    expect(explainCause({ ...cause, outcome: 'refused', returnCode: '22002' }).happened).toBe('User not found (22002)');
    expect(explainCause({ ...cause, outcome: 'refused', returnCode: '99999', detail: 'look' }).happened).toBe(
      'return code 99999: look',
    );
    expect(explainCause({ ...cause, outcome: 'invalid', detail: 'status "x" is not known' })).toEqual({
      happened: 'status "x" is not known',
      remedy: 'Correct the row, then rerun.',
    });
    expect(explainCause({ ...cause, outcome: 'not_sent', detail: 'not selected by --where: rerun' })).toEqual({
      happened: 'not selected by --where',
      remedy: 'Run again without --where.',
    });
    expect(explainCause({ ...cause, outcome: undefined }).remedy).toBe('Run again.');
  });

  it.each(['It may have been applied. Rerun.', 'It may have been applied: rerun', 'It may have been applied.'])(
    'says what to do once, and ends no sentence twice: %s',
    (detail) => {
      expect(explainCause({ ...cause, outcome: 'unknown', detail }).happened).toBe('It may have been applied');
    },
  );
});

describe('whoever made a run', () => {
  const origin = { system_user: 'mia', host: 'desk-7' };
  const told = (changes: Partial<EndedRun>[]) => {
    const { summary } = aStory({ runs: changes.map((run) => ({ madeBy: { ...AN_ORIGIN, ...origin }, ...run })) });
    const administrators = administratorsOf(summary!);
    return runsOf(summary).map((run, at) => whoText(run, administrators[at]));
  };

  it('stands with the administrator, also that of earlier runs', () => {
    expect(told([{ settings: { admin: 'ops' } }, { settings: { admin: 'ops' } }])).toEqual([
      'mia on desk-7 as ops',
      'mia on desk-7 as ops',
    ]);
  });

  it('stands with none where another one came since, unless the command has it', () => {
    const command = 'centagate-provision run users.csv --admin eve --limit 2';
    const before = { settings: { admin: 'eve' } };
    expect(told([before, { settings: { admin: 'ops' } }])).toEqual(['mia on desk-7', 'mia on desk-7 as ops']);
    expect(told([{ ...before, madeBy: { ...AN_ORIGIN, ...origin, command } }, { settings: { admin: 'ops' } }])[0]).toBe(
      'mia on desk-7 as eve',
    );
  });
});

test('counts, times and durations are for people', () => {
  expect(countText(1, 'person', 'people')).toBe('1 person');
  expect(numberText(1234567)).toBe('1\u202f234\u202f567');
  expect(timeText(new Date(NOON).toISOString())).toBe('2026-01-31 12:00:00 UTC');
  expect(timeText('yesterday')).toBe('yesterday');
  expect([400, 9_990, 65_000, 600_000, 9_000_000].map(durationText)).toEqual([
    '0.4 s',
    '10.0 s',
    '65 s',
    '10 min',
    '2 h 30 min',
  ]);
});

test('a run says which rows it was for', () => {
  const [run] = [aStory().summary!];
  expect(selectionText(run)).toBe('all rows');
  const selection = { where: ['department=IT'], limit: 20, only: 'yes', visible_only: true } as const;
  expect(selectionText({ ...run, selection })).toBe('--where department=IT, --limit 20, --only yes, --visible-only');
  const undo = { how: 'unregister', rows: 1, outcomes: {} } as const;
  expect(selectionText({ ...run, undo })).toBe('to undo (unregister): all rows');
  const old = Object.fromEntries(Object.entries(run).filter(([name]) => name !== 'selection'));
  expect(selectionText(old as unknown as EarlierRun)).toBe('not known');
});
