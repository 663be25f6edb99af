import { describe, expect, it } from 'vitest';
import { peopleText, toSurveyLines, toUndoLines } from '../../src/cli/undo-text.js';
import { stemFiles } from '../../src/core/stem.js';
import type { UndoSurvey } from '../../src/plan/undo-survey.js';
import { toRunReport } from '../../src/report/run-report.js';
import type { RunReport } from '../../src/report/run-report.js';
import { anEndedRun } from '../support/builders.js';

const files = stemFiles('/data/', 'users');
const target = { way: 'deactivate', server: 'https://centagate.example', admin: 'alice' } as const;

function aSurvey(changes: Partial<UndoSurvey> = {}): UndoSurvey {
  return { rows: 3, people: 2, byType: { otp: 2, pki: 1 }, done: 0, notOurs: {}, notSelected: 0, ...changes };
}

function aReport(changes: Partial<RunReport>): RunReport {
  return { ...toRunReport(anEndedRun()), ...changes };
}

describe('what an undo is about to do', () => {
  it('is told with rows and people, and with whom it leaves alone', () => {
    const left = { notOurs: { already_registered: 3, unknown: 1 }, notSelected: 5, done: 4 };
    expect(toSurveyLines(aSurvey(left), target)).toBe(
      [
        'undo --how deactivate sets the status 3, temporarily deactivated: 3 rows (2 OTP, 1 PKI) of 2 people, at https://centagate.example as alice.',
        'Left as they are: 3 already_registered, 1 unknown, 5 not selected, 4 like that already.\n',
      ].join('\n'),
    );
  });

  it('may be nothing', () => {
    const none = { rows: 0, people: 0, byType: { otp: 0, pki: 0 } };
    expect(toSurveyLines(aSurvey(none), target)).toBe('No row is to be undone (--how deactivate).\n');
    expect([peopleText(1), peopleText(2)]).toEqual(['1 person', '2 people']);
  });
});

describe('what an undo has done', () => {
  it('is counted by outcome, each in its sense here', () => {
    const undo = { how: 'unregister', rows: 4, outcomes: { undone: 2, refused: 1, not_sent: 1 } } as const;
    const text = toUndoLines(aReport({ undo, exit_code: 3, next_command: 'centagate-provision undo x' }), files, false);
    expect(text).toMatch(/undone +│ +2 │ unregistered by this undo/);
    expect(text).toMatch(/refused +│ +1 │ as it was/);
    expect(text).toContain('4 rows taken up');
    expect(text).toContain('/data/users.undo.results.csv');
    expect(text).toContain('Some are left. Next: centagate-provision undo x');
  });

  it('ends with what to do next', () => {
    const undo = { how: 'activate', rows: 1, outcomes: { registered: 1 } } as const;
    const done = toUndoLines(aReport({ undo, exit_code: 0 }), files, false);
    expect(done).toContain('active again by this undo');
    expect(done).toContain('All of them went that way.');
    expect(toUndoLines(aReport({ undo, exit_code: 1 }), files, false)).toContain('Some need a person: see the detail');
    const stopped = toUndoLines(aReport({ undo, exit_code: 130, stopped_by: 'interrupted by SIGINT' }), files, false);
    expect(stopped).toContain('Go on with: the command as you typed it');
    expect(stopped).not.toContain('Mend');
    const broken = toUndoLines(aReport({ undo, exit_code: 6, stopped_by: 'somebody must act' }), files, false);
    expect(broken).toContain('Mend what stopped it, then go on with: ');
  });
});
