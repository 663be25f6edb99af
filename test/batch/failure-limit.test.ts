import { describe, expect, test } from 'vitest';
import { OUTCOME_NAMES } from '../../src/row/outcome.js';
import type { Outcome } from '../../src/row/outcome.js';
import { FailureLimit, parseMostFailures } from '../../src/batch/failure-limit.js';

/** At which of these rows the run stops, from 1; undefined: never. */
function stopsAt(limit: FailureLimit, outcomes: readonly Outcome[]): number | undefined {
  const at = outcomes.findIndex((outcome) => limit.add(outcome) !== undefined);
  return at < 0 ? undefined : at + 1;
}

const rows = (outcome: Outcome, count: number): Outcome[] => Array<Outcome>(count).fill(outcome);

describe('too many failures', () => {
  test('are more than so many rows', () => {
    const limit = (): FailureLimit => new FailureLimit(parseMostFailures('2'));
    expect(stopsAt(limit(), [...rows('refused', 2), ...rows('registered', 100)])).toBeUndefined();
    expect(stopsAt(limit(), ['refused', 'registered', 'invalid', 'registered', 'unknown'])).toBe(5);
    expect(stopsAt(new FailureLimit(parseMostFailures('0')), ['registered', 'unavailable'])).toBe(2);
  });

  test('are more than so many of a hundred, once 50 rows have ended', () => {
    const limit = (): FailureLimit => new FailureLimit(parseMostFailures('10%'));
    expect(stopsAt(limit(), rows('refused', 60))).toBe(50);
    expect(stopsAt(limit(), [...rows('registered', 90), ...rows('refused', 10)])).toBeUndefined();
    expect(stopsAt(limit(), [...rows('registered', 90), ...rows('refused', 11)])).toBe(101);
    expect(stopsAt(limit(), [...rows('refused', 49), ...rows('registered', 1000)])).toBeUndefined();
  });

  test.each(OUTCOME_NAMES)('%s is one or not', (outcome) => {
    const failures = ['refused', 'invalid', 'key_lost', 'unavailable', 'unknown'];
    expect(new FailureLimit(parseMostFailures('0')).add(outcome) !== undefined).toBe(failures.includes(outcome));
  });

  test('there are none without a limit', () => {
    expect(stopsAt(new FailureLimit(undefined), rows('refused', 1000))).toBeUndefined();
  });

  test('are told with what to do', () => {
    expect(new FailureLimit(parseMostFailures('0')).add('refused')).toBe(
      '1 of 1 rows failed, more than --max-failures 0 allows: see their detail, mend it, then rerun',
    );
    const limit = new FailureLimit(parseMostFailures('5%'));
    for (const outcome of rows('registered', 49)) limit.add(outcome);
    for (const outcome of rows('refused', 2)) limit.add(outcome);
    expect(limit.add('refused')).toContain('3 of 52 rows failed, more than --max-failures 5% allows');
  });
});
