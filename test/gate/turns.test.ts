import { describe, expect, test } from 'vitest';
import { RetryBudget } from '../../src/gate/retry-budget.js';
import { Turns } from '../../src/gate/turns.js';
import type { Turn } from '../../src/gate/turns.js';
import { idle } from '../support/test-clock.js';

function aTurns(retriesUsedUp = false) {
  const budget = new RetryBudget();
  while (retriesUsedUp && budget.take() === 'budget');
  if (retriesUsedUp) budget.end('lane');
  const stop = new AbortController();
  const turns = new Turns(budget, stop.signal);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const take = (name: string, changes: Partial<Turn> = {}): void => {
    void Promise.resolve(turns.take({ username: name, isRetry: false, ...changes })).then((end) => {
      begun.push(name);
      ends.set(name, end);
    });
  };
  const end = async (name: string): Promise<void> => {
    ends.get(name)!();
    await idle();
  };
  return { stop, begun, take, end };
}

describe('one row of a username at a time', () => {
  test('the other waits for its end, and nobody else does', async () => {
    const { begun, take, end } = aTurns();
    take('otp', { username: 'ann' });
    take('pki', { username: 'ann' });
    take('again', { username: 'ann' });
    take('ben');
    await idle();
    expect(begun).toEqual(['otp', 'ben']);
    await end('otp');
    expect(begun.slice(2)).toEqual(['pki']);
    await end('pki');
    expect(begun.slice(3)).toEqual(['again']);
    await end('again');
    take('later', { username: 'ann' });
    await idle();
    expect(begun.slice(4)).toEqual(['later']);
  });
});

describe('the retry budget', () => {
  test('lets retries go as long as there is some', async () => {
    const { begun, take } = aTurns();
    for (let row = 0; row < 60; row += 1) take(`${row}`, { isRetry: true });
    await idle();
    // 50 of the budget, and the one that goes alone.
    expect(begun).toHaveLength(51);
  });

  test('used up: retries go one at a time in order, none is given up, and first sends go on', async () => {
    const { begun, take, end } = aTurns(true);
    for (const name of ['1', '2', '3']) take(name, { isRetry: true });
    take('first');
    await idle();
    expect(begun.sort()).toEqual(['1', 'first']);
    await end('first');
    expect(begun).toHaveLength(2);
    await end('1');
    await end('2');
    await end('3');
    expect(begun.slice(2)).toEqual(['2', '3']);
  });

  test('first sends earn retries for those who wait', async () => {
    const { begun, take } = aTurns(true);
    for (const name of ['1', '2']) take(name, { isRetry: true });
    await idle();
    for (let row = 0; row < 11; row += 1) take(`first ${row}`);
    await idle();
    expect(begun).toContain('2');
  });

  test('nobody waits for it once the run has stopped', async () => {
    const { stop, begun, take, end } = aTurns(true);
    for (const name of ['1', '2', '3']) take(name, { isRetry: true });
    await idle();
    stop.abort();
    take('4', { isRetry: true });
    await idle();
    expect(begun).toEqual(['1', '2', '3', '4']);
    await end('1');
    await end('2');
  });
});
