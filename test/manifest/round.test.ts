import { describe, expect, it } from 'vitest';
import { isRound, roundProblems } from '../../src/manifest/round.js';
import type { ShardSight } from '../../src/manifest/round.js';
import { aRound } from '../support/builders.js';

const SIGHT: ShardSight = {
  shards: 8,
  server: aRound().server,
  input: { file: 'users.csv', sha256: aRound().input.sha256 },
  history: { results: null, summary: null },
};

describe('a shard is one of the round', () => {
  it('where it finds all as the first one did', () => {
    expect(roundProblems(aRound(), SIGHT)).toEqual([]);
  });

  it.each<[Partial<ShardSight>, RegExp]>([
    [{ shards: 5 }, /^is for 8 shards, and this is one of 5: run all with the same number/],
    [
      { server: 'https://other.example' },
      /^is for https:\/\/centagate.example, and .* against https:\/\/other.example/,
    ],
    [
      { input: { file: 'users.csv', sha256: 'cd'.repeat(32) } },
      /^is for another file than users.csv is now.*put that one back/,
    ],
    [
      { history: { results: 'cd'.repeat(32), summary: null } },
      /^was made before the results of the earlier runs changed/,
    ],
    [
      { history: { results: null, summary: 'cd'.repeat(32) } },
      /^was made before the summary of the earlier runs changed/,
    ],
  ])('and not with %j', (changes, problem) => {
    expect(roundProblems(aRound(), { ...SIGHT, ...changes })).toEqual([expect.stringMatching(problem)]);
  });
});

it('what stands in a file is a round in each member that somebody reads', () => {
  expect(isRound(JSON.parse(JSON.stringify(aRound())))).toBe(true);
  for (const name of Object.keys(aRound())) expect(isRound({ ...aRound(), [name]: [] })).toBe(false);
  expect(isRound({ ...aRound(), shards: 0 })).toBe(false);
  expect(isRound(null)).toBe(false);
});
