import * as fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAlone, sharedProblem } from '../../src/disk/shared-folder.js';
import { Lab } from '../support/lab.js';

const isRoot = process.geteuid?.() === 0;
const STRANGER = 65534;
let lab: Lab;
let folder: string;

beforeEach(() => {
  lab = new Lab();
  folder = lab.path('above/data');
  fs.mkdirSync(folder, { recursive: true });
  for (const path of [lab.path('above'), folder]) fs.chmodSync(path, 0o755);
});
afterEach(() => lab.remove());

describe('a folder', () => {
  test.each([0o700, 0o755, 0o1777, 0o1755])('of mode %o keeps what is ours', (mode) => {
    fs.chmodSync(folder, mode);
    expect(sharedProblem(folder)).toBeUndefined();
  });

  test.each([0o777, 0o757, 0o2777, 0o702])('of mode %o lets every user put files in the place of ours', (mode) => {
    fs.chmodSync(folder, mode);
    expect(sharedProblem(folder)).toBe(`${folder} may be written by every user: take that right away (chmod o-w)`);
  });

  test('is no better than the one above it: who may take it away may put another there', () => {
    fs.chmodSync(lab.path('above'), 0o777);
    expect(sharedProblem(folder)).toContain(`${lab.path('above')} may be written by every user`);
    fs.chmodSync(lab.path('above'), 0o1777);
    expect(sharedProblem(folder)).toBeUndefined();
  });

  test('behind a link is looked at where it lies, and so is what the link lies in', () => {
    fs.mkdirSync(lab.path('links'));
    fs.symlinkSync('../above', lab.path('links/here'));
    const path = lab.path('links/here/data');
    expect(sharedProblem(path)).toBeUndefined();
    fs.chmodSync(lab.path('above'), 0o777);
    expect(sharedProblem(path)).toContain(`${lab.path('above')} may be written`);
    fs.chmodSync(lab.path('above'), 0o755);
    fs.chmodSync(lab.path('links'), 0o777);
    expect(sharedProblem(path)).toContain(`${lab.path('links')} may be written`);
  });

  test.skipIf(!isRoot)('of another user is that user’s to change; so is a link', () => {
    fs.chownSync(folder, STRANGER, STRANGER);
    fs.chmodSync(folder, 0o1777);
    expect(sharedProblem(folder)).toBe(`${folder} belongs to user ${STRANGER}: take one of your own`);
    fs.chownSync(folder, 0, 0);
    fs.symlinkSync('data', lab.path('above/link'));
    expect(sharedProblem(lab.path('above/link'))).toBeUndefined();
    fs.lchownSync(lab.path('above/link'), STRANGER, STRANGER);
    expect(sharedProblem(lab.path('above/link'))).toContain('above/link belongs to user');
  });

  test.skipIf(!isRoot)('that a group of others may write is theirs too', () => {
    fs.chownSync(folder, 0, 54_321);
    fs.chmodSync(folder, 0o770);
    expect(sharedProblem(folder)).toBe(`${folder} may be written by group 54321: take that right away (chmod g-w)`);
  });
});

describe('a group', () => {
  const users = 'root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\nben:x:1001:1001::/:/bin/sh\n';
  const of = (groups: string, more = '') => isAlone(1000, 1000, { users: users + more, groups });

  test.each([
    ['of its user alone, as many systems make one', 'root:x:0:\nann:x:1000:\n', ''],
    ['that names its user', 'ann:x:1000:ann\n', ''],
    ['that root is in', 'ann:x:1000:root,ann\n', ''],
  ])('%s has nobody else', (_, groups, more) => expect(of(groups, more)).toBe(true));

  test.each([
    ['that names another one', 'ann:x:1000:ben\n', ''],
    ['that another one has from the start', 'ann:x:1000:\n', 'cy:x:1002:1000::/:/bin/sh\n'],
    ['that names somebody whom no list has', 'ann:x:1000:someone\n', ''],
    ['that no list has', 'root:x:0:\n', ''],
    ['of which there is no list', '', ''],
  ])('%s may have others', (_, groups, more) => expect(of(groups, more)).toBe(false));

  test('in a container whose user has no name may be that of root', () => {
    expect(isAlone(1_000_680_000, 0, { users: 'root:x:0:0:root:/:/bin/sh\n', groups: 'root:x:0:\n' })).toBe(true);
  });
});
