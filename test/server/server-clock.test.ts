import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeOffset, isIncredible, ServerClock, stampErrorMs } from '../../src/server/server-clock.js';
import type { DateSighting } from '../../src/server/server-clock.js';
import { NOON } from '../support/builders.js';

const MINUTE = 60_000;

/** A server whose clock is `aheadMs` ahead, and this machine's two clocks. */
class Clocks {
  monotonic = 0;
  aheadMs: number;
  local = NOON;

  constructor(aheadMs = 0) {
    this.aheadMs = aheadMs;
  }

  get moment() {
    return { now: this.local + this.monotonic, monotonic: this.monotonic };
  }

  /** What the server's clock shows. */
  get server(): number {
    return NOON + this.monotonic + this.aheadMs;
  }

  /** An exchange during which the time goes on, the server's date being made somewhere in it. */
  exchange(beforeMs = 10, afterMs = 10): DateSighting {
    const leftAt = this.monotonic;
    this.monotonic += beforeMs;
    const date = new Date(this.server).toUTCString();
    this.monotonic += afterMs;
    return { date, isCached: false, leftAt, cameAt: this.monotonic };
  }
}

function known(clocks: Clocks): ServerClock {
  const server = new ServerClock();
  expect(server.note(clocks.exchange(), clocks.moment)).toBe(true);
  return server;
}

const FAR = [
  'Sat, 13 Sep 275760 00:00:00 GMT',
  'Fri, 01 Jan 12000 00:00:00 GMT',
  'Thu, 01 Jan 1970 00:00:00 GMT',
  '-271821-04-20T00:00:00.000Z',
  new Date(NOON + 24 * 60 * MINUTE + 1000).toUTCString(),
];

test.each(FAR)('a date that is more than a day off this machine’s clock tells nothing: %s', (date) => {
  const clocks = new Clocks();
  const sighting = { ...clocks.exchange(), date };
  const server = new ServerClock();
  expect(server.note(sighting, clocks.moment)).toBe(false);
  expect(server.isKnown).toBe(false);
  expect(stampErrorMs(NOON, sighting)).toBeUndefined();
  expect(isIncredible(sighting, NOON)).toBe(true);
});

test.each([undefined, '', 'soon', new Date(NOON + 23 * 60 * MINUTE).toUTCString()])(
  'a date that is none, or within a day, is none that is to be told of: %s',
  (date) => expect(isIncredible({ date }, NOON)).toBe(false),
);

describe("the server's clock", () => {
  test('is not known before a reply', () => {
    const { moment } = new Clocks();
    const server = new ServerClock();
    expect(server.isKnown).toBe(false);
    expect(server.correct(moment)).toBe(moment.now);
    expect(server.hasJumped(moment)).toBe(false);
  });

  test('is within half a second and half of the exchange, whatever the offset', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -3_600_000, max: 3_600_000 }),
        fc.integer({ min: 0, max: 2400 }),
        fc.integer({ min: 0, max: 2400 }),
        (aheadMs, beforeMs, afterMs) => {
          const clocks = new Clocks(aheadMs);
          const server = new ServerClock();
          server.note(clocks.exchange(beforeMs, afterMs), clocks.moment);
          const errorMs = server.offsetMs(clocks.moment) - aheadMs;
          expect(Math.abs(errorMs)).toBeLessThanOrEqual(501 + (beforeMs + afterMs) / 2);
        },
      ),
    );
  });

  test.each([-10 * MINUTE, -3000, 3000, 10 * MINUTE])('corrects a clock that is %i ms off', (aheadMs) => {
    const clocks = new Clocks(aheadMs);
    const server = known(clocks);
    clocks.monotonic += 5 * MINUTE;
    expect(Math.abs(server.correct(clocks.moment) - clocks.server)).toBeLessThan(600);
  });

  test.each([-1400, 0, 1400])('leaves alone one that is %i ms off', (aheadMs) => {
    const clocks = new Clocks(aheadMs);
    expect(known(clocks).correct(clocks.moment)).toBe(clocks.moment.now);
  });

  test.each<[string, Partial<DateSighting>]>([
    ['without a date', { date: undefined }],
    ['with a date that is none', { date: 'yesterday' }],
    ['that a cache kept', { isCached: true }],
    ['that took more than 5 s', { leftAt: -5001 + 20 }],
  ])('is not learned from a reply %s', (_, changes) => {
    const clocks = new Clocks(10 * MINUTE);
    const server = new ServerClock();
    expect(server.note({ ...clocks.exchange(), ...changes }, clocks.moment)).toBe(false);
    expect(server.isKnown).toBe(false);
  });

  test('is not moved by replies that agree with it: stamps do not jitter with the seconds', () => {
    const clocks = new Clocks(10 * MINUTE);
    const server = known(clocks);
    const offsetMs = server.offsetMs(clocks.moment);
    for (let at = 0; at < 50; at += 1) {
      clocks.monotonic += 137;
      server.note(clocks.exchange(300, 300), clocks.moment);
      expect(Math.abs(server.offsetMs(clocks.moment) - offsetMs)).toBeLessThanOrEqual(500);
    }
    const settled = server.offsetMs(clocks.moment);
    for (let at = 0; at < 50; at += 1) {
      clocks.monotonic += 137;
      server.note(clocks.exchange(300, 300), clocks.moment);
    }
    expect(server.offsetMs(clocks.moment)).toBe(settled);
  });

  test('follows one that drifts', () => {
    const clocks = new Clocks(10 * MINUTE);
    const server = known(clocks);
    for (let at = 0; at < 100; at += 1) {
      clocks.aheadMs += 100;
      clocks.monotonic += 1000;
      server.note(clocks.exchange(), clocks.moment);
    }
    expect(Math.abs(server.offsetMs(clocks.moment) - clocks.aheadMs)).toBeLessThan(1100);
  });

  test('that jumps is believed at the second reply that says so', () => {
    const clocks = new Clocks(0);
    const server = known(clocks);
    clocks.aheadMs = 10 * MINUTE;
    server.note(clocks.exchange(), clocks.moment);
    expect(Math.abs(server.offsetMs(clocks.moment))).toBeLessThan(600);
    server.note(clocks.exchange(), clocks.moment);
    expect(Math.abs(server.offsetMs(clocks.moment) - 10 * MINUTE)).toBeLessThan(600);
  });

  test.each([-10 * MINUTE, 10 * MINUTE])(
    'that may have jumped by %i ms is in question until a look tells',
    (jumpMs) => {
      const clocks = new Clocks(0);
      const server = known(clocks);
      expect(server.isContradicted).toBe(false);
      clocks.aheadMs = jumpMs;
      server.note(clocks.exchange(), clocks.moment);
      expect(server.isContradicted).toBe(true);
      clocks.aheadMs = 0;
      server.note(clocks.exchange(), clocks.moment);
      expect(server.isContradicted).toBe(false);
      clocks.aheadMs = jumpMs;
      server.note(clocks.exchange(), clocks.moment);
      server.accept(clocks.moment);
      expect(server.isContradicted).toBe(false);
    },
  );

  test('of nodes that are some seconds apart is in no question', () => {
    const clocks = new Clocks(0);
    const server = known(clocks);
    clocks.aheadMs = 20_000;
    server.note(clocks.exchange(), clocks.moment);
    expect(server.isContradicted).toBe(false);
  });

  test('is not that of a proxy which answers once', () => {
    const clocks = new Clocks(0);
    const server = known(clocks);
    for (const aheadMs of [0, 60 * MINUTE, 0, 0, -60 * MINUTE, 0]) {
      clocks.aheadMs = aheadMs;
      server.note(clocks.exchange(), clocks.moment);
      expect(Math.abs(server.offsetMs(clocks.moment))).toBeLessThan(600);
    }
  });
});

