import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADDED_COLUMN_NAMES } from '../../src/input/added-column.js';
import type { RunReport } from '../../src/report/run-report.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';
import { rowOf, sheetOf, sheetsOf } from '../support/workbook.js';

/* Files as they come, through the whole tool: what is sent, and how the results are written. */

const SESSION = { admin: 'admin', authToken: 'auth-token-of-inputs', secretCode: 'secret-code-of-inputs' };
const ADDED = ADDED_COLUMN_NAMES.join(';');

let folder: string;
let simulator: Simulator;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'input-'));
  // Böll is refused once, so that a row is left for another run.
  simulator = await startSimulator({ ...SESSION, script: { Böll: ['22002'] } });
});

afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string, encoding = 'utf-8'): void {
  writeFileSync(join(folder, name), iconv.encode(text, encoding));
}

function read(name: string, encoding = 'utf-8'): string {
  return iconv.decode(readFileSync(join(folder, name)), encoding, { stripBOM: false });
}

function run(name: string, ...flags: string[]): Promise<Ended> {
  return runProgram(['run', join(folder, name), ...flags], {
    CENTAGATE_SERVER: simulator.url,
    CENTAGATE_ADMIN: SESSION.admin,
    CENTAGATE_AUTH_TOKEN: SESSION.authToken,
    CENTAGATE_SECRET_CODE: SESSION.secretCode,
  });
}

function report(): RunReport {
  return JSON.parse(read('users.summary.json')) as RunReport;
}

function sentUsers(): string[] {
  return simulator.sends.map(({ username }) => username);
}

describe('a file of another encoding', () => {
  const text = 'username;token_type;note\r\nMüller;otp;"a;b – €"\r\nBöll;otp;\r\n';

  it('is never guessed: it is refused with the flag that fixes it, and nothing was sent', async () => {
    write('users.csv', text, 'windows-1252');
    const ended = await run('users.csv');
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain(
      'users.csv:2: the byte at offset 27 is not UTF-8: say what it is, such as --encoding windows-1252',
    );
    expect(simulator.sends).toEqual([]);
  });

  it('has results in the same encoding, with the same delimiter and line end', async () => {
    write('users.csv', text, 'windows-1252');
    const ended = await run('users.csv', '--encoding', 'cp1252');
    expect(ended.exitCode).toBe(1);
    expect(sentUsers().sort()).toEqual(['Böll', 'Müller']);
    const [header, ...rows] = read('users.results.csv', 'windows-1252').split('\r\n');
    expect(header).toBe(`username;token_type;note;${ADDED}`);
    expect(rows.map((row) => row.split(';').slice(0, 3).join(';'))).toEqual(['Müller;otp;"a', 'Böll;otp;', '']);
    expect(rows[0]).toContain('Müller;otp;"a;b – €";2;registered;no;');
  });

  it('is remembered: what is left of it needs no flag, nor does the input itself', async () => {
    write('users.csv', text, 'windows-1252');
    await run('users.csv', '--encoding', 'windows-1252');
    expect(report().encoding).toBe('windows-1252');
    expect((await run('users.failed.csv')).exitCode).toBe(0);
    expect(read('users.results.csv', 'windows-1252')).toMatch(/\r\nBöll;otp;;3;registered;/);
    expect((await run('users.csv')).exitCode).toBe(0);
    expect(sentUsers().sort()).toEqual(['Böll', 'Böll', 'Müller']);
  });

  it('corrected and saved as UTF-8 makes the results UTF-8, which has the characters of both', async () => {
    write('users.csv', text, 'windows-1252');
    await run('users.csv', '--encoding', 'windows-1252');
    const failed = read('users.failed.csv', 'windows-1252').replace('Böll', 'Łódź');
    write('users.failed.csv', failed);
    const refused = await run('users.failed.csv');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('earlier runs read windows-1252, but this is UTF-8: give --encoding utf-8');
    expect((await run('users.failed.csv', '--encoding', 'utf-8')).exitCode).toBe(0);
    expect(
      read('users.results.csv')
        .split('\r\n')
        .map((row) => row.split(';')[0]),
    ).toEqual(['\ufeffusername', 'Müller', 'Łódź', '']);
    expect(report().encoding).toBe('utf-8');
    // The correction is remembered in the summary, and the encoding that has it with it.
    rmSync(join(folder, 'users.results.csv'));
    expect((await run('users.csv', '--encoding', 'windows-1252')).exitCode).toBe(0);
    expect(read('users.results.csv')).toContain('\r\nŁódź;otp;;3;');
  });
});

