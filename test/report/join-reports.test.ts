import { describe, expect, it } from 'vitest';
import { joinReports } from '../../src/report/join-reports.js';
import { repeatReport, toRunReport } from '../../src/report/run-report.js';
import type { EndedRun, RunReport } from '../../src/report/run-report.js';
import { AN_ORIGIN, anEndedRun, NOON } from '../support/builders.js';

/** A run of a second that began so many seconds after noon. */
function aRun(id: string, seconds: number, changes: Partial<EndedRun> = {}): RunReport {
  const startedAt = NOON + seconds * 1000;
  return toRunReport(anEndedRun({ id, startedAt, endedAt: startedAt + 1000, ...changes }));
}

describe('the reports of shards', () => {
  const first = aRun('0', 10, { warnings: { formula: 1 } });
  const again = aRun('0 again', 20, { earlier: first, warnings: { formula: 1 } });
  const other = aRun('1', 11, { warnings: { trimmed: 2 } });

  it('come to the runs of all of them, in their order, behind those of the whole', () => {
    const before = aRun('before', 1, { earlier: aRun('long before', 0) });
    const joined = joinReports(before, [again, other]);
    expect([...joined.runs, joined].map(({ run_id }) => run_id)).toEqual([
      'long before',
      'before',
      '0',
      '1',
      '0 again',
    ]);
    const merged = toRunReport(anEndedRun({ id: 'merge', earlier: joined }));
    expect(merged.runs.map(({ run_id }) => run_id)).toEqual(['long before', 'before', '0', '1', '0 again']);
    expect(repeatReport(merged, { id: 'next', madeBy: AN_ORIGIN, now: NOON }).runs).toHaveLength(6);
  });

  it('count what all did once, and the time that they took side by side', () => {
    expect(joinReports(undefined, [again, other]).history).toEqual({
      runs: 3,
      first_started_at: first.started_at,
      sends: 3,
      duration_ms: 11_000,
      registered_without_key: 0,
      warnings: { formula: 2, trimmed: 2 },
    });
    const before = aRun('before', 1);
    expect(joinReports(before, [other]).history).toMatchObject({
      runs: 2,
      first_started_at: before.started_at,
      duration_ms: 2000,
    });
  });

  it('have the settings of all, and each of what was told to one alone', () => {
    const settings = (admin: string, more = {}) => ({ server: 'https://a', concurrency: 4, admin, ...more });
    const joined = joinReports(undefined, [
      aRun('0', 0, { settings: settings('ann') }),
      aRun('1', 0, { settings: settings('ben', { ca: '/ca.pem' }) }),
    ]);
    expect(joined.settings).toEqual({ server: 'https://a', concurrency: 4, admin: 'ann, ben', ca: '/ca.pem' });
  });
});
