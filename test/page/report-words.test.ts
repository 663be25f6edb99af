import { describe, expect, it, test } from 'vitest';
import {
  actorOf,
  countText,
  departmentAt,
  durationText,
  explainCause,
  numberText,
  selectionText,
  timeText,
  toMessage,
} from '../../src/page/report-words.js';
import type { EarlierRun } from '../../src/report/run-report.js';
import { OUTCOME_NAMES } from '../../src/row/outcome.js';
import { NOON } from '../support/builders.js';
import { aStanding, aRowWith, aStory } from '../support/story.js';

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

describe('the message', () => {
  const settings = { server: 'https://centagate.example', admin: 'mia' };
  const refused = aRowWith({ outcome: 'refused', returnCode: '22002' }, { username: 'bob' });

  it('says of a job that is done what is left to do all the same', () => {
    const { headline, steps } = toMessage(aStory());
    expect(headline).toBe('Every row is done: 1 person of 1 has a token.');
    expect(steps).toEqual([
      { text: 'Ask the server whether it has them all:', command: 'centagate-provision verify users.results.csv' },
      { text: 'Hand out the activation keys:', command: 'centagate-provision keys users.results.csv' },
    ]);
  });

  it('says how many rows are left, of how many people, and what to type', () => {
    const rows = [aStanding(), refused, aRowWith({ outcome: 'unknown' }, { username: 'cem' })];
    const { headline, sentences, steps } = toMessage(
      aStory({ rows, runs: [{ nextCommand: 'centagate-provision run users.failed.csv', settings }] }),
    );
    expect(headline).toBe('2 rows of 3 are left, of 2 people.');
    expect(sentences).toEqual([
      '1 person has a token, 2 have none that is known of.',
      '1 row needs a correction first.',
      '1 row needs nothing but another run.',
      '1 row is in doubt: the server may have registered it.',
      '1 activation key waits in users.keys.csv.',
    ]);
    expect(steps).toEqual([
      { text: 'Correct 1 row in users.failed.csv: what is wrong stands under “What is left”.' },
      {
        text: 'Type this, where it was typed before. The server was https://centagate.example and the administrator mia: the session, and what of these the command does not name, comes from the environment, as it did then.',
        command: 'centagate-provision run users.failed.csv',
      },
    ]);
  });

  it('has no command where no line is sure to be right', () => {
    const { steps } = toMessage(aStory({ rows: [refused] }));
    expect(steps.at(-1)).toEqual({ text: 'Type the command again, over users.failed.csv.' });
  });

  it('says why the last run stopped, and that this is to be mended first', () => {
    const story = aStory({ rows: [aRowWith({ outcome: 'not_sent' })] });
    const stopped = { ...story, summary: { ...story.summary!, stopped_by: 'the licence is used up' } };
    const { sentences, steps } = toMessage(stopped);
    expect(sentences[0]).toBe('The last run was stopped early: the licence is used up');
    expect(steps[0]?.text).toBe('Mend what stopped the last run.');
  });

  it('says of a run whose journal is there that these results are those of before it', () => {
    const command = 'centagate-provision run users.csv --config job.yaml';
    const counts = { done: 3, inDoubt: 2, left: 1 };
    const underWay = { startedAt: '2026-01-31T12:00:00.000Z', command, by: 'mia on desk-7', ...counts };
    const { headline, sentences, steps } = toMessage(aStory({ changes: { underWay } }));
    expect(sentences[0]).toBe(
      'It was begun on 2026-01-31 12:00:00 UTC by mia on desk-7, and came to 6 rows: 3 with a token, 2 in doubt, 1 left. None of that is in this report yet.',
    );
    expect(headline).toMatch(/^A run is under way, or was cut off\. Before it: /);
    expect(steps).toEqual([
      {
        text: 'If that run is no longer at work, type the same command again: it completes what was begun.',
        command: underWay.command,
      },
    ]);
  });
});

describe('a cause', () => {
  const cause = { retry: 'fix', returnCode: '', detail: '', rows: 1, who: [] } as const;

  it('has somebody who can act, whatever the outcome', () => {
    for (const outcome of OUTCOME_NAMES) expect(actorOf({ outcome, retry: 'fix' })).toMatch(/^whoever /);
    expect(actorOf({ outcome: 'unknown', retry: 'fix' })).toContain('gateway');
    expect(actorOf({ outcome: 'unknown', retry: 'yes' })).toContain('runs the command');
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
      remedy: 'Run again.',
    });
    expect(explainCause({ ...cause, outcome: undefined }).remedy).toBe('Run again.');
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
  const old = Object.fromEntries(Object.entries(run).filter(([name]) => name !== 'selection'));
  expect(selectionText(old as unknown as EarlierRun)).toBe('not known');
});
