import { expect, test } from 'vitest';
import { LockedError } from '../../src/core/locked-error.js';

test('a stem that another run holds is an error of its own, and no wrong usage', () => {
  const error = new LockedError('users is held by process 7');
  expect(error).toBeInstanceOf(Error);
  expect([error.name, error.message]).toEqual(['LockedError', 'users is held by process 7']);
});
