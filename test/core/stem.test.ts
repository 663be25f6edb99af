import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  handOutName,
  shardStem,
  stemFiles,
  stemOf,
  toPrefix,
  wholeStem,
  windowsNameProblem,
} from '../../src/core/stem.js';

describe('the stem of an input', () => {
  test.each([
    ['users.csv', 'users'],
    ['users.results.csv', 'users'],
    ['users.failed.csv', 'users'],
    ['USERS.Failed.CSV', 'USERS'],
    ['users.xlsx', 'users'],
    ['Users.XLSM', 'Users'],
    ['users.xls', 'users.xls'],
    ['users', 'users'],
    ['users.results', 'users'],
    ['users.txt', 'users.txt'],
    ['users.2026.csv', 'users.2026'],
    ['users.failed.2026.csv', 'users.failed.2026'],
    ['results.csv', 'results'],
    ['failed.csv', 'failed'],
    ['users.csv.csv', 'users.csv'],
    ['usersxcsv', 'usersxcsv'],
    ['usersxresults.csv', 'usersxresults'],
  ])('%s is %s', (fileName, stem) => {
    expect(stemOf(fileName)).toBe(stem);
  });
});

test('a hand-out of keys has its number in its name', () => {
  expect(handOutName(stemFiles('/data/', 'users'), 2, '.csv')).toBe('/data/users.hand-out-2.csv');
});

describe('the files of a stem', () => {
  test('are fifteen, in one folder', () => {
    expect(stemFiles('/data/', 'users')).toEqual({
      results: '/data/users.results.csv',
      failed: '/data/users.failed.csv',
      keys: '/data/users.keys.csv',
      handedOut: '/data/users.handed-out.csv',
      report: '/data/users.report.html',
      journal: '/data/users.journal',
      lock: '/data/users.lock',
      reserve: '/data/users.reserve',
      summary: '/data/users.summary.json',
      attempts: '/data/users.attempts.csv',
      manifest: '/data/users.manifest.json',
      digests: '/data/users.SHA256SUMS',
      shards: '/data/users.shards.json',
      mergedShards: '/data/users.shards',
      undone: '/data/users.undo.results.csv',
    });
  });

  test('are again of that stem where they are an input', () => {
    const stems = fc
      .stringMatching(/^[a-z][a-z0-9. -]{0,20}[a-z0-9]$/)
      .filter((stem) => !/\.(csv|results|failed)$/.test(stem));
    fc.assert(
      fc.property(stems, (stem) => {
        const { results, failed } = stemFiles('', stem);
        expect([stemOf(`${stem}.csv`), stemOf(results), stemOf(failed)]).toEqual([stem, stem, stem]);
      }),
    );
  });
});

test.each([
  ['/data', '/', '/data/'],
  ['/', '/', '/'],
  ['.', '/', './'],
  ['C:', '/', 'C:/'],
  ['C:\\data', '\\', 'C:\\data\\'],
  ['C:\\', '\\', 'C:\\'],
  // Where the shell stands on that drive, and not its root.
  ['C:', '\\', 'C:.\\'],
  ['\\\\server\\share', '\\', '\\\\server\\share\\'],
])('names in %s, separated by %s, begin with %s', (folder, separator, prefix) => {
  expect(toPrefix(folder, separator)).toBe(prefix);
});

test.each(['users:march', 'a|b', 'why?', '"users"', 'con', 'NUL.users', 'Com1', 'lpt9.2026'])(
  '%s is no name on Windows',
  (name) => {
    expect(windowsNameProblem(name)).toMatch(/^(?:holds|is) /);
  },
);

test.each(['users', 'users.2026', 'Ünïcode & Söhne (2)', 'console', 'com10', 'auxiliary.nul'])(
  '%s is a name on Windows',
  (name) => {
    expect(windowsNameProblem(name)).toBeUndefined();
  },
);

describe('the stem of a shard', () => {
  test('tells of which stem it is one', () => {
    expect(shardStem('users', { index: 3, count: 8 })).toBe('users.shard-3-of-8');
    expect(wholeStem('users.shard-3-of-8')).toBe('users');
    expect(stemOf('users.shard-3-of-8.failed.csv')).toBe('users.shard-3-of-8');
  });

  test.each(['users', 'users.shard-3', '.shard-3-of-8', 'users.shard-x-of-8'])('%s is none', (stem) => {
    expect(wholeStem(stem)).toBeUndefined();
  });
});
