import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { People, TOKEN_STATES } from '../../src/report/people.js';
import type { PersonSign } from '../../src/report/people.js';

const DONE: PersonSign = { isLeft: false, token: 'there' };
const LEFT: PersonSign = { isLeft: true, token: 'none' };

function peopleOf(rows: readonly (readonly [string, PersonSign])[], seed = 0.4): People {
  const people = new People(() => seed);
  for (const [username, sign] of rows) people.add(username, sign);
  return people;
}

describe('people among rows', () => {
  it('are counted by username, however many rows they have', () => {
    const rows = [['ann', DONE] as const, ['bob', DONE] as const, ['ann', DONE] as const];
    expect(peopleOf(rows).count()).toEqual({ all: 2, done: 2, left: 0, with_token: 2 });
  });

  it('are left while one of their rows is, though they have a token by another one', () => {
    const rows = [['ann', DONE] as const, ['ann', LEFT] as const, ['bob', LEFT] as const];
    expect(peopleOf(rows).count()).toEqual({ all: 2, done: 0, left: 2, with_token: 1 });
  });

  it('have what the best of their rows says of a token, in any order', () => {
    const rows = TOKEN_STATES.flatMap((a) => TOKEN_STATES.map((b) => [a, b] as const));
    const people = peopleOf(
      rows.flatMap((both) => both.map((token) => [both.join(), { isLeft: true, token }] as const)),
    );
    for (const both of rows) {
      const best = TOKEN_STATES.find((state) => both.includes(state));
      expect(people.tokenOf(both.join())).toBe(best);
    }
    expect(people.countTokens()).toEqual({ there: 7, without_key: 5, in_doubt: 3, none: 1 });
    expect(people.tokenOf('nobody')).toBe('none');
  });

  it('are as many as there are usernames, in any order, for any seed', () => {
    const row = fc.tuple(fc.string({ maxLength: 3 }), fc.constantFrom(DONE, LEFT));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 300 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (rows, seed) => {
        const left = new Set(rows.filter(([, { isLeft }]) => isLeft).map(([username]) => username));
        const all = new Set(rows.map(([username]) => username));
        const withToken = new Set(rows.filter(([, { token }]) => token === 'there').map(([username]) => username));
        const expected = { all: all.size, done: all.size - left.size, left: left.size, with_token: withToken.size };
        expect(peopleOf(rows, seed).count()).toEqual(expected);
      }),
    );
  });

  it('are told apart by the hundred thousand', () => {
    const people = new People(() => 0.7);
    for (let at = 0; at < 100_000; at += 1) people.add(`user${at}@bank.example`, at % 10 === 0 ? LEFT : DONE);
    expect(people.count()).toEqual({ all: 100_000, done: 90_000, left: 10_000, with_token: 90_000 });
  });
});
