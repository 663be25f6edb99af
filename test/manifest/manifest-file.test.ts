import { afterEach, beforeEach, expect, test } from 'vitest';
import { mkdirSync } from 'node:fs';
import { InputError } from '../../src/core/input-error.js';
import { readChain } from '../../src/manifest/manifest-file.js';
import { Lab } from '../support/lab.js';

let lab: Lab;
beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

test('no file is the beginning of a chain', () => {
  expect(readChain(lab.path('users.manifest.json'))).toEqual([]);
});

test('what is no chain of ours is refused, and says what to do', () => {
  for (const text of ['', '[\n{}\n]\n', '{}']) {
    expect(() => readChain(lab.file('users.manifest.json', text))).toThrow(InputError);
    expect(() => readChain(lab.file('users.manifest.json', text))).toThrow('restore it, or move it away');
  }
});

test('one that cannot be read is refused as well', () => {
  mkdirSync(lab.path('users.manifest.json'));
  expect(() => readChain(lab.path('users.manifest.json'))).toThrow("can't be read as it is a folder");
});
