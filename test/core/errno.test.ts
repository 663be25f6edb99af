import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errnoOf } from '../../src/core/errno.js';

function thrownBy(act: () => void): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}

test('what the system says is known by its code', () => {
  expect(errnoOf(thrownBy(() => readFileSync('/there/is/no/such/file')))).toBe('ENOENT');
});

test('what has no name of that kind has no code', () => {
  // The code of an aborted signal is a number.
  const aborted = new DOMException('aborted', 'AbortError');
  for (const error of [new Error('plain'), aborted, { code: 'ENOENT' }, 'ENOENT', null, undefined]) {
    expect(errnoOf(error)).toBeUndefined();
  }
});
