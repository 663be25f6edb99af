import { expect, test } from 'vitest';
import { UsageError } from '../../src/core/usage-error.js';

test('wrong usage says every problem at once, each on a line of its own', () => {
  const problems = ['--server is missing: give https://host', '--attempts 0: give 1 or more'];
  const error = new UsageError(problems);
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe('UsageError');
  expect(error.problems).toEqual(problems);
  expect(error.message).toBe('--server is missing: give https://host\n--attempts 0: give 1 or more');
});
