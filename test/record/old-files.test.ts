import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StateError } from '../../src/core/state-error.js';
import { backUp } from '../../src/record/old-files.js';
import { Lab } from '../support/lab.js';

let lab: Lab;
const names = ['users.results.csv', 'users.failed.csv', 'users.journal'];

beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

function backUpAll(): void {
  backUp(names.map((name) => lab.path(name)));
}

function files(): readonly string[] {
  return readdirSync(lab.folder).sort();
}

test('each file that is there gets a numbered name', () => {
  lab.file('users.results.csv', 'results');
  lab.file('users.journal', 'journal');
  backUpAll();
  expect(files()).toEqual(['users.journal.1.bak', 'users.results.csv.1.bak']);
  expect(readFileSync(lab.path('users.results.csv.1.bak'), 'utf8')).toBe('results');
});

test('nothing there is nothing to do', () => {
  lab.file('users.keys.csv', 'keys');
  backUpAll();
  expect(files()).toEqual(['users.keys.csv']);
});

test('what was backed up before is never written over: files that belong together share a free number', () => {
  for (const run of ['first', 'second', 'third']) {
    lab.file('users.results.csv', run);
    if (run !== 'second') lab.file('users.failed.csv', run);
    backUpAll();
  }
  const contents = files().map((name) => [name, readFileSync(lab.path(name), 'utf8')]);
  expect(contents).toEqual([
    ['users.failed.csv.1.bak', 'first'],
    ['users.failed.csv.3.bak', 'third'],
    ['users.results.csv.1.bak', 'first'],
    ['users.results.csv.2.bak', 'second'],
    ['users.results.csv.3.bak', 'third'],
  ]);
});

test('a file that cannot be renamed is said in words', () => {
  const name = `${'x'.repeat(250)}.csv`;
  lab.file(name, '');
  expect(() => backUp([lab.path(name)])).toThrow(StateError);
  mkdirSync(lab.path('folder'));
  expect(() => backUp([lab.path(name)])).toThrow("can't be written");
});
