import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { SESSION } from '../support/account.js';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';

/* What is wrong with a CSV, what is said of it, and that doing what is said leads to a file that passes. */

let lab: Lab;
let simulator: Simulator;
beforeEach(async () => {
  lab = new Lab();
  simulator = await startSimulator({ ...SESSION });
});
afterEach(async () => {
  await simulator.close();
  lab.remove();
});

interface Remedy {
  readonly text: string;
  readonly says: RegExp;
  /** What the operator does: changes the text, or gives flags. */
  readonly mend?: (text: string) => string;
  readonly flags?: readonly string[];
  readonly sent: readonly string[];
}

const REMEDIES: Readonly<Record<string, Remedy>> = {
  'a row with too many cells': {
    text: 'username,token_type,dept\nann,otp,Sales, North\n',
    says: /:2: error: the row has 4 cells, the header 3: quote the cell that holds the delimiter/,
    mend: (text) => text.replace('Sales, North', '"Sales, North"'),
    sent: ['ann'],
  },
  'a row with too few cells': {
    text: 'username,token_type,dept\nann,otp\n',
    says: /:2: error: the row has 2 cells, the header 3: a delimiter is missing, also where its cell is empty: write it/,
    mend: (text) => text.replace('ann,otp', 'ann,otp,'),
    sent: ['ann'],
  },
  'a line end within a cell': {
    text: 'username,token_type,dept\nann,otp,two\nlines\n',
    says: /:3: error: the row has 1 cell, the header 3: .*quote a cell that holds a line end/,
    mend: (text) => text.replace('two\nlines', '"two\nlines"'),
    sent: ['ann'],
  },
  'each line quoted as a whole': {
    text: '"username,token_type,dept"\n"ann,otp,""the"" best"\n',
    says: /:1: the whole line stands in quotes, so that it is one cell: take the quotes at the ends of each line away, and write " for ""/,
    mend: (text) => text.replaceAll(/^"|"$/gm, '').replaceAll('""', '"').replace('"the" best', 'the best'),
    sent: ['ann'],
  },
  'one line quoted as a whole': {
    text: 'username,token_type\n"ann,otp"\n',
    says: /:2: error: the row has 1 cell, the header 2: the whole line stands in quotes: take the quotes at its ends away/,
    mend: (text) => text.replaceAll('"', ''),
    sent: ['ann'],
  },
  'a formula that keeps zeros': {
    text: 'username,token_type\n="00123",otp\n',
    says: /:2: error: in this record a cell is a formula such as ="00123": give --unwrap-formulas/,
    flags: ['--unwrap-formulas'],
    sent: ['00123'],
  },
  'a formula that keeps zeros, and is quoted': {
    text: 'username,token_type\n"=""00123""",otp\n',
    says: /:2: error: username is the formula "="00123"": give --unwrap-formulas to read it as 00123/,
    flags: ['--unwrap-formulas'],
    sent: ['00123'],
  },
  'a header of formulas': {
    text: '="username",="token_type"\n="00123",="otp"\n',
    says: /:1: in this record a cell is a formula such as ="00123": give --unwrap-formulas/,
    flags: ['--unwrap-formulas'],
    sent: ['00123'],
  },
  'a header of formulas, in quotes': {
    text: '"=""username""",token_type\nann,otp\n',
    says: /:1: the names are formulas such as ="username": give --unwrap-formulas/,
    flags: ['--unwrap-formulas'],
    sent: ['ann'],
  },
  'rows that something else parts than the header': {
    text: 'username,token_type\nann;otp\nben;otp\n',
    says: /:2: error: the row has 1 cell, the header 2: a semicolon parts its cells, and a comma those of the header: write the same/,
    mend: (text) => text.replaceAll(';', ','),
    sent: ['ann', 'ben'],
  },
  'a header that something else parts than the rows': {
    text: 'username;token_type\nann\totp\n',
    says: /:2: error: the row has 1 cell, the header 2: a tab parts its cells, and a semicolon those of the header: write the same/,
    mend: (text) => text.replace(';', '\t'),
    sent: ['ann'],
  },
  'a total at the end': {
    text: 'username,token_type\nann,otp\nTotal: 1 row\n',
    says: /:3: error: the row has 1 cell, the header 2: it tells how many there are, and is no row: take the line away/,
    mend: (text) => text.replace(/Total.*\n/, ''),
    sent: ['ann'],
  },
  'what a database says at its end': {
    text: 'username,token_type\nann,otp\n\n(1 rows affected)\n',
    says: /:4: error: .* it tells how many there are, and is no row: take the line away/,
    mend: (text) => text.replace(/\(.*\n/, ''),
    sent: ['ann'],
  },
  'a comment between the rows': {
    text: 'username,token_type\n# the finance department\nann,otp\n',
    says: /:2: error: the row has 1 cell, the header 2: it begins as a comment does, and a CSV has none: take the line away/,
    mend: (text) => text.replace(/^#.*\n/m, ''),
    sent: ['ann'],
  },
  'a comment above the header, taken away': {
    text: '# made by hand\nusername,token_type\nann,otp\n',
    says: /:1: a header seems to stand on line 2: give --header-line 2, or take the lines above it away/,
    mend: (text) => text.replace(/^#.*\n/, ''),
    sent: ['ann'],
  },
  'the type that PowerShell writes': {
    text: '#TYPE Selected.Microsoft.ActiveDirectory.Management.ADUser\r\n"username","token_type"\r\n"ann","otp"\r\n',
    says: /:1: a header seems to stand on line 2: give --header-line 2/,
    flags: ['--header-line', '2'],
    sent: ['ann'],
  },
  'a title with quotes, and a blank line': {
    text: 'Export of "HR", 2026\n\nusername;token_type\nann;otp\n',
    says: /:1: a header seems to stand on line 3: give --header-line 3/,
    flags: ['--header-line', '3'],
    sent: ['ann'],
  },
  'a version above the header': {
    text: 'version:v1.0\nusername,token_type\nann,otp\n',
    says: /:1: a header seems to stand on line 2: give --header-line 2/,
    flags: ['--header-line', '2'],
    sent: ['ann'],
  },
};

describe('what is said of a CSV works', () => {
  it.each(Object.entries(REMEDIES))('%s', async (_, { text, says, mend = (same) => same, flags = [], sent }) => {
    const path = lab.file('users.csv', text);
    const before = await runProgram(['validate', path]);
    expect(before.stdout + before.stderr).toMatch(says);
    expect(before.exitCode).toBeGreaterThan(0);
    lab.file('users.csv', mend(text));
    const after = await runProgram(['validate', path, ...flags]);
    expect(after.exitCode, after.stdout + after.stderr).toBe(0);
    const env = {
      CENTAGATE_SERVER: simulator.url,
      CENTAGATE_ADMIN: SESSION.admin,
      CENTAGATE_AUTH_TOKEN: SESSION.authToken,
      CENTAGATE_SECRET_CODE: SESSION.secretCode,
    };
    const ended = await runProgram(['run', path, ...flags], env);
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0);
    expect(simulator.sends.map(({ username }) => username)).toEqual(sent);
    // The results are read without being told how the input is, and by the same flags as well.
    for (const more of [[], flags]) {
      const again = await runProgram(['run', lab.path('users.results.csv'), ...more], env);
      expect(again.exitCode, again.stdout + again.stderr).toBe(0);
    }
    expect(simulator.sends).toHaveLength(sent.length);
  });

  it('and the Ctrl-Z of a DOS program at the end is no row', async () => {
    for (const end of ['\u001a', '\n\u001a', '\n\u001a\u001a\u001a']) {
      const path = lab.file('users.csv', `username,token_type\nann,otp${end}`);
      const { exitCode, stdout } = await runProgram(['validate', path]);
      expect(exitCode, stdout).toBe(0);
      expect(stdout).toContain('1 row, 1 to send');
    }
  });

  it('and a formula comes back as it was', async () => {
    const path = lab.file('users.csv', 'username,token_type\n="00123",otp\n');
    await runProgram(['run', path, '--unwrap-formulas'], {
      CENTAGATE_SERVER: simulator.url,
      CENTAGATE_ADMIN: SESSION.admin,
      CENTAGATE_AUTH_TOKEN: SESSION.authToken,
      CENTAGATE_SECRET_CODE: SESSION.secretCode,
    });
    expect(readFileSync(lab.path('users.results.csv'), 'utf8')).toContain('"=""00123""",otp,2,registered');
    expect(readFileSync(lab.path('users.keys.csv'), 'utf8')).toMatch(/^00123,/m);
  });
});
