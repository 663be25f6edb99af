import { describe, expect, test } from 'vitest';
import { JournalReplay } from '../../src/plan/journal-replay.js';
import type { JournalEntry } from '../../src/record/journal-entry.js';
import { aSettlement } from '../support/builders.js';
import { arrayBytes } from '../support/memory.js';

describe('the rows of a killed run', () => {
  test('cost 40 bytes each once they are settled', async () => {
    const count = 100_000;
    const settlement = aSettlement();
    const toEntry = (number: number): JournalEntry => ({ type: 'settled', key: `otp:user${number}`, settlement });
    const before = await arrayBytes();
    const replay = new JournalReplay(toEntry, '');
    for (let number = 1; number <= count; number += 1) replay.add(toEntry(number));
    expect((await arrayBytes()) - before).toBeLessThan(40 * count);
    expect(replay.take(`otp:user${count}`)).toEqual(settlement);
  });
});