it.each(['utf-16le', 'utf-16be'])('%s keeps its mark and its tabs', async (encoding) => {
  write('users.csv', '\ufeffusername\ttoken_type\r\nMüller\totp\r\nBöll\totp\r\n', encoding);
  expect((await run('users.csv')).exitCode).toBe(1);
  expect((await run('users.failed.csv')).exitCode).toBe(0);
  const [header, ...rows] = read('users.results.csv', encoding).split('\r\n');
  expect(header).toBe(`\ufeffusername\ttoken_type\t${ADDED.replaceAll(';', '\t')}`);
  expect(rows.map((row) => row.split('\t').slice(0, 4).join(' '))).toEqual([
    'Müller otp 2 registered',
    'Böll otp 3 registered',
    '',
  ]);
});

it('UTF-16 without a mark is read when it is said, and its results are marked', async () => {
  write('users.csv', 'username,token_type\nMüller,otp\n', 'utf-16le');
  expect((await run('users.csv')).stderr).toContain('as in UTF-16: give --encoding utf-16le');
  expect((await run('users.csv', '--encoding', 'utf-16le')).exitCode).toBe(0);
  expect(read('users.results.csv', 'utf-16le')).toMatch(/^\ufeffusername,token_type,line,/);
});

it('UTF-8 keeps its mark where it had one, and gets none where it had none', async () => {
  write('users.csv', '\ufeffusername,token_type\nMüller,otp\n');
  await run('users.csv');
  expect(read('users.results.csv')).toMatch(/^\ufeffusername,/);
  write('others.csv', 'username,token_type\nMüller,otp\n');
  await run('others.csv');
  expect(read('others.results.csv')).toMatch(/^username,/);
});

it("Excel's line sep= is obeyed, and counted as a line", async () => {
  write('users.csv', 'sep=;\r\nusername;token_type\r\nMüller;otp\r\n');
  expect((await run('users.csv')).exitCode).toBe(0);
  expect(read('users.results.csv')).toMatch(/^username;token_type;line;.*\r\nMüller;otp;3;registered;/);
});

it('the delimiter that is given goes before what the header shows, and the results have it too', async () => {
  write('users.csv', 'username|token_type|a;b;c;username\nMüller|otp|x\nBöll|otp|y\n');
  expect((await run('users.csv', '--delimiter', 'pipe')).exitCode).toBe(1);
  expect((await run('users.failed.csv')).exitCode).toBe(0);
  expect(read('users.results.csv')).toMatch(/^username\|token_type\|a;b;c;username\|line\|.*\nMüller\|otp\|x\|2\|/);
});

it('lines that end in CR alone are results of the same kind', async () => {
  write('users.csv', 'username,token_type\rMüller,otp\rBöll,otp\r');
  expect((await run('users.csv')).exitCode).toBe(1);
  expect((await run('users.failed.csv')).exitCode).toBe(0);
  expect(read('users.results.csv').split('\r')).toHaveLength(4);
});

it('a NUL byte is refused with its offset', async () => {
  write('users.csv', 'username,token_type\nMül\0ler,otp\n');
  const ended = await run('users.csv');
  expect(ended.exitCode).toBe(2);
  expect(ended.stderr).toContain('users.csv:2: the byte at offset 24 is NUL');
});

it.each([
  ['--encoding', 'ansi', 'found "ansi", needs utf-8, utf-16le, utf-16be, windows-1250'],
  ['--delimiter', '^', 'found "^", needs comma, semicolon, tab, pipe'],
])('%s %s is refused with what is right', async (flag, value, problem) => {
  write('users.csv', 'username,token_type\nann,otp\n');
  const ended = await run('users.csv', flag, value);
  expect(ended.exitCode).toBe(2);
  expect(ended.stderr).toContain(`${flag}: ${problem}`);
});

