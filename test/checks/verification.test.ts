import { describe, expect, test } from 'vitest';
import { absenceOf, presenceOf, VerifyCounter } from '../../src/checks/verification.js';
import type { Presence } from '../../src/checks/verification.js';

const OURS = 'ab'.repeat(20);
const ROW = { line: 2, username: 'ann', tokenType: 'otp' } as const;
const OF = { results: 'users.results.csv', server: 'https://server', stop: undefined };

describe('a registered row', () => {
  test.each<[string, Presence]>([
    ['there', presenceOf({ types: ['2'], fingerprints: [] }, { tokenType: 'otp', mark: undefined })],
    ['missing', presenceOf({ types: [], fingerprints: [OURS] }, { tokenType: 'otp', mark: undefined })],
    ['there', presenceOf({ types: [], fingerprints: ['00', OURS] }, { tokenType: 'pki', mark: OURS })],
    ['missing', presenceOf({ types: ['2'], fingerprints: ['00'] }, { tokenType: 'pki', mark: OURS })],
    ['uncheckable', presenceOf({ types: ['2'], fingerprints: ['00'] }, { tokenType: 'pki', mark: undefined })],
    ['missing', presenceOf({ types: ['2'], fingerprints: [] }, { tokenType: 'pki', mark: undefined })],
  ])('is %s', (expected, found) => expect(found).toBe(expected));
});

describe('a row that undo has unregistered', () => {
  test.each<[string, Presence]>([
    ['gone', absenceOf({ types: ['2'], fingerprints: ['00'] }, { tokenType: 'pki', mark: OURS })],
    ['gone', absenceOf({ types: [], fingerprints: [] }, { tokenType: 'pki', mark: undefined })],
    ['still_there', absenceOf({ types: [], fingerprints: [OURS] }, { tokenType: 'pki', mark: OURS })],
    ['uncheckable', absenceOf({ types: [], fingerprints: ['00'] }, { tokenType: 'pki', mark: undefined })],
    ['gone', absenceOf({ types: [], fingerprints: [OURS] }, { tokenType: 'otp', mark: undefined })],
    // Somebody may have given the user another one since.
    ['uncheckable', absenceOf({ types: ['2'], fingerprints: [] }, { tokenType: 'otp', mark: undefined })],
  ])('is %s', (expected, found) => expect(found).toBe(expected));
});

describe('the exit code', () => {
  function exitCodeOf(presences: readonly Presence[], stop?: Parameters<VerifyCounter['result']>[0]['stop']): number {
    const counter = new VerifyCounter();
    for (const presence of presences) counter.add(ROW, presence);
    return counter.result({ ...OF, stop }).exit_code;
  }

  test('is 0 when all are there, and what can not be checked is counted', () => {
    expect(exitCodeOf([])).toBe(0);
    expect(exitCodeOf(['there', 'gone', 'uncheckable'])).toBe(0);
  });

  test('is 1 when some are missing, whatever is unclear; 4 when only that is known', () => {
    expect(exitCodeOf(['there', 'missing', 'unclear'])).toBe(1);
    expect(exitCodeOf(['gone', 'still_there'])).toBe(1);
    expect(exitCodeOf(['there', 'unclear'])).toBe(4);
  });

  test('is that of the end when it came early', () => {
    expect(exitCodeOf(['missing'], { kind: 'stopped', reason: 'away' })).toBe(4);
    expect(exitCodeOf(['missing'], { kind: 'interrupted', reason: 'SIGINT' })).toBe(130);
  });
});

test('a report counts all rows that are missing, and names the first ten thousand', () => {
  const counter = new VerifyCounter();
  for (let line = 0; line < 10_001; line += 1) counter.add({ ...ROW, line }, 'missing');
  const report = counter.result(OF);
  expect(report).toMatchObject({ rows: 10_001, presence: { missing: 10_001 }, stopped_by: null });
  expect(report.missing_rows).toHaveLength(10_000);
  expect(report.missing_rows[0]).toEqual({ line: 0, username: 'ann', token_type: 'otp' });
});
