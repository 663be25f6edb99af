import { describe, expect, test } from 'vitest';
import { isInDoubt, OUTCOME_NAMES, OUTCOMES, retryOf } from '../../src/row/outcome.js';
import type { Outcome, RetryMarker } from '../../src/row/outcome.js';

const TABLE: readonly [Outcome, RetryMarker, inDoubt: boolean][] = [
  ['registered', 'no', false],
  ['already_registered', 'no', false],
  ['duplicate', 'no', false],
  ['refused', 'fix', false],
  ['invalid', 'fix', false],
  ['key_lost', 'fix', true],
  ['undone', 'fix', false],
  ['unavailable', 'yes', false],
  ['unknown', 'yes', true],
  ['not_sent', 'yes', false],
];

describe('an outcome', () => {
  test('is one of ten, in the order of the summary', () => {
    expect(OUTCOME_NAMES).toEqual(TABLE.map(([outcome]) => outcome));
  });

  test.each(TABLE)('%s asks for retry %s', (outcome, retry) => {
    expect(retryOf({ outcome })).toBe(retry);
  });

  test.each(TABLE)('%s asks for no less where a person must act', (outcome, retry) => {
    expect(retryOf({ outcome, needsFix: true })).toBe(outcome === 'unknown' ? 'fix' : retry);
  });

  test.each(TABLE)('%s, retry %s, is in doubt: %s', (outcome, _, inDoubt) => {
    expect(isInDoubt(outcome)).toBe(inDoubt);
  });

  test.each(OUTCOME_NAMES)('%s has a meaning of its own', (outcome) => {
    const meanings = OUTCOME_NAMES.map((name) => OUTCOMES[name].meaning);
    expect(OUTCOMES[outcome].meaning).not.toBe('');
    expect(meanings.filter((meaning) => meaning === OUTCOMES[outcome].meaning)).toHaveLength(1);
  });

  test('what is done is never in doubt', () => {
    expect(OUTCOME_NAMES.filter((name) => retryOf({ outcome: name }) === 'no' && isInDoubt(name))).toEqual([]);
  });
});
