import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RetryBudget } from '../../src/gate/retry-budget.js';

function earned(budget: RetryBudget, sends: number): RetryBudget {
  for (let send = 0; send < sends; send += 1) budget.earn();
  return budget;
}

/** Retries that get leave from the budget, at once. */
function takeAll(budget: RetryBudget): number {
  for (let taken = 0; ; taken += 1) {
    const leave = budget.take();
    if (leave !== 'budget') {
      if (leave !== undefined) budget.end(leave);
      return taken;
    }
  }
}

test('a burst of 50 retries, then a tenth of the sends', () => {
  const budget = new RetryBudget();
  expect(takeAll(budget)).toBe(50);
  expect(takeAll(earned(budget, 101))).toBe(10);
});

test('a long time without failures saves up no more than the burst', () => {
  expect(takeAll(earned(new RetryBudget(), 100_000))).toBe(50);
});

test('when the budget is empty retries go one at a time', () => {
  const budget = new RetryBudget();
  takeAll(budget);
  expect(budget.take()).toBe('lane');
  expect(budget.take()).toBeUndefined();
  budget.end('lane');
  expect(budget.take()).toBe('lane');
});

test('a retry from the budget leaves the one that goes alone its place', () => {
  const budget = new RetryBudget();
  takeAll(budget);
  expect(budget.take()).toBe('lane');
  expect(earned(budget, 11).take()).toBe('budget');
  budget.end('budget');
  expect(budget.take()).toBeUndefined();
});

test('never more retries than 50, a tenth of the sends, and one at a time', () => {
  const property = fc.property(fc.array(fc.constantFrom('earn', 'take', 'end'), { maxLength: 2000 }), (events) => {
    const budget = new RetryBudget();
    let [sends, retries, lanes] = [0, 0, 0];
    for (const event of events) {
      if (event === 'earn') {
        budget.earn();
        sends += 1;
      } else if (event === 'take') {
        const leave = budget.take();
        if (leave === 'budget') retries += 1;
        if (leave === 'lane') lanes += 1;
      } else if (lanes > 0) {
        budget.end('lane');
        lanes -= 1;
      }
      expect(lanes).toBeLessThanOrEqual(1);
      expect(retries).toBeLessThanOrEqual(50 + sends / 10);
    }
  });
  fc.assert(property);
});
