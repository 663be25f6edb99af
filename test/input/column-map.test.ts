import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bare, INPUT_COLUMN_NAMES } from '../../src/input/column.js';
import { columnKeys, findUnmapped, parseColumnMap } from '../../src/input/column-map.js';

describe('a map', () => {
  test.each([
    ['username=UPN', { username: 'UPN' }],
    [' username = User ID ', { username: 'User ID' }],
    ['username=UPN,status=State', { username: 'UPN', status: 'State' }],
    ['username=Last, first,token_type=Kind', { username: 'Last, first', token_type: 'Kind' }],
    ['username=a=b', { username: 'a=b' }],
    ['username=a, status', { username: 'a, status' }],
    ['username=token_type,token_type=username', { username: 'token_type', token_type: 'username' }],
  ])('%j is read', (text, map) => {
    expect(parseColumnMap(text)).toEqual(map);
  });

  test.each([
    ['nothing', ''],
    ['no equals sign', 'username'],
    ['a column that we do not read', 'user=UPN'],
    ['one that is none of ours at all', 'constructor=UPN'],
    ['no name', 'username='],
    ['a name of nothing', 'username=-_ '],
    ['a column twice', 'username=a,username=b'],
    ['a name twice', 'username=User ID,status=user_id'],
    ['a column that we add', 'status=Outcome'],
  ])('%s is none', (_, text) => {
    expect(parseColumnMap(text)).toBeUndefined();
  });

  test('any names come back', () => {
    const name = fc.string({ minLength: 1 }).map((text) => `x${text.trim()}`);
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 4, minLength: 1, selector: bare }), (names) => {
        const columns = INPUT_COLUMN_NAMES.slice(0, names.length);
        fc.pre(!names.some((each) => /,\s*[a-z_]+\s*=/.test(each)));
        const text = columns.map((column, at) => `${column}=${names[at] ?? ''}`).join(',');
        expect(parseColumnMap(text)).toEqual(Object.fromEntries(columns.map((column, at) => [column, names[at]])));
      }),
    );
  });
});

describe('what a column is known by', () => {
  test('is what we call it, its own name in plain, or what the map says', () => {
    expect(columnKeys(['User Name', 'Line', 'My-Note', ''], {})).toEqual(['username', 'line', 'mynote', '']);
    expect(columnKeys(['UPN', 'note'], { username: ' u_p_n' })).toEqual(['username', 'note']);
  });

  test('is its own when the map leads away from it, and the map only counts where its name is there', () => {
    expect(columnKeys(['username', 'UPN'], { username: 'UPN' })).toEqual(['other username', 'username']);
    expect(columnKeys(['username'], { username: 'UPN' })).toEqual(['username']);
  });

  test('can be crossed over', () => {
    const map = { username: 'status', status: 'username' };
    expect(columnKeys(['username', 'status'], map)).toEqual(['status', 'username']);
  });
});

test('what a map names must be there, under one of both names', () => {
  expect(findUnmapped(['UPN'], { username: 'upn' })).toBeUndefined();
  expect(findUnmapped(['User Name'], { username: 'UPN' })).toBeUndefined();
  expect(findUnmapped(['Login'], { username: 'UPN' })).toBe('username');
  expect(findUnmapped(['UPN'], { username: 'UPN', status: 'State' })).toBe('status');
});
