import { describe, expect, it } from 'vitest';
import { JobCounter, MOST_SHOWN, OTHERS } from '../../src/page/job-figures.js';
import type { KeyState, Standing } from '../../src/page/standing.js';
import { NOON } from '../support/builders.js';
import { aStanding, aRowWith } from '../support/story.js';

function figuresOf(rows: readonly Standing[], keyOf: (username: string) => KeyState = () => 'waiting') {
  const counter = new JobCounter([{ startedAt: NOON - 1000, endedAt: NOON + 1000 }], keyOf, () => 0.5);
  for (const row of rows) counter.add(row);
  return counter.result();
}

describe('the figures of a job', () => {
  it('count rows by outcome and by what is left to do, and people by whether they have a token', () => {
    const figures = figuresOf([
      aStanding(),
      aRowWith({ outcome: 'invalid', returnCode: '' }, { tokenType: 'pki' }),
      aRowWith({ outcome: 'unknown', returnCode: '10004' }, { username: 'bob' }),
      aRowWith({ outcome: 'unknown', returnCode: '', needsFix: true }, { username: 'cem' }),
      aStanding({ username: 'dan', settlement: undefined }),
    ]);
    expect(figures.outcomes).toMatchObject({ registered: 1, invalid: 1, unknown: 2 });
    expect(figures).toMatchObject({ rows: 5, untried: 1, retry: { no: 1, yes: 2, fix: 2 } });
    expect(figures.people).toEqual({ all: 4, done: 0, left: 4, with_token: 1 });
    expect([...figures.returnCodes]).toEqual([
      ['0', 1],
      ['10004', 1],
    ]);
  });

  it('say of a row that is left whether its person has a token by another one, which may come later', () => {
    const { left } = figuresOf([
      aRowWith({ outcome: 'refused', returnCode: '22002' }, { tokenType: 'pki' }),
      aRowWith({ outcome: 'refused', returnCode: '22002' }, { username: 'bob' }),
      aStanding(),
    ]);
    expect(left.map(({ username, token }) => [username, token])).toEqual([
      ['ann', 'there'],
      ['bob', 'none'],
    ]);
  });

  it('tell where the key of an OTP token is, and name those without', () => {
    const keys: Record<string, KeyState> = { ann: 'waiting', bob: 'handed_out', cem: 'none' };
    const { keys: counts, keyless } = figuresOf(
      [
        ...['ann', 'bob', 'cem'].map((username) => aStanding({ username })),
        aRowWith({ outcome: 'key_lost' }, { username: 'dan' }),
        // Its key, if there is one, is of an older token.
        aRowWith({ outcome: 'already_registered' }, { username: 'ann' }),
        aStanding({ username: 'eve', tokenType: 'pki' }),
      ],
      (username) => keys[username] ?? 'none',
    );
    expect(counts).toEqual({ none: 3, waiting: 1, handed_out: 1 });
    expect(keyless.map(({ username, outcome }) => [username, outcome])).toEqual([
      ['cem', 'registered'],
      ['dan', 'key_lost'],
      ['ann', 'already_registered'],
    ]);
  });

  it('have groups by people, the most first, and no more of them than two hundred', () => {
    const rows = Array.from({ length: 210 }, (_, n) => aStanding({ username: `user ${n}`, group: `group ${n % 205}` }));
    const { groups } = figuresOf([...rows, aStanding({ username: 'z', group: 'group 7' })]);
    expect(groups).toHaveLength(201);
    expect(groups[0]).toMatchObject({ name: 'group 0', rows: 2 });
    expect(groups.at(-1)).toMatchObject({ name: OTHERS, rows: 5, people: { all: 5, with_token: 5 } });
  });

  it('count sends by run, by tries and by what the last reply took', () => {
    const figures = figuresOf([
      aRowWith({ attempts: 1, latencyMs: 1, sentAt: NOON }),
      aRowWith({ attempts: 9, latencyMs: 100 }),
      aRowWith({ outcome: 'invalid', attempts: 0, latencyMs: undefined, sentAt: undefined }),
    ]);
    expect(figures.attempts).toEqual([1, 1, 0, 0, 0, 0, 1]);
    expect(figures.latencies.map((count, power) => (count > 0 ? power : 0)).filter((power) => power > 0)).toEqual([7]);
    expect(figures.latencies[0]).toBe(1);
    expect(figures.sends).toEqual([[0, 2]]);
    expect(figures.latency?.p99).toBeGreaterThan(90);
  });

  it('name the first of each kind, and no more', () => {
    const rows = Array.from({ length: 500 }, (_, n) => aRowWith({ outcome: 'key_lost' }, { username: `user ${n}` }));
    const { left, keyless, holders } = figuresOf([...rows, ...rows.map(() => aStanding())]);
    expect([left.length, keyless.length, holders.length]).toEqual([MOST_SHOWN, MOST_SHOWN, MOST_SHOWN]);
    expect(left[0]?.username).toBe('user 0');
  });
});
