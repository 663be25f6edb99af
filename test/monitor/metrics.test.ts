import { describe, expect, it } from 'vitest';
import { METRICS, readKeptMetrics, toMetricsText } from '../../src/monitor/metrics.js';
import type { RunSight } from '../../src/monitor/run-sight.js';
import { OUTCOME_NAMES } from '../../src/row/outcome.js';
import { NOON } from '../support/builders.js';

const SIGHT: RunSight = {
  stem: 'users',
  startedAt: NOON,
  now: NOON + 1500,
  counts: { outcomes: { registered: 2 }, retry: { no: 2, fix: 1 } },
  sends: 3,
  clockOffsetMs: -20,
};

const NOTHING = readKeptMetrics('');

function valueOf(text: string, name: string, labels = ''): string | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`centagate_provision_${name}{stem="users"${labels}} `));
  return line?.split('} ')[1];
}

describe('the metrics of a run', () => {
  it('have every outcome, zeros too, under the stem', () => {
    const text = toMetricsText(SIGHT, NOTHING);
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
    const text = toMetricsText({ ...SIGHT, clockOffsetMs: undefined }, NOTHING);
    expect(valueOf(text, 'run_in_progress')).toBe('1');
    for (const name of ['last_exit_code', 'last_success_timestamp_seconds', 'keys_waiting', 'clock_offset_seconds']) {
      expect(text).not.toContain(name);
    }
  });

  it('keep the last success over failures, and the last ending while the next run is under way', () => {
    const done = toMetricsText({ ...SIGHT, end: { exitCode: 0, keysWaiting: 7 } }, NOTHING);
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

  it('keep the rows as the last run left them, until this one has its own', () => {
    const done = toMetricsText({ ...SIGHT, end: { exitCode: 1 } }, NOTHING);
    const next = { ...SIGHT, counts: undefined, sends: 0, clockOffsetMs: undefined };
    const begun = toMetricsText(next, readKeptMetrics(done));
    const refused = toMetricsText({ ...next, end: { exitCode: 2 } }, readKeptMetrics(begun));
    for (const text of [begun, refused]) {
      expect(valueOf(text, 'rows', ',outcome="registered"')).toBe('2');
      expect(valueOf(text, 'rows', ',outcome="refused"')).toBe('0');
      expect(valueOf(text, 'rows_left', ',retry="fix"')).toBe('1');
      // What is of the run alone begins anew.
      expect(valueOf(text, 'sends')).toBe('0');
      expect(text).not.toContain('clock_offset');
    }
    const own = toMetricsText({ ...SIGHT, counts: { outcomes: { refused: 1 }, retry: {} } }, readKeptMetrics(refused));
    expect(valueOf(own, 'rows', ',outcome="registered"')).toBe('0');
    expect(valueOf(own, 'rows_left', ',retry="fix"')).toBe('0');
  });

  it('take nothing from the file of another stem', () => {
    const other = toMetricsText({ ...SIGHT, stem: 'guests', end: { exitCode: 0, keysWaiting: 7 } }, NOTHING);
    const text = toMetricsText({ ...SIGHT, counts: undefined }, readKeptMetrics(other));
    expect(valueOf(text, 'rows', ',outcome="registered"')).toBe('0');
    expect(text).not.toContain('keys_waiting');
  });

  it('take nothing from a file that is another', () => {
    expect(readKeptMetrics('nothing of it\ncentagate_provision_last_exit_code{stem="users"} soon\n').size).toBe(0);
  });

  it('say of each what it is, and escape what a name may hold', () => {
    const text = toMetricsText({ ...SIGHT, stem: 'a"b\\c\nd', end: { exitCode: 0, keysWaiting: 0 } }, NOTHING);
    expect(text).toContain(String.raw`{stem="a\"b\\c\nd"}`);
    for (const name of Object.keys(METRICS)) {
      expect(text).toMatch(
        new RegExp(`^# HELP centagate_provision_${name} .+\\n# TYPE centagate_provision_${name} gauge\\n`, 'm'),
      );
    }
    expect(text.split('\n').filter((line) => !/^(?:# |centagate_provision_|$)/.test(line))).toEqual([]);
  });
});
