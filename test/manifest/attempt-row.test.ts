import { expect, test } from 'vitest';
import { ATTEMPT_COLUMNS, attemptsOf, toAttemptCells } from '../../src/manifest/attempt-row.js';
import type { JournalEntry } from '../../src/record/journal-entry.js';
import { aSettlement, NOON } from '../support/builders.js';

const intent = (key: string, attempt: number, hasLeft = true): JournalEntry => ({
  type: 'intent',
  key,
  attempt,
  at: NOON,
  ...(hasLeft && { hasLeft: true }),
});

function told(...entries: readonly JournalEntry[]): string[] {
  return [...attemptsOf(entries)].map(({ key, attempt, outcome }) => `${key} ${attempt} ${outcome}`);
}

test('each send that may have left is told once, in the order of the answers', () => {
  expect(
    told(
      intent('otp:ann', 1),
      intent('otp:bob', 3),
      { type: 'try', key: 'otp:bob', settlement: aSettlement({ outcome: 'unknown', attempts: 3 }) },
      { type: 'settled', key: 'otp:ann', settlement: aSettlement({ attempts: 1 }) },
      intent('otp:bob', 4),
      { type: 'settled', key: 'otp:bob', settlement: aSettlement({ outcome: 'refused', attempts: 4 }) },
    ),
  ).toEqual(['otp:bob 3 tried_again', 'otp:ann 1 registered', 'otp:bob 4 refused']);
});

test('what never left is told of nowhere', () => {
  const settlement = aSettlement({ outcome: 'unavailable', attempts: 0 });
  expect(told(intent('otp:ann', 1), { type: 'settled', key: 'otp:ann', settlement })).toEqual([]);
  expect(told(intent('otp:ann', 1, false))).toEqual([]);
  expect(told({ type: 'settled', key: 'otp:ann', settlement })).toEqual([]);
});

test('a send that a kill cut off is unknown, and an answer that was taken back is told of again', () => {
  expect(told(intent('otp:ann', 1))).toEqual(['otp:ann 1 unknown']);
  const settlement = aSettlement({ outcome: 'unknown', attempts: 2 });
  expect(told({ type: 'taken_back', key: 'otp:ann', settlement })).toEqual(['otp:ann 2 taken_back']);
});

test('a line has who, when, and what came back', () => {
  const settlement = aSettlement({ returnCode: '=1', connection: 3 });
  const cells = toAttemptCells({ key: 'pki:a:b', attempt: 2, outcome: 'registered', settlement }, 'run');
  const found = Object.fromEntries(ATTEMPT_COLUMNS.map((name, at) => [name, cells[at]]));
  expect(found).toEqual({
    run_id: 'run',
    username: 'a:b',
    token_type: 'pki',
    attempt: '2',
    sent_at: new Date(NOON).toISOString(),
    outcome: 'registered',
    return_code: "'=1",
    http_status: '200',
    latency_ms: '12',
    connection: '3',
  });
});
