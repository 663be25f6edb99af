import { describe, expect, it } from 'vitest';
import { toSummaryLines } from '../../src/cli/summary-text.js';
import { toRunReport } from '../../src/report/run-report.js';
import type { RunReport } from '../../src/report/run-report.js';
import { stemFiles } from '../../src/core/stem.js';
import { anEndedRun } from '../support/builders.js';

const files = stemFiles('/data/', 'users');

function aReport(changes: Partial<RunReport>): RunReport {
  return { ...toRunReport(anEndedRun()), outcomes: { registered: 1 }, ...changes };
}

describe('the summary', () => {
  it('says how many of the rows in doubt need a person', () => {
    const outcomes = { refused: 1, unknown: 3 };
    const shown = (fix: number) => toSummaryLines(aReport({ outcomes, retry: { no: 0, yes: 0, fix } }), files, false);
    expect(shown(1)).toMatch(/unknown │ +3 │ yes +│/);
    expect(shown(2)).toMatch(/unknown │ +3 │ yes, 1 fix +│/);
    expect(shown(4)).toMatch(/unknown │ +3 │ fix +│/);
  });

  it('says that every row is done, and where the keys are', () => {
    const text = toSummaryLines(aReport({}), files, false);
    expect(text).toContain('Every row is done.');
    expect(text).toContain('/data/users.keys.csv');
    expect(text).toContain('1 row, 0 of them done before, 1 send, 1.5 s');
  });

  it('of a shard speaks of its rows', () => {
    const textOf = (report: Partial<RunReport>) =>
      toSummaryLines(aReport({ selection: { shard: '3/8' }, ...report }), files, false);
    const merge = 'centagate-provision merge users.csv';
    expect(textOf({ next_command: merge })).toContain(
      `Every row of shard 3/8 is done. When all shards have ended, next: ${merge}\n`,
    );
    const next_command = 'centagate-provision run users.csv --shard 3/8';
    expect(textOf({ retry: { no: 0, yes: 2, fix: 1 }, next_command })).toContain(
      `2 rows of shard 3/8 to rerun. Next: ${next_command}\n`,
    );
    expect(textOf({ retry: { no: 0, yes: 0, fix: 1 }, next_command: merge })).toContain(
      `1 row of shard 3/8 left. When all shards have ended, next: ${merge}\n`,
    );
  });

  it('says that nothing is left but what undo took back', () => {
    const undone = aReport({ outcomes: { registered: 1, undone: 2 }, retry: { no: 1, yes: 0, fix: 2 } });
    expect(toSummaryLines(undone, files, false)).toContain('Every row is done, but for 2 rows that undo took back.');
    const more = aReport({ outcomes: { refused: 1, undone: 2 }, retry: { no: 0, yes: 0, fix: 3 } });
    expect(toSummaryLines(more, files, false)).toContain('1 row to correct');
  });

  it('says how often a connection was tried for where that failed, or came to nothing', () => {
    const textOf = (tried: number, failed: number): string => {
      const report = aReport({ connections: { tried, failed }, sends: 20, settings: { concurrency: 16 } });
      return toSummaryLines(report, files, false);
    };
    expect(textOf(16, 0)).not.toContain('at a connection');
    expect(textOf(24, 0)).not.toContain('at a connection');
    expect(textOf(1, 1)).toContain('1 attempt at a connection, 1 of them failed\n');
    expect(textOf(6600, 0)).toContain('6600 attempts at a connection, 0 of them failed\n');
    expect(toSummaryLines(aReport({}), files, false)).not.toContain('at a connection');
  });

  it('says what was allowed, and what is then not promised', () => {
    const text = toSummaryLines(aReport({ settings: { allowed: 'plain-http' } }), files, false);
    expect(text).toContain('allowed: plain-http: whoever listens on the way can act as the administrator\n');
    expect(toSummaryLines(aReport({}), files, false)).not.toContain('allowed');
  });

  it('lists only the outcomes that came up, with their retry marker', () => {
    const text = toSummaryLines(aReport({ outcomes: { registered: 3, refused: 1, unknown: 0 } }), files, false);
    expect(text).toMatch(/registered .*3 .*no/);
    expect(text).toMatch(/refused .*1 .*fix/);
    expect(text).not.toContain('unknown');
  });

  it('explains the codes that were no success', () => {
    const text = toSummaryLines(aReport({ return_codes: { '0': 5, '22002': 2, '77777': 1 } }), files, false);
    expect(text).toContain('22002 (User not found): 2 rows');
    expect(text).toContain('77777 (not documented): 1 row');
  });

  it('gives the next command for what is left', () => {
    const next_command = 'centagate-provision run /data/users.failed.csv --admin alice';
    const textOf = (report: Partial<RunReport>) => toSummaryLines(aReport({ next_command, ...report }), files, false);
    expect(textOf({ retry: { no: 0, yes: 2, fix: 0 } })).toContain(`2 rows left. Next: ${next_command}\n`);
    expect(textOf({ retry: { no: 0, yes: 1, fix: 1 } })).toContain(
      `1 row to correct and 1 to rerun: see the detail column of /data/users.failed.csv, correct it there. Next: ${next_command}\n`,
    );
    expect(textOf({ stopped_by: 'interrupted', exit_code: 130 })).toContain(`Go on with: ${next_command}\n`);
  });

  it('does not call rows that were left out to correct, or to rerun', () => {
    const textOf = (yes: number, not_sent: number) =>
      toSummaryLines(
        aReport({ retry: { no: 0, yes, fix: 2 }, left_out: not_sent, selection: { limit: 2 }, next_command: 'X' }),
        files,
        false,
      );
    expect(textOf(5, 5)).toContain('2 rows to correct (5 more left out by --limit 2): see');
    expect(textOf(5, 3)).toContain('2 rows to correct and 2 to rerun (3 more left out by --limit 2): see');
  });

  it('tells of rows that were left out before it offers to send them', () => {
    const textOf = (yes: number, not_sent: number) =>
      toSummaryLines(
        aReport({ retry: { no: 0, yes, fix: 0 }, left_out: not_sent, selection: { limit: 2 }, next_command: 'X' }),
        files,
        false,
      );
    expect(textOf(3, 3)).toContain('3 rows left, all of them left out by --limit 2. Next, for more of them: X');
    expect(textOf(3, 2)).toContain('3 rows left, 2 of them left out by --limit 2. Next: X');
  });

  it('does not say of rows that wait after a pilot that they are to be rerun or corrected', () => {
    const report = {
      retry: { no: 17, yes: 1180, fix: 3 },
      outcomes: { refused: 3, not_sent: 1180 },
      left_out: 1180,
      selection: { limit: 2 },
      next_command: 'X',
    };
    expect(toSummaryLines(aReport(report), files, false)).toContain(
      '3 rows to correct (1180 more left out by --limit 2): see the detail column of /data/users.failed.csv, correct it there. Next: X',
    );
    const both = { ...report, retry: { no: 0, yes: 3, fix: 1 }, left_out: 1 };
    expect(toSummaryLines(aReport(both), files, false)).toContain(
      '1 row to correct and 2 to rerun (1 more left out by',
    );
  });

  it('says how to send what the next command leaves out again', () => {
    const report = {
      left_out: 31,
      selection: { where: ['dept=IT'] },
      next_command: 'centagate-provision run --where dept=IT',
    };
    const textOf = (retry: RunReport['retry']) => toSummaryLines(aReport({ ...report, retry }), files, false);
    for (const retry of [
      { yes: 33, fix: 0 },
      { yes: 33, fix: 2 },
    ]) {
      expect(textOf(retry)).toContain('--where dept=IT\nThe 31 rows left out: the same command without --where.\n');
    }
  });

  it('names the configuration file where that leaves rows out', () => {
    const report = { retry: { no: 0, yes: 3, fix: 0 }, left_out: 3, selection: { limit: 2 }, next_command: null };
    expect(toSummaryLines(aReport(report), files, false)).toContain(
      'left out by --limit 2, typed or in the configuration file. Next, without it: ',
    );
  });

  it('says so where no line is sure to give the next command', () => {
    const text = toSummaryLines(aReport({ retry: { no: 0, yes: 2, fix: 0 } }), files, false);
    expect(text).toContain('2 rows left. Next: the command as you typed it');
  });

  it('never says that all is done when the run stopped early', () => {
    const text = toSummaryLines(
      aReport({ stopped_by: 'users.csv:3: no UTF-8', exit_code: 4, next_command: 'centagate-provision run users.csv' }),
      files,
      false,
    );
    expect(text).not.toContain('Every row is done');
    expect(text).toContain('Stopped early: users.csv:3: no UTF-8');
    expect(text).toContain('Next: centagate-provision run users.csv');
  });

  it('counts registrations without a key', () => {
    expect(toSummaryLines(aReport({ registered_without_key: 2 }), files, false)).toContain('without an activation key');
  });

  it('has no colours unless they are wanted', () => {
    expect(toSummaryLines(aReport({}), files, false)).not.toContain('\u001b');
    const coloured = toSummaryLines(aReport({ outcomes: { registered: 1, refused: 1, unknown: 1 } }), files, true);
    for (const [outcome, colour] of [
      ['registered', 32],
      ['refused', 31],
      ['unknown', 33],
    ]) {
      expect(coloured).toContain(`\u001b[${colour}m${outcome}\u001b[39m`);
    }
  });
});
