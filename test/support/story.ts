import { JobCounter } from '../../src/page/job-figures.js';
import type { KeyState, Standing } from '../../src/page/standing.js';
import { runsOf } from '../../src/page/report-words.js';
import type { Story } from '../../src/page/report-words.js';
import { toRunReport } from '../../src/report/run-report.js';
import type { EndedRun, RunReport } from '../../src/report/run-report.js';
import type { Settlement } from '../../src/row/settlement.js';
import { anEndedRun, aSettlement, NOON } from './builders.js';

/** A row as a page takes it; `settlement` is what differs from one that is registered. */
export function aStanding(changes: Partial<Standing> = {}): Standing {
  return { line: 2, username: 'ann', tokenType: 'otp', group: 'Legal', settlement: aSettlement(), ...changes };
}

export function aRowWith(settlement: Partial<Settlement>, changes: Partial<Standing> = {}): Standing {
  return aStanding({ settlement: aSettlement(settlement), ...changes });
}

export interface StoryContent {
  readonly rows?: readonly Standing[];
  /** The oldest first. */
  readonly runs?: readonly Partial<EndedRun>[];
  readonly keyOf?: (username: string) => KeyState;
  readonly changes?: Partial<Story>;
}

/** What a page tells of a stem. */
export function aStory({
  rows = [aStanding()],
  runs = [{}],
  keyOf = () => 'waiting',
  changes = {},
}: StoryContent = {}): Story {
  const summary = runs.reduce<RunReport | undefined>(
    (earlier, run) => toRunReport(anEndedRun({ startedAt: NOON - 1000, endedAt: NOON + 1000, ...run, earlier })),
    undefined,
  );
  const spans = runsOf(summary).map((run) => ({
    startedAt: Date.parse(run.started_at),
    endedAt: Date.parse(run.ended_at),
  }));
  const counter = new JobCounter(spans, keyOf, () => 0.5);
  for (const row of rows) counter.add(row);
  return {
    figures: counter.result(),
    summary,
    underWay: undefined,
    files: {
      results: 'users.results.csv',
      failed: 'users.failed.csv',
      keys: 'users.keys.csv',
      undone: 'users.undo.results.csv',
    },
    column: 'department',
    madeAt: '2026-01-31T13:00:00.000Z',
    program: 'centagate-provision 0.0.0',
    ...changes,
  };
}
