import { linkSync, symlinkSync } from 'node:fs';
import { relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isSameFile } from '../../src/core/same-file.js';
import { Lab } from '../support/lab.js';

let lab: Lab;
let file: string;
beforeEach(() => {
  lab = new Lab();
  file = lab.file('users.csv', '');
});
afterEach(() => lab.remove());

test('a file is the same under whatever name leads to it', () => {
  symlinkSync(file, lab.path('symbolic.csv'));
  linkSync(file, lab.path('hard.csv'));
  expect(isSameFile(file, relative('.', file))).toBe(true);
  expect(isSameFile(file, lab.path('symbolic.csv'))).toBe(true);
  // As one name in two cases is, where the file system knows no cases.
  expect(isSameFile(lab.path('hard.csv'), file)).toBe(true);
});

test('another one is not, and neither is one that is not there', () => {
  expect(isSameFile(file, lab.file('other.csv', ''))).toBe(false);
  expect(isSameFile(file, lab.path('gone.csv'))).toBe(false);
  expect(isSameFile(lab.path('gone.csv'), lab.path('away.csv'))).toBe(false);
  expect(isSameFile(lab.path('gone.csv'), lab.path('gone.csv'))).toBe(true);
});
