import { expect, it } from 'vitest';
import { exitCodeOfFailure } from '../../src/core/failure.js';
import { InputError } from '../../src/core/input-error.js';
import { LockedError } from '../../src/core/locked-error.js';
import { StateError } from '../../src/core/state-error.js';
import { UsageError } from '../../src/core/usage-error.js';

it.each([
  [new UsageError(['no']), 2],
  [new InputError('users.csv', 1, 'no'), 2],
  [new LockedError('no'), 5],
  [new StateError('users.journal', new Error('no')), 4],
  [new Error('no'), 70],
  ['no', 70],
])('%s ends with %i', (error, code) => {
  expect(exitCodeOfFailure(error)).toBe(code);
});
