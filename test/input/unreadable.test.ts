import { expect, test } from 'vitest';
import { unreadableText } from '../../src/input/unreadable.js';

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: a/path`), { code });
}

test.each([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'this is a folder: give a CSV or a workbook'],
  ['EIO', 'the disk failed while reading it'],
  ['EMFILE', 'this program may open no more files: raise the limit (ulimit -n), or lower --concurrency'],
  ['ENAMETOOLONG', "it can't be read (ENAMETOOLONG)"],
])('%s is told as a sentence, without the path', (code, text) => {
  expect(unreadableText(systemError(code))).toBe(text);
});

test.each([new TypeError('x'), systemError('ERR_INVALID_ARG_VALUE'), 'text'])('%s is a bug, and thrown', (error) => {
  expect(() => unreadableText(error)).toThrow(error instanceof Error ? error : 'text');
});
