import { describe, expect, test } from 'vitest';
import { repeatReport, toRunReport } from '../../src/report/run-report.js';
import type { EndedRun, RunReport } from '../../src/report/run-report.js';
import { SummaryCounter } from '../../src/report/summary.js';
import { AN_ORIGIN, anEndedRun as anyEndedRun, aSettlement, NOON, someUsedCells } from '../support/builders.js';

function aSummary() {
  const counter = new SummaryCounter();
  counter.add({ settlement: aSettlement(), carried: false, sends: 2, withoutKey: true });
  counter.add({
    settlement: aSettlement({ outcome: 'refused', returnCode: '22002' }),
    carried: true,
    sends: 0,
    withoutKey: false,
  });
  return counter.result(undefined);
}

function anEndedRun(changes: Partial<EndedRun> = {}): EndedRun {
  return anyEndedRun({ summary: aSummary(), exitCode: 1, warnings: { formula: 2 }, ...changes });
}

describe('the summary file', () => {
  test('tells of a run: counts, codes, times, settings and exit code', () => {
    const nextCommand = 'centagate-provision run users.failed.csv';
    expect(toRunReport(anEndedRun({ nextCommand }))).toEqual({
      version: 1,
      run_id: 'this',
      made_by: AN_ORIGIN,
      input: 'users.csv',
      input_bytes: 120,
      input_sha256: 'ab'.repeat(32),
      input_rows: 1,
      started_at: '2026-01-31T12:00:00.250Z',
      ended_at: '2026-01-31T12:00:01.750Z',
      duration_ms: 1500,
      exit_code: 1,
      stopped_by: null,
      next_command: 'centagate-provision run users.failed.csv',
      selection: {},
      rows: 2,
      people: { all: 1, done: 1, left: 0, with_token: 1 },
      carried: 1,
      sends: 2,
      outcomes: aSummary().byOutcome,
      retry: { no: 1, yes: 0, fix: 1 },
      left_out: 0,
      return_codes: { '0': 1, '22002': 1 },
      registered_without_key: 1,
      warnings: { formula: 2 },
      pace: { sends_per_second: 1.3, latency_ms: { median: 12, p95: 12, p99: 12 } },
      history: {
        runs: 1,
        first_started_at: '2026-01-31T12:00:00.250Z',
        sends: 2,
        duration_ms: 1500,
        registered_without_key: 1,
        warnings: { formula: 2 },
      },
      signatures_dir: '/data/signatures',
      encoding: 'utf-8',
      columns: { username: 'UPN' },
      settings: { server: 'https://centagate.example', concurrency: 16 },
      changed_settings: {},
      corrections: [],
      runs: [],
    });
  });

  test('says why the run stopped', () => {
    const stop = { kind: 'stopped', reason: 'the licence ended' } as const;
    expect(toRunReport(anEndedRun({ summary: { ...aSummary(), stop } })).stopped_by).toBe('the licence ended');
  });

  test('keeps the corrections for the next run', () => {
    const corrections = [{ line: 2, from: someUsedCells({ username: 'anm' }), to: someUsedCells() }];
    expect(toRunReport(anEndedRun({ corrections })).corrections).toEqual(corrections);
  });

  test('has a line for each earlier run, the oldest first, and no more of it than that', () => {
    const first = toRunReport(anEndedRun());
    const second = toRunReport(anEndedRun({ input: 'users.failed.csv', startedAt: NOON + 9000, earlier: first }));
    const third = toRunReport(anEndedRun({ startedAt: NOON + 20_000, earlier: second }));
    expect(second.runs).toEqual([
      {
        run_id: 'this',
        made_by: AN_ORIGIN,
        input: 'users.csv',
        input_bytes: 120,
        input_sha256: first.input_sha256,
        input_rows: 1,
        started_at: '2026-01-31T12:00:00.250Z',
        ended_at: '2026-01-31T12:00:01.750Z',
        exit_code: 1,
        stopped_by: null,
        selection: {},
        rows: 2,
        people: first.people,
        carried: 1,
        sends: 2,
        outcomes: first.outcomes,
        pace: first.pace,
        changed_settings: {},
      },
    ]);
    expect(third.runs).toHaveLength(2);
    expect(third.runs[0]).toEqual(second.runs[0]);
    expect(third.runs[1]).toMatchObject({ input: 'users.failed.csv', started_at: '2026-01-31T12:00:09.250Z' });
  });

  test('forgets the oldest of more than a thousand runs: a schedule adds one every day', () => {
    const line = toRunReport(anEndedRun({ earlier: toRunReport(anEndedRun()) })).runs[0]!;
    const earlier = {
      ...toRunReport(anEndedRun()),
      runs: Array.from({ length: 1000 }, (_, at) => ({ ...line, rows: at })),
    };
    const { runs } = toRunReport(anEndedRun({ earlier }));
    expect(runs).toHaveLength(1000);
    expect([runs[0]?.rows, runs[998]?.rows, runs[999]?.rows]).toEqual([1, 999, 2]);
  });

  test('of a run that found all as it was left is that of the last one, which it tells of', () => {
    const first = toRunReport(anEndedRun({ nextCommand: 'centagate-provision run users.csv' }));
    const next = { id: 'next', madeBy: { ...AN_ORIGIN, system_user: 'li' }, now: NOON };
    const warnings = { formula: 2, other_subject: 1 };
    const report = repeatReport({ ...first, warnings, rows: 5, outcomes: { registered: 3, duplicate: 2 } }, next);
    expect(report).toEqual({
      ...first,
      run_id: 'next',
      made_by: next.madeBy,
      started_at: '2026-01-31T12:00:00.250Z',
      ended_at: '2026-01-31T12:00:00.250Z',
      duration_ms: 0,
      rows: 5,
      carried: 3,
      sends: 0,
      next_command: null,
      outcomes: { registered: 3, duplicate: 2 },
      registered_without_key: 0,
      pace: { sends_per_second: 0, latency_ms: null },
      // Of its cells; no signature is read.
      warnings: { formula: 2 },
      history: { ...first.history, runs: 2, warnings: { ...first.history.warnings, formula: 4 } },
      runs: [expect.objectContaining({ rows: 5, started_at: first.started_at })],
    });
  });

  test('counts over all runs of the stem beside the last one', () => {
    const first = toRunReport(anEndedRun());
    const second = toRunReport(anEndedRun({ startedAt: NOON + 9000, endedAt: NOON + 9500, earlier: first }));
    expect(second.sends).toBe(2);
    expect(second.history).toEqual({
      runs: 2,
      first_started_at: '2026-01-31T12:00:00.250Z',
      sends: 4,
      duration_ms: 2000,
      registered_without_key: 2,
      warnings: { formula: 4 },
    });
  });

  test('counts over runs of an older version as far as that told of them', () => {
    const { history, ...older } = toRunReport(anEndedRun({ earlier: toRunReport(anEndedRun()) }));
    const { runs, sends, duration_ms } = toRunReport(anEndedRun({ earlier: older as RunReport })).history;
    expect({ runs, sends, duration_ms }).toEqual({ runs: 3, sends: history.sends + 2, duration_ms: 4500 });
  });

  test('says which settings are others than in the run before, and which are gone', () => {
    const earlier = toRunReport(anEndedRun({ settings: { server: 'https://a.example', limit: 3, concurrency: 16 } }));
    const settings = { server: 'https://a.example', concurrency: 4, rate: 10 };
    const { changed_settings } = toRunReport(anEndedRun({ settings, earlier }));
    expect(changed_settings).toEqual({ limit: null, concurrency: 4, rate: 10 });
  });

  test('is one JSON object', () => {
    const report = toRunReport(anEndedRun());
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});
