import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/core/system-clock.js';
import { StateError } from '../../src/core/state-error.js';
import { checkLockFile, createLockFile, modifiedAt, readHolder } from '../../src/record/lock-file.js';
import { describeSelf } from '../../src/record/process-identity.js';
import { Lab } from '../support/lab.js';

let lab: Lab;
let path: string;

beforeEach(() => {
  lab = new Lab();
  path = lab.path('users.lock');
});
afterEach(() => lab.remove());

const FIRST = describeSelf('first', systemClock);

test('of two processes one makes the file, whole and for its owner alone', () => {
  expect(createLockFile(path, FIRST)).toBe(true);
  expect(createLockFile(path, { ...FIRST, runId: 'second' })).toBe(false);
  expect(readHolder(path)).toEqual(FIRST);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(lab.folder)).toEqual(['users.lock']);
});

test('a file that says nothing, or is not there, has no holder', () => {
  expect([readHolder(path), modifiedAt(path)]).toEqual([undefined, undefined]);
  writeFileSync(path, '{"runId":"fir');
  expect(readHolder(path)).toBeUndefined();
  expect(modifiedAt(path)).toBe(statSync(path).mtimeMs);
});

test.each([
  'null',
  '7',
  '[]',
  '"x"',
  '{}',
  JSON.stringify({ ...FIRST, pid: '../../tmp' }),
  JSON.stringify({ ...FIRST, host: 7 }),
])('what no run wrote into it names nobody: %s', (content) => {
  writeFileSync(path, content);
  expect(readHolder(path)).toBeUndefined();
});

test('one of three gigabytes is not read', () => {
  writeFileSync(path, '{"');
  truncateSync(path, 3e9);
  expect(readHolder(path)).toBeUndefined();
});

test.each<[string, () => void]>([
  ['a pipe', () => void execFileSync('mkfifo', [path])],
  ['a link', () => symlinkSync('/dev/zero', path)],
  ['a folder', () => mkdirSync(path)],
])('%s in its place is no lock of anybody, and is said so', (_, make) => {
  make();
  expect(readHolder(path)).toBeUndefined();
  expect(() => checkLockFile(path)).toThrow(StateError);
  expect(() => checkLockFile(path)).toThrow('move it away');
});

test('a folder that is not there is said in words', () => {
  expect(() => createLockFile(lab.path('no/users.lock'), FIRST)).toThrow(StateError);
});
