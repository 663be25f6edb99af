import { readdirSync, readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeRound, readRound, removeRound } from '../../src/manifest/round-file.js';
import { aRound } from '../support/builders.js';
import { Lab } from '../support/lab.js';

let lab: Lab;
let path: string;
beforeEach(() => {
  lab = new Lab();
  path = lab.path('users.shards.json');
});
afterEach(() => lab.remove());

it('is made once, whole, for this user alone, and comes back as it was', () => {
  expect(readRound(path)).toBeUndefined();
  expect(makeRound(path, aRound())).toBe(true);
  expect(readRound(path)).toEqual(aRound());
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const text = readFileSync(path, 'utf8');
  expect(makeRound(path, aRound({ shards: 5 }))).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe(text);
  expect(readdirSync(lab.folder)).toEqual(['users.shards.json']);
  removeRound(path);
  removeRound(path);
  expect(readdirSync(lab.folder)).toEqual([]);
});

it.each(['', '{', '{"version":1}', '[]'])('%j is none of ours', (text) => {
  lab.file('users.shards.json', text);
  expect(() => readRound(path)).toThrow(/users\.shards\.json:1: this is no file that shards of ours hold to/);
});
