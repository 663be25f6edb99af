import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../src/record/journal-entry.js';
import { KilledJournal, openJournalLines } from '../../src/record/journal.js';
import { Lab } from '../support/lab.js';
import { heapBytes } from '../support/memory.js';
import './journal.test.js';

let lab: Lab;

beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

/** So many intents, of users whose names are of different lengths. */
function intents(count: number): JournalEntry[] {
  return Array.from({ length: count }, (_, at) => ({
    type: 'intent',
    key: `otp:${'n'.repeat(at % 7)}`,
    attempt: 1,
    at,
  }));
}

describe('reading', () => {
  test('many entries are found again for half a byte each', async () => {
    const journal = new KilledJournal(lab.file('users.journal', openJournalLines()(intents(100_000))));
    const before = await heapBytes();
    let count = 0;
    for (const entry of journal.entries()) if (entry.type === 'intent') count += 1;
    expect((await heapBytes()) - before).toBeLessThan(200_000);
    expect(count).toBe(100_000);
    expect(journal.entry(99_999)).toEqual(intents(100_000)[99_998]);
    journal.close();
  });
});
