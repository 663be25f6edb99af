import { expect, test } from 'vitest';
import { InputError } from '../../src/core/input-error.js';

test('an input that breaks says in which file, on which line, and what to do', () => {
  const error = new InputError('users.csv', 7, 'a quote is never closed: close it');
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe('InputError');
  expect(error.message).toBe('users.csv:7: a quote is never closed: close it');
  expect([error.file, error.line]).toEqual(['users.csv', 7]);
});
