import { describe, expect, test } from 'vitest';
import { Pace } from '../../src/gate/pace.js';
import type { PaceChange, PaceLimits } from '../../src/gate/pace.js';
import type { Reply } from '../../src/row/reply.js';
import { anUnanswered, anUnreadable, anUnsent, aReply, aStatus } from '../support/builders.js';

function aPace(changes: Partial<PaceLimits> = {}): Pace {
  return new Pace({ concurrency: 16, rate: undefined, maxOutageMs: 600_000, ...changes });
}

/** Sends of different rows that all leave now and come back a little later. */
function meet(pace: Pace, replies: readonly Reply[], now: number): (PaceChange | undefined)[] {
  const permits = replies.map((_, row) => pace.begin(`row ${row} of ${now}`, now));
  return replies.map((reply, at) => pace.end(permits[at]!, reply, now + 1));
}

/** How many sends may leave at the same time. */
function width(pace: Pace, now: number): number {
  let permits = 0;
  while (pace.readyAt <= now) {
    pace.begin('row', now);
    permits += 1;
  }
  return permits;
}

const notes = (changes: readonly (PaceChange | undefined)[]): string[] =>
  changes.flatMap((change) => change?.notes ?? []);

describe('the pace', () => {
  test('lets out as many sends at a time as the operator says, and another one when one has ended', () => {
    const pace = aPace({ concurrency: 2 });
    const first = pace.begin('ann', 0);
    pace.begin('ben', 0);
    expect(pace.readyAt).toBe(Infinity);
    pace.end(first, aReply(), 5);
    expect(pace.readyAt).toBeLessThanOrEqual(5);
  });

  test('counts a send that did not leave as none', () => {
    const pace = aPace({ concurrency: 1 });
    pace.cancel(pace.begin('ann', 0));
    expect(pace.readyAt).toBeLessThanOrEqual(0);
  });

  test.each([aStatus(503), aReply({ code: '10004' })])('is halved by a burst of %o, and told once', (reply) => {
    const pace = aPace();
    const told = notes(meet(pace, Array<Reply>(16).fill(reply), 0));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('8 at a time from now on');
    expect(width(pace, 10)).toBe(8);
  });

  test('is halved by time-outs when there are several of them', () => {
    const pace = aPace();
    expect(notes(meet(pace, [anUnanswered(), aReply(), anUnanswered(), aReply()], 0))).toEqual([]);
    expect(notes(meet(pace, [anUnanswered('no whole reply within 30 s')], 10))).toEqual([
      'pace: no whole reply within 30 s: 8 at a time from now on',
    ]);
  });

  test('learns a rate from 429', () => {
    const pace = aPace();
    const told = notes(meet(pace, [...Array<Reply>(10).fill(aReply()), aStatus(429), aStatus(429)], 0));
    expect(told).toEqual(['pace: HTTP status 429: 95.0 sends a second from now on']);
    expect(pace.readyAt).toBeGreaterThan(5);
  });

  test('is what it was again after enough good replies, and says so', () => {
    const pace = aPace({ concurrency: 4 });
    meet(pace, [aStatus(503)], 0);
    const told = notes(meet(pace, Array<Reply>(20).fill(aReply()), 20_000));
    expect(told).toEqual(['pace: 4 sends at a time again']);
  });

  test('pauses for everybody when the server asks for it', () => {
    const pace = aPace();
    pace.pause(5_000, 0);
    expect(pace.readyAt).toBe(5_000);
  });
});

describe('an outage', () => {
  test('is known from three rows; one probe at a time, then a slow start', () => {
    const pace = aPace();
    const told = notes(meet(pace, Array<Reply>(3).fill(anUnsent()), 0));
    expect(told).toEqual([
      'the server is away (the connection was refused): one send at a time looks for it, at most 600 s',
    ]);
    expect(pace.readyAt).toBe(1001);
    const probe = pace.begin('dee', 1001);
    expect(probe.isProbe).toBe(true);
    expect(pace.readyAt).toBe(Infinity);
    expect(notes([pace.end(probe, aReply(), 2001)])).toEqual(['the server is back after 2 s: a slow start']);
    expect(width(pace, 2001)).toBe(1);
  });

  test.each([anUnreadable('the reply is not JSON'), anUnreadable('the reply is empty'), aStatus(500)])(
    'is none when %o comes in between, and over when it comes',
    (reply) => {
      const pace = aPace();
      meet(pace, [anUnsent(), anUnsent(), reply, anUnsent(), anUnsent()], 0);
      expect(pace.readyAt).toBeLessThanOrEqual(1);
      meet(pace, [anUnsent()], 2);
      expect(pace.readyAt).toBeGreaterThan(1000);
      expect(notes(meet(pace, [reply], 1003))).toHaveLength(1);
    },
  );

  test('ends the run when it lasts too long', () => {
    const pace = aPace({ maxOutageMs: 2_000 });
    meet(pace, Array<Reply>(3).fill(anUnsent()), 0);
    expect(meet(pace, [anUnsent()], 1_001)).toEqual([undefined]);
    expect(pace.readyAt).toBe(2_001);
    expect(meet(pace, [anUnsent()], 2_001)).toEqual([
      { notes: [], stop: 'the server was away for 2 s (the connection was refused): see that it is there, then rerun' },
    ]);
  });
});
