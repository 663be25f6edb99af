import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readUsers, UsersFileError } from '../../src/simulator/users-csv.js';

const folder = mkdtempSync(join(tmpdir(), 'users-'));
const path = join(folder, 'users.csv');
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: string | Uint8Array) {
  writeFileSync(path, content);
  return readUsers(path);
}

function problemOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof UsersFileError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const ann = { username: 'ann', active: true, hasOtp: false, hasCertificate: false };

test('all columns are read, in any order and spelling', () => {
  expect(read('username,active,has_otp,has_certificate\nann,true,no,0\nbob,FALSE,Yes,1\n')).toEqual([
    ann,
    { username: 'bob', active: false, hasOtp: true, hasCertificate: true },
  ]);
  expect(read('Has-OTP,USERNAME\r\nyes, ann \r\n')).toEqual([{ ...ann, hasOtp: true }]);
});

test('only the username is needed; what is missing or empty is an active user without tokens', () => {
  expect(read('username\nann')).toEqual([ann]);
  expect(read('username,active,has_otp,has_certificate\nann,,,')).toEqual([ann]);
});

test('quotes, empty lines, a byte order mark and no users at all are fine', () => {
  expect(read('\ufeffusername\n\n"ann, the 2nd"\n\n')).toEqual([{ ...ann, username: 'ann, the 2nd' }]);
  expect(read('username\n')).toEqual([]);
});

describe('what cannot be read gets file, line and remedy', () => {
  test.each([
    ['', ': the file is empty; its first line must name the columns'],
    ['active\ntrue', ':1: the column username is missing'],
    ['username,otp\nann,1', ':1: "otp" is not a column; known are username, active, has_otp, has_certificate'],
    ['username,Username\nann,ann', ':1: the column username stands there twice'],
    ['username,active\nann,true\nbob,maybe', ':3: active is "maybe"; write one of true, yes, 1, false, no, 0'],
    ['username,active\n\nann,true\n,true', ':4: the username is empty'],
    ['username,active\nann,true,1', ':2: 3 cells, the header has 2'],
    ['username,active\nann', ':2: 1 cells, the header has 2'],
    ['username\nann\nbob\nann', ':4: "ann" stands on line 2 already'],
  ])('%j', (content, problem) => {
    expect(problemOf(() => read(content))).toBe(path + problem);
  });

  test('an open quote', () => {
    expect(problemOf(() => read('username\n"ann\nbob'))).toMatch(/users\.csv:\d+: .*[Qq]uote/);
  });

  test('bytes that are not UTF-8', () => {
    const problem = problemOf(() => read(Buffer.from('username\njörg', 'latin1')));
    expect(problem).toBe(`${path}: the file is not in UTF-8; save it as such`);
  });

  test('a file that is not there', () => {
    expect(problemOf(() => readUsers(join(folder, 'none.csv')))).toMatch(/none\.csv: the file does not exist$/);
  });
});