describe('a stamp', () => {
  test.each([
    [0, 0],
    [-10 * MINUTE, 10 * MINUTE],
    [10 * MINUTE, 10 * MINUTE],
  ])("%i ms ahead is %i ms off the server's clock, to a second and the exchange", (stampAheadMs, errorMs) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2400 }), fc.integer({ min: 0, max: 2400 }), (beforeMs, afterMs) => {
        const clocks = new Clocks(3 * MINUTE);
        const stamp = clocks.server + stampAheadMs;
        const seen = stampErrorMs(stamp, clocks.exchange(beforeMs, afterMs)) ?? NaN;
        expect(seen).toBeLessThanOrEqual(errorMs);
        expect(seen).toBeGreaterThanOrEqual(Math.max(0, errorMs - 1000 - beforeMs - afterMs));
      }),
    );
  });

  test('is not judged by a reply that does not tell the time', () => {
    const clocks = new Clocks();
    expect(stampErrorMs(clocks.server, { ...clocks.exchange(), isCached: true })).toBeUndefined();
    expect(stampErrorMs(clocks.server, { ...clocks.exchange(), date: undefined })).toBeUndefined();
  });
});

describe('a local clock that jumps', () => {
  test.each([-10 * MINUTE, 10 * MINUTE])('by %i ms moves no stamp, and is noticed', (jumpMs) => {
    const clocks = new Clocks(0);
    const server = known(clocks);
    expect(server.hasJumped(clocks.moment)).toBe(false);
    clocks.local += jumpMs;
    expect(server.hasJumped(clocks.moment)).toBe(true);
    expect(Math.abs(server.correct(clocks.moment) - clocks.server)).toBeLessThan(600);
  });

  test('because the machine slept is right afterwards: the next look is believed at once', () => {
    const clocks = new Clocks(0);
    const server = known(clocks);
    // The monotonic clock stood still for an hour, the others did not.
    clocks.local += 60 * MINUTE;
    clocks.aheadMs += 60 * MINUTE;
    expect(server.hasJumped(clocks.moment)).toBe(true);
    server.note(clocks.exchange(), clocks.moment);
    expect(server.hasJumped(clocks.moment)).toBe(false);
    expect(Math.abs(server.correct(clocks.moment) - clocks.server)).toBeLessThan(600);
    expect(server.correct(clocks.moment)).toBe(clocks.moment.now);
  });

  test('is taken as it is where no look tells more', () => {
    const clocks = new Clocks(0);
    const server = known(clocks);
    clocks.local += 10 * MINUTE;
    server.accept(clocks.moment);
    expect(server.hasJumped(clocks.moment)).toBe(false);
    expect(Math.abs(server.correct(clocks.moment) - clocks.server)).toBeLessThan(600);
  });
});

describe('a person', () => {
  test('is told of an offset over 30 s once, and of a change by as much', () => {
    const clocks = new Clocks(29_000);
    const server = known(clocks);
    expect(server.takeNotable(clocks.moment)).toBeUndefined();
    clocks.local -= 10 * MINUTE;
    expect(server.takeNotable(clocks.moment)).toBeGreaterThan(10 * MINUTE);
    expect(server.takeNotable(clocks.moment)).toBeUndefined();
    clocks.local += 9 * MINUTE;
    expect(server.takeNotable(clocks.moment)).toBeGreaterThan(MINUTE);
  });

  test.each([
    [-603_000, "10 min 3 s ahead of the server's"],
    [45_400, "45 s behind the server's"],
    [0, "0 s behind the server's"],
  ])('%i ms reads %s', (offsetMs, text) => expect(describeOffset(offsetMs)).toBe(text));
});
