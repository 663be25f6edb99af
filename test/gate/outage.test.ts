import { describe, expect, test } from 'vitest';
import { Outage } from '../../src/gate/outage.js';
import type { OutageChange } from '../../src/gate/outage.js';

const MOST_MS = 600_000;

function fail(outage: Outage, row: string, now: number): OutageChange | undefined {
  return outage.note({ row, isProbe: outage.begin(), sighting: 'away' }, now);
}

function succeed(outage: Outage, row: string, now: number): OutageChange | undefined {
  return outage.note({ row, isProbe: outage.begin(), sighting: 'there' }, now);
}

/** The server is away since 0, and known to be since 20. */
function aClosed(mostMs = MOST_MS): Outage {
  const outage = new Outage(mostMs);
  fail(outage, 'ann', 0);
  fail(outage, 'ben', 10);
  fail(outage, 'cid', 20);
  return outage;
}

describe('an outage', () => {
  test('is what three different rows meet in a row', () => {
    const outage = new Outage(MOST_MS);
    expect(['ann', 'ben', 'ann', 'ben'].map((row, at) => fail(outage, row, at))).toEqual(Array(4).fill(undefined));
    expect(outage.readyAt).toBe(-Infinity);
    expect(fail(outage, 'cid', 10)).toEqual({ kind: 'closed' });
    expect(outage.isClosed).toBe(true);
  });

  test('is none as long as anything comes back in between', () => {
    const outage = new Outage(MOST_MS);
    for (let round = 0; round < 10; round += 1) {
      fail(outage, 'ann', round);
      fail(outage, 'ben', round);
      expect(succeed(outage, 'cid', round)).toBeUndefined();
    }
    expect(outage.isClosed).toBe(false);
  });

  test('lets one probe out at a time, with pauses that double up to half a minute', () => {
    const outage = aClosed();
    const pauses: number[] = [];
    let now = 20;
    for (let probe = 0; probe < 8; probe += 1) {
      pauses.push(outage.readyAt - now);
      now = outage.readyAt;
      expect(outage.begin()).toBe(true);
      expect(outage.readyAt).toBe(Infinity);
      now += 100;
      outage.note({ row: 'dee', isProbe: true, sighting: 'away' }, now);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('what had left before it was known and fails later is no probe: it changes nothing', () => {
    const outage = aClosed();
    const { readyAt } = outage;
    expect(outage.note({ row: 'dee', isProbe: false, sighting: 'away' }, 500)).toBeUndefined();
    expect(outage.readyAt).toBe(readyAt);
    outage.begin();
    outage.note({ row: 'eve', isProbe: false, sighting: 'away' }, 1100);
    expect(outage.readyAt).toBe(Infinity);
  });

  test('ends with the first send that shows a server, a probe or not', () => {
    for (const isProbe of [true, false]) {
      const outage = aClosed();
      outage.begin();
      expect(outage.note({ row: 'dee', isProbe, sighting: 'there' }, 5000)).toEqual({ kind: 'opened', afterMs: 5000 });
      expect(outage.readyAt).toBe(-Infinity);
      expect(outage.begin()).toBe(false);
    }
  });

  test('a second one is noticed and waited for as the first', () => {
    const outage = aClosed();
    outage.note({ row: 'dee', isProbe: outage.begin(), sighting: 'there' }, 100_000);
    expect(['ann', 'ben', 'cid'].map((row) => fail(outage, row, 200_000))).toEqual([
      undefined,
      undefined,
      { kind: 'closed' },
    ]);
    expect(outage.readyAt).toBe(201_000);
  });

  test('a probe that did not leave makes room for another', () => {
    const outage = aClosed();
    outage.begin();
    outage.cancelProbe();
    expect(outage.readyAt).toBe(1020);
  });

  test('that lasts too long is over, after a last probe when the time is up', () => {
    const outage = aClosed(5_000);
    fail(outage, 'dee', 1_100);
    fail(outage, 'dee', 3_200);
    expect(outage.readyAt).toBe(5_000);
    expect(fail(outage, 'dee', 5_050)).toEqual({ kind: 'over', afterMs: 5_050 });
  });
});
