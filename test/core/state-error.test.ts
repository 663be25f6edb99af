import { describe, expect, test } from 'vitest';
import { orUsageError, StateError } from '../../src/core/state-error.js';
import { UsageError } from '../../src/core/usage-error.js';

function aDiskError(code: string): Error {
  return Object.assign(new Error(`${code}: no, write`), { code });
}

describe('a file of ours that can not be written', () => {
  test.each([
    ['ENOSPC', 'the disk is full: free some space'],
    ['EDQUOT', 'the disk quota is used up: free some space'],
    ['EROFS', 'the file system is read-only: choose another --out-dir'],
    ['EACCES', 'no permission: give this user the right to write there, or choose another --out-dir'],
    ['EPERM', 'no permission: give this user the right to write there, or choose another --out-dir'],
    ['ENOENT', 'the folder does not exist: make it, or choose another --out-dir'],
    ['ENXIO', 'it is a pipe that nobody reads: start what reads it, or name a file'],
    ['ENOTDIR', 'its folder is a file: choose another --out-dir'],
    ['EIO', 'the disk failed: look at it before you go on'],
  ])('for %s says what to do', (code, remedy) => {
    const error = new StateError('users.keys.csv', aDiskError(code));
    expect(error.message).toBe(`users.keys.csv can't be written: ${remedy}`);
  });

  test.each(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])('for %s names the folder that can not have it', (code) => {
    expect(new StateError('/mnt/bucket/users.journal', aDiskError(code)).message).toBe(
      `/mnt/bucket/users.journal can't be written: /mnt/bucket does not take files as a run makes them, each new and then appended to (${code}): choose another --out-dir`,
    );
  });

  test.each<[string, unknown, string]>([
    ['a code that we do not know', aDiskError('EMFILE'), 'EMFILE: no, write'],
    ['an error without a code', new Error('gone'), 'gone'],
    ['something else', 'gone', 'gone'],
  ])('for %s says what is known', (_, cause, words) => {
    expect(new StateError('users.journal', cause).message).toBe(`users.journal can't be written: ${words}`);
  });

  test('keeps its cause', () => {
    const cause = aDiskError('EIO');
    const error = new StateError('users.journal', cause);
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.cause]).toEqual(['StateError', cause]);
  });
});

describe('before anything is sent', () => {
  function failing(error: Error): () => never {
    return () => {
      throw error;
    };
  }

  test('such a file is wrong usage, with the same words', () => {
    const error = new StateError('users.journal', aDiskError('EROFS'));
    expect(() => orUsageError(failing(error))).toThrow(new UsageError([error.message]));
    expect(() => orUsageError(failing(error))).toThrow(UsageError);
  });

  test('what is opened is handed on, and any other error is what it is', () => {
    expect(orUsageError(() => 7)).toBe(7);
    const bug = new TypeError('x is not a function');
    expect(() => orUsageError(failing(bug))).toThrow(bug);
  });
});
