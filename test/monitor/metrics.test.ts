import { describe, expect, it } from 'vitest';
import { METRICS, readKeptMetrics, toMetricsText } from '../../src/monitor/metrics.js';
import type { RunSight } from '../../src/monitor/run-sight.js';
import { OUTCOME_NAMES } from '../../src/row/outcome.js';
import { NOON } from '../support/builders.js';

const SIGHT: RunSight = {
  stem: 'users',
  startedAt: NOON,
  now: NOON + 1500,
  outcomes: { registered: 2 },
  retry: { no: 2, fix: 1 },
  sends: 3,
  clockOffsetMs: -20,
};

function valueOf(text: string, name: string, labels = ''): string | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`centagate_provision_${name}{stem="users"${labels}} `));
  return line?.split('} ')[1];
}

describe('the metrics of a run', () => {
  it('have every outcome, zeros too, under the stem', () => {
    const text = toMetricsText(SIGHT, {});
    expect(OUTCOME_NAMES.map((name) => valueOf(text, 'rows', `,outcome="${name}"`))).toEqual(
      OUTCOME_NAMES.map((name) => (name === 'registered' ? '2' : '0')),
    );
    expect([valueOf(text, 'rows_left', ',retry="yes"'), valueOf(text, 'rows_left', ',retry="fix"')]).toEqual([
      '0',
      '1',
    ]);
    expect(['sends', 'run_duration_seconds', 'clock_offset_seconds'].map((name) => valueOf(text, name))).toEqual([
      '3',
      '1.500',
      '-0.020',
    ]);
  });

  it('say that it is under way, and leave out what nobody knows yet', () => {
    const text = toMetricsText({ ...SIGHT, clockOffsetMs: undefined }, {});
    expect(valueOf(text, 'run_in_progress')).toBe('1');
    for (const name of ['last_exit_code', 'last_success_timestamp_seconds', 'keys_waiting', 'clock_offset_seconds']) {
      expect(text).not.toContain(name);
    }
  });

  it('keep the last success over failures, and the last ending while the next run is under way', () => {
    const done = toMetricsText({ ...SIGHT, end: { exitCode: 0, keysWaiting: 7 } }, {});
    const success = String((NOON + 1500) / 1000);
    expect(['last_exit_code', 'keys_waiting', 'run_in_progress'].map((name) => valueOf(done, name))).toEqual([
      '0',
      '7',
      '0',
    ]);
    const failed = toMetricsText({ ...SIGHT, now: NOON + 9000, end: { exitCode: 4 } }, readKeptMetrics(done));
    const next = toMetricsText({ ...SIGHT, now: NOON + 10_000 }, readKeptMetrics(failed));
    for (const text of [done, failed, next])
      expect(Number(valueOf(text, 'last_success_timestamp_seconds'))).toBe(Number(success));
    expect([valueOf(failed, 'last_exit_code'), valueOf(next, 'last_exit_code'), valueOf(next, 'keys_waiting')]).toEqual(
      ['4', '4', '7'],
    );
  });

  it('take nothing from a file that is another', () => {
    expect(readKeptMetrics('nothing of it\ncentagate_provision_last_exit_code{stem="users"} soon\n')).toEqual({});
  });

  it('say of each what it is, and escape what a name may hold', () => {
    const text = toMetricsText({ ...SIGHT, stem: 'a"b\\c\nd', end: { exitCode: 0, keysWaiting: 0 } }, {});
    expect(text).toContain(String.raw`{stem="a\"b\\c\nd"}`);
    for (const name of Object.keys(METRICS)) {
      expect(text).toMatch(
        new RegExp(`^# HELP centagate_provision_${name} .+\\n# TYPE centagate_provision_${name} gauge\\n`, 'm'),
      );
    }
    expect(text.split('\n').filter((line) => !/^(?:# |centagate_provision_|$)/.test(line))).toEqual([]);
  });
});
