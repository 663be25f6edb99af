import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SendRate } from '../../src/gate/send-rate.js';
import { limitRate } from '../../src/simulator/rate-limit.js';

/** When sends leave that go out as soon as they may. */
function departures(rate: SendRate, count: number): number[] {
  let now = 0;
  return Array.from({ length: count }, () => {
    now = Math.max(now, rate.readyAt);
    rate.begin(now);
    return now;
  });
}

describe("the operator's rate", () => {
  test('spreads sends evenly', () => {
    expect(departures(new SendRate(50), 5)).toEqual([0, 0, 15, 35, 55].map((at) => expect.closeTo(at, 6) as number));
    const times = departures(new SendRate(50), 200);
    const gaps = times.slice(3).map((at, index) => at - times[index + 2]!);
    expect(new Set(gaps.map(Math.round))).toEqual(new Set([20]));
  });

  test('may be less than one a second', () => {
    expect(departures(new SendRate(0.5), 3).at(-1)).toBeGreaterThan(3900);
  });

  test('is never exceeded by more than a late timer may catch up with, whenever sends come', () => {
    const property = fc.property(
      fc.double({ min: 0.5, max: 500, noNaN: true }),
      fc.array(fc.nat(500), { minLength: 1, maxLength: 300 }),
      (perSecond, pauses) => {
        const rate = new SendRate(perSecond);
        const times: number[] = [];
        let now = 0;
        for (const pause of pauses) {
          now = Math.max(now + pause / 10, rate.readyAt);
          rate.begin(now);
          times.push(now);
        }
        for (const [index, from] of times.entries()) {
          const within = times.filter((at, other) => other >= index && at < from + 1000).length;
          expect(within).toBeLessThanOrEqual(Math.ceil(perSecond * 1.025) + 1);
        }
      },
    );
    fc.assert(property, { numRuns: 50 });
  });

  test('none: nobody waits', () => {
    expect(departures(new SendRate(), 100).at(-1)).toBe(0);
  });
});

/** A rate after so many accepted sends at so many a second, one after the other. */
function afterSends(perSecond: number, seconds: number): { rate: SendRate; now: number } {
  const rate = new SendRate();
  let now = 0;
  for (let sent = 0; sent < perSecond * seconds; sent += 1) {
    now = (sent * 1000) / perSecond;
    rate.begin(now);
    rate.accept(now);
  }
  return { rate, now };
}

describe('a refusal', () => {
  test('takes the rate a little under what was accepted', () => {
    const { rate, now } = afterSends(100, 5);
    expect(rate.refuse(now, now + 1)).toBeCloseTo(95, -1);
    expect(rate.readyAt).toBeGreaterThan(now + 10);
  });

  test('of the same burst changes nothing more', () => {
    const { rate, now } = afterSends(100, 5);
    const learned = rate.refuse(now, now + 1);
    expect(rate.refuse(now, now + 2)).toBeUndefined();
    expect(rate.refuse(now + 1, now + 3)).toBeUndefined();
    expect(rate.perSecond(now + 3)).toBeCloseTo(learned ?? 0);
  });

  test('never slows down to less than half at once, nor to where nothing is noticed any more', () => {
    const { rate, now } = afterSends(100, 2);
    let before = rate.refuse(now, now + 1) ?? 0;
    for (let at = now + 20_000; at < now + 400_000; at += 20_000) {
      const learned = rate.refuse(at - 1, at) ?? 0.5;
      expect(learned).toBeGreaterThanOrEqual(Math.max(0.5, 0.5 * before));
      before = learned;
    }
    expect(before).toBe(0.5);
  });

  test('is forgotten slowly: a tenth more after 20 s, and after a minute and some nothing holds back', () => {
    const { rate, now } = afterSends(100, 5);
    const learned = rate.refuse(now, now) ?? 0;
    expect(rate.perSecond(now + 5_000) / learned).toBeCloseTo(1.0, 1);
    expect(rate.perSecond(now + 20_000) / learned).toBeCloseTo(1.1);
    expect(rate.perSecond(now + 40_000) / learned).toBeCloseTo(1.8);
    rate.begin(now + 70_000);
    expect(rate.perSecond(now + 70_001)).toBe(Infinity);
  });

  test("never lets more out than the operator's rate", () => {
    const rate = new SendRate(10);
    rate.begin(0);
    rate.refuse(0, 1);
    expect(rate.perSecond(50_000)).toBe(10);
  });
});

