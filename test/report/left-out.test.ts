import { describe, expect, it } from 'vitest';
import { leftOutOf } from '../../src/report/left-out.js';
import { toRunReport } from '../../src/report/run-report.js';
import type { RunReport } from '../../src/report/run-report.js';
import { AN_ORIGIN, anEndedRun } from '../support/builders.js';

const where = ['dept=IT', 'site=2'];

function leftOut(changes: Partial<RunReport>, command = 'centagate-provision run users.csv --where dept=IT') {
  const report = { ...toRunReport(anEndedRun()), left_out: 3, selection: { where }, ...changes };
  return leftOutOf({ ...report, made_by: { ...AN_ORIGIN, command } });
}

describe('rows that were left out', () => {
  it('are sent by the same command without the flags that it still has', () => {
    expect(leftOut({ next_command: 'centagate-provision run users.failed.csv --where dept=IT' })).toEqual({
      rows: 3,
      by: '--where dept=IT, --where site=2',
      remedy: 'the same command without --where',
    });
    const selection = { where, limit: 5, visible_only: true } as const;
    expect(leftOut({ selection, next_command: null })?.remedy).toBe(
      'the same command without --where and --limit and --visible-only',
    );
  });

  it('are sent by the next command where that has dropped the flags', () => {
    expect(leftOut({ next_command: 'centagate-provision run users.csv' })?.remedy).toBeUndefined();
    // A file of that name is no flag.
    expect(leftOut({ next_command: 'centagate-provision run x--where y' })?.remedy).toBeUndefined();
  });

  it('wait for a configuration file that leaves them out, whatever is typed', () => {
    const next_command = 'centagate-provision run users.failed.csv';
    expect(leftOut({ next_command }, 'centagate-provision run users.csv')?.remedy).toBe(
      'without --where, which the configuration file or the environment gives',
    );
  });

  it('are none where the run was for all rows, or left none out', () => {
    expect(leftOut({ selection: {} })).toBeUndefined();
    expect(leftOut({ selection: { only: 'yes' } })).toBeUndefined();
    expect(leftOut({ left_out: 0 })).toBeUndefined();
  });

  it('are those that were never sent, as far as an older version tells', () => {
    const old = {
      ...toRunReport(anEndedRun()),
      left_out: undefined,
      selection: { limit: 2 },
      outcomes: { not_sent: 4 },
    };
    expect(leftOutOf(old)?.rows).toBe(4);
    expect(leftOutOf({ ...old, stopped_by: 'a full disk' })).toBeUndefined();
  });
});
