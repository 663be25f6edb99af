import { describe, expect, test } from 'vitest';
import { repeatReport, toRunReport } from '../../src/report/run-report.js';
import type { EndedRun } from '../../src/report/run-report.js';
import { SummaryCounter } from '../../src/report/summary.js';
import { aSettlement, NOON, someUsedCells } from '../support/builders.js';

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
  return {
    id: 'this',
    input: 'users.csv',
    startedAt: NOON,
    endedAt: NOON + 1500,
    summary: aSummary(),
    exitCode: 1,
    warnings: { formula: 2 },
    signaturesDir: '/data/signatures',
    encoding: 'utf-8',
    columns: { username: 'UPN' },
    settings: { server: 'https://centagate.example', concurrency: 16 },
    corrections: [],
    earlier: undefined,
    ...changes,
  };
}

describe('the summary file', () => {
  test('tells of a run: counts, codes, times, settings and exit code', () => {
    const nextCommand = 'centagate-provision run users.failed.csv';
    expect(toRunReport(anEndedRun({ nextCommand }))).toEqual({
      version: 1,
      run_id: 'this',
      input: 'users.csv',
      started_at: '2026-01-31T12:00:00.250Z',
      ended_at: '2026-01-31T12:00:01.750Z',
      duration_ms: 1500,
      exit_code: 1,
      stopped_by: null,
      next_command: 'centagate-provision run users.failed.csv',
      rows: 2,
      carried: 1,
      sends: 2,
      outcomes: aSummary().byOutcome,
      retry: { no: 1, yes: 0, fix: 1 },
      return_codes: { '0': 1, '22002': 1 },
      registered_without_key: 1,
      warnings: { formula: 2 },
      signatures_dir: '/data/signatures',
      encoding: 'utf-8',
      columns: { username: 'UPN' },
      settings: { server: 'https://centagate.example', concurrency: 16 },
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
        input: 'users.csv',
        started_at: '2026-01-31T12:00:00.250Z',
        ended_at: '2026-01-31T12:00:01.750Z',
        exit_code: 1,
        stopped_by: null,
        rows: 2,
        sends: 2,
        outcomes: first.outcomes,
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
    const report = repeatReport({ ...first, rows: 5, outcomes: { registered: 3, duplicate: 2 } }, 'next', NOON);
    expect(report).toEqual({
      ...first,
      run_id: 'next',
      started_at: '2026-01-31T12:00:00.250Z',
      ended_at: '2026-01-31T12:00:00.250Z',
      duration_ms: 0,
      rows: 5,
      carried: 3,
      sends: 0,
      next_command: null,
      outcomes: { registered: 3, duplicate: 2 },
      registered_without_key: 0,
      runs: [expect.objectContaining({ rows: 5, started_at: first.started_at })],
    });
  });

  test('is one JSON object', () => {
    const report = toRunReport(anEndedRun());
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});