test('a pause holds everybody back, the longest counts, and says nothing of what the server takes', () => {
  const { rate, now } = afterSends(100, 5);
  rate.pause(5_000, now);
  rate.pause(1_000, now);
  expect(rate.readyAt).toBe(now + 5_000);
  expect(rate.refuse(now + 5_000, now + 5_001)).toBeCloseTo(95, -1);
});

/** Is there room for a request that comes at this moment? */
type Limit = (now: number) => boolean;

/** How servers and their proxies count. */
const LIMITS = {
  bucket: (perSecond: number): Limit => {
    const limit = limitRate({ perSecond });
    return (now) => limit(now) === undefined;
  },
  'fixed seconds': (perSecond: number): Limit => {
    let [second, count] = [0, 0];
    return (now) => {
      const isNew = Math.floor(now / 1000) !== second;
      [second, count] = [Math.floor(now / 1000), isNew ? 1 : count + 1];
      return count <= perSecond;
    };
  },
  'the last second': (perSecond: number): Limit => {
    const taken: number[] = [];
    return (now) => {
      while (taken[0] !== undefined && taken[0] <= now - 1000) taken.shift();
      return taken.length < perSecond && taken.push(now) > 0;
    };
  },
};

interface Limited {
  readonly by?: keyof typeof LIMITS;
  readonly limit: number;
  readonly roundTripMs: number;
  readonly retryAfterSeconds?: number;
}

/** Sends as fast as the rate and 16 at a time allow, with these round trips, in a time of its own. */
function sendFor(ms: number, { by = 'bucket', retryAfterSeconds, ...options }: Limited) {
  const rate = new SendRate();
  const hasRoom = LIMITS[by](options.limit);
  const underWay: { sentAt: number; endsAt: number; isRefused: boolean }[] = [];
  let [now, accepted, refused] = [0, 0, 0];
  while (now < ms) {
    const readyAt = underWay.length < 16 ? Math.max(now, rate.readyAt) : Infinity;
    const first = underWay[0];
    if (first !== undefined && first.endsAt <= readyAt) {
      underWay.shift();
      now = first.endsAt;
      if (first.isRefused) {
        refused += 1;
        rate.refuse(first.sentAt, now);
        if (retryAfterSeconds !== undefined) rate.pause(retryAfterSeconds * 1000, now);
      } else {
        accepted += 1;
        rate.accept(now);
      }
    } else {
      now = readyAt;
      rate.begin(now);
      underWay.push({ sentAt: now, endsAt: now + options.roundTripMs, isRefused: !hasRoom(now) });
    }
  }
  return { used: accepted / (options.limit * (ms / 1000)), refused: refused / (accepted + refused) };
}

describe('a server that is limited to so many requests a second', () => {
  test.each([
    { limit: 50, roundTripMs: 5 },
    { limit: 50, roundTripMs: 200 },
    { limit: 50, roundTripMs: 5, retryAfterSeconds: 1 },
    { limit: 500, roundTripMs: 10 },
    { limit: 5, roundTripMs: 20 },
    { by: 'fixed seconds', limit: 50, roundTripMs: 5 },
    { by: 'fixed seconds', limit: 50, roundTripMs: 200 },
    { by: 'the last second', limit: 50, roundTripMs: 5 },
    { by: 'the last second', limit: 50, roundTripMs: 200 },
  ] as const)('is used to nine tenths, with few refusals: %o', (options) => {
    const { used, refused } = sendFor(60_000, options);
    expect(used).toBeGreaterThanOrEqual(0.9);
    expect(refused).toBeLessThan(0.15);
  });
});
