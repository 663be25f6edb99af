import { expect, it } from 'vitest';
import { WithheldKeys } from '../../src/handout/withheld.js';

it('counts each reason, in the order of the table, and names whose key it is', () => {
  const withheld = new WithheldKeys();
  withheld.add({ username: 'ann', reason: 'superseded' });
  withheld.add({ username: 'ben', reason: 'not_registered', outcome: 'key_lost' });
  withheld.add({ username: 'ann', reason: 'superseded' });
  expect(Object.entries(withheld.counts)).toEqual([
    ['not_registered', 1],
    ['superseded', 2],
  ]);
  expect(withheld.named.map(({ username }) => username)).toEqual(['ann', 'ben', 'ann']);
  expect(withheld.isAmiss).toBe(false);
});

it('is amiss where a registered row goes without a key', () => {
  const withheld = new WithheldKeys();
  withheld.add({ username: 'ann', reason: 'no_key' });
  expect(withheld.isAmiss).toBe(true);
});

it('tells of the one user who is asked for, and of nobody else', () => {
  const withheld = new WithheldKeys('ann');
  withheld.add({ username: 'ben', reason: 'no_key' });
  expect([withheld.counts, withheld.named, withheld.isAmiss]).toEqual([{}, [], false]);
});

it('goes on counting where it names no more', () => {
  const withheld = new WithheldKeys();
  for (let at = 0; at < 10_005; at += 1) withheld.add({ username: `u${at}`, reason: 'no_row' });
  expect([withheld.counts, withheld.named.length]).toEqual([{ no_row: 10_005 }, 10_000]);
});
