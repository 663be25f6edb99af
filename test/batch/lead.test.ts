import { describe, expect, test } from 'vitest';
import { Lead } from '../../src/batch/lead.js';

/** So many slots are taken, each of them leaving so many rows ready. */
function take(lead: Lead, slots: number, ready: number): void {
  for (let slot = 0; slot < slots; slot += 1) lead.noteTaken(ready);
}

describe('the rows that are made ready ahead of their slots', () => {
  test('are as many as there are slots at first', () => {
    expect(new Lead(16, 128).rows).toBe(16);
  });

  test('become half as many again when a slot finds none, and no more than the limit', () => {
    const lead = new Lead(16, 50);
    const rows: number[] = [];
    for (let change = 0; change < 5; change += 1) {
      take(lead, lead.rows, 0);
      lead.noteIdle();
      rows.push(lead.rows);
    }
    expect(rows).toEqual([24, 36, 50, 50, 50]);
  });

  test('do not become more again before the last change can have had its effect', () => {
    const lead = new Lead(4, 128);
    take(lead, 4, 0);
    for (let slot = 0; slot < 10; slot += 1) lead.noteIdle();
    expect(lead.rows).toBe(6);
    take(lead, 5, 0);
    lead.noteIdle();
    expect(lead.rows).toBe(6);
    take(lead, 1, 0);
    lead.noteIdle();
    expect(lead.rows).toBe(9);
  });

  test('become fewer by half of what no slot of a round has needed', () => {
    const lead = new Lead(16, 128);
    take(lead, 100, 12);
    take(lead, 1, 10);
    take(lead, 27, 15);
    expect(lead.rows).toBe(11);
  });

  test('stay as they are when some slot has taken the last one', () => {
    const lead = new Lead(16, 128);
    take(lead, 127, 15);
    take(lead, 1, 0);
    expect(lead.rows).toBe(16);
  });

  test('are never none, and a spare one is kept', () => {
    for (const [first, last] of [
      [1, 1],
      [3, 2],
      [100, 2],
    ] as const) {
      const lead = new Lead(first, 128);
      for (let round = 0; round < 20; round += 1) take(lead, 8 * lead.rows, lead.rows - 1);
      expect(lead.rows).toBe(last);
    }
  });
});