describe('a header in other words', () => {
  const text = 'UPN;Username;Token\r\nMüller;m;otp\r\nBöll;b;otp\r\n';

  it('is refused with the flags that map it', async () => {
    write('users.csv', text.replace('Username', 'Name'));
    const ended = await run('users.csv');
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain(
      'If you mean that, give --map username=UPN --map token_type=Token; or name the columns',
    );
  });

  it('is mapped, and the map is remembered for the reruns', async () => {
    write('users.csv', text);
    expect((await run('users.csv', '--map', 'username=UPN', '--map', 'token_type=Token')).exitCode).toBe(1);
    expect(read('users.results.csv')).toMatch(/^UPN;Username;Token;line;.*\r\nMüller;m;otp;2;registered;/);
    expect(report().columns).toEqual({ username: 'UPN', token_type: 'Token' });
    expect((await run('users.failed.csv')).exitCode).toBe(0);
    expect((await run('users.csv')).exitCode).toBe(0);
    expect(sentUsers().sort()).toEqual(['Böll', 'Böll', 'Müller']);
    expect(report().columns).toEqual({ username: 'UPN', token_type: 'Token' });
  });

  it('can be corrected by hand to the names that are ours', async () => {
    write('users.csv', text);
    await run('users.csv', '--map', 'username=UPN,token_type=Token');
    const failed = read('users.failed.csv').replace('UPN;Username', 'username;Nick').replace('Böll', 'Boell');
    write('users.failed.csv', failed);
    expect((await run('users.failed.csv')).exitCode).toBe(0);
    expect(sentUsers()).toContain('Boell');
    expect(read('users.results.csv')).toMatch(
      /^UPN;Username;Token;Nick;line;.*\r\nMüller;m;otp;;2;.*\r\nBoell;b;otp;b;3;registered;/s,
    );
  });

  it('and a map that says what is no column is refused with the columns', async () => {
    write('users.csv', text);
    const ended = await run('users.csv', '--map', 'user=UPN');
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain('--map: found "user=UPN", needs column=name, once for a column');
  });
});

describe('a workbook', () => {
  const table = (name: string): void => {
    writeFileSync(join(folder, 'users.xlsx'), readFileSync(join(import.meta.dirname, '../../fixtures/excel', name)));
  };

  it('has results in CSV, marked for spreadsheets, and what is left is a CSV to rerun', async () => {
    table('numbers.xlsx');
    const ended = await run('users.xlsx');
    expect(ended.exitCode).toBe(1);
    expect(sentUsers().sort()).toEqual(['00042', '1230000000000000', '2026-03-01', '43']);
    expect(report().warnings).toMatchObject({ mangled: 3 });
    expect(read('users.results.csv')).toMatch(/^\ufeffusername,token_type,.*\n00042,otp,,,typed as text,2,registered,/);
    write('users.failed.csv', read('users.failed.csv').replace('ann,pki,ann.p7s', 'ann,otp,'));
    expect((await run('users.failed.csv')).exitCode).toBe(0);
    expect((await run('users.xlsx')).exitCode).toBe(0);
    expect(simulator.sends).toHaveLength(5);
  });

  it('is read on the sheet that is named', async () => {
    table('sheets.xlsx');
    expect((await run('users.xlsx')).stderr).toContain('found: nothing,here');
    expect((await run('users.xlsx', '--sheet', 'Nobody')).stderr).toContain('it has: Notes, Users');
    expect((await run('users.xlsx', '--sheet', 'Users')).exitCode).toBe(1);
    expect(sentUsers().sort()).toEqual(['00042', 'müller.anna', "o'brien"]);
  });
});

describe('a workbook', () => {
  const header = rowOf(1, ['username', 'token_type']);
  const sheets = {
    Old: { as: 'state="hidden"', part: sheetOf(header + rowOf(2, ['gone', 'otp'])) },
    Users: { part: sheetOf(header + rowOf(2, ['ann', 'otp'], 'hidden="1"') + rowOf(3, ['bob', 'otp'])) },
  };
  const hidden = '1 row of the sheet is hidden by hand or by a filter, and';

  beforeEach(() => writeFileSync(join(folder, 'users.xlsx'), sheetsOf(sheets)));

  it('is read by its first sheet that is not hidden, which summary and summary file name', async () => {
    const ended = await run('users.xlsx');
    expect(ended.exitCode).toBe(0);
    expect(sentUsers().sort()).toEqual(['ann', 'bob']);
    expect(ended.stdout).toContain('Sheet:   Users');
    expect(report().sheet).toBe('Users');
  });

  it('keeps back what it hides when that is asked for, also over what was left of it', async () => {
    const ended = await run('users.xlsx', '--visible-only');
    expect(ended.exitCode).toBe(3);
    expect(read('users.failed.csv')).toContain('ann,otp,2,not_sent,yes,');
    expect((await run('users.failed.csv', '--visible-only')).exitCode).toBe(3);
    expect(sentUsers()).toEqual(['bob']);
    expect((await run('users.failed.csv')).exitCode).toBe(0);
    expect(sentUsers()).toEqual(['bob', 'ann']);
  });

  it('says the same to validate', async () => {
    const ended = await runProgram(['validate', join(folder, 'users.xlsx')], {});
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toContain('users.xlsx: the sheet "Users" is read, and not the other one');
    expect(ended.stdout).toContain(`warning: ${hidden} read all the same`);
    const json = await runProgram(['validate', join(folder, 'users.xlsx'), '--json'], {});
    const lines = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({ kind: 'hidden', severity: 'warning' });
    expect(lines.at(-1)).toMatchObject({ sheet: 'Users', found: { hidden: { count: 1 } } });
  });
});
