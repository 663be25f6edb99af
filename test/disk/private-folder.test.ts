import { chmodSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makePrivate, meetingFolder } from '../../src/disk/private-folder.js';
import { Lab } from '../support/lab.js';

let lab: Lab;

beforeEach(() => (lab = new Lab()));
afterEach(() => {
  vi.restoreAllMocks();
  lab.remove();
});

it('is this user’s alone, and there for the next run', () => {
  expect(makePrivate(lab.path('runs'))).toBeUndefined();
  expect(statSync(lab.path('runs')).mode & 0o777).toBe(0o700);
  expect(makePrivate(lab.path('runs'))).toBeUndefined();
});

it('is another one for another user', () => {
  const ours = meetingFolder();
  vi.spyOn(process as { getuid: () => number }, 'getuid').mockReturnValue(4711);
  expect(meetingFolder()).toMatch(/centagate-provision-4711$/);
  expect(meetingFolder()).not.toBe(ours);
});

it('is not taken from whoever was there first', () => {
  mkdirSync(lab.path('theirs'), { mode: 0o700 });
  symlinkSync(lab.path('theirs'), lab.path('link'));
  expect(makePrivate(lab.path('link'))).toBe('it is no folder');
  expect(makePrivate(lab.file('file', ''))).toBe('it is no folder');
  vi.spyOn(process as { getuid: () => number }, 'getuid').mockReturnValue(4711);
  expect(makePrivate(lab.path('theirs'))).toBe('it belongs to somebody else');
});

it.each([0o701, 0o710, 0o770, 0o777, 0o722])('is not taken where others may use it (%o)', (mode) => {
  mkdirSync(lab.path('runs'));
  chmodSync(lab.path('runs'), mode);
  expect(makePrivate(lab.path('runs'))).toBe('others may use it as well');
});

it('is not to be had where nothing can be made', () => {
  expect(makePrivate(lab.path('none/runs'))).toBe("it can't be made (ENOENT)");
});
