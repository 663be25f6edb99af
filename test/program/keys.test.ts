/** The command that hands out keys, from its words to its files. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toRunReport } from '../../src/report/run-report.js';
import { toSummaryText } from '../../src/record/summary-file.js';
import { Openssl } from '../simulator/openssl.js';
import { anEndedRun } from '../support/builders.js';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';
import { expectSchema } from '../support/schemas.js';
import { aKey, anOtpRow, leaveStem } from '../support/stem-files.js';

let lab: Lab;
beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

function keys(...words: readonly string[]): Promise<Ended> {
  return runProgram(['keys', lab.path('users.results.csv'), ...words]);
}

function read(name: string): Record<string, string>[] {
  return parse(readFileSync(lab.path(name)), { columns: true });
}

/** Two people with a key, one whose row is refused. */
function leaveThree(): void {
  leaveStem(lab, {
    names: ['username', 'token_type', 'Name', 'Abteilung'],
    rows: [
      { cells: ['ann', 'otp', 'Ann Lee', 'Sales'] },
      { cells: ['ben', 'otp', 'Ben', 'HR'] },
      { cells: ['cy', 'otp', 'Cy', 'HR'], settlement: { outcome: 'key_lost' } },
    ],
    keys: ['cy', 'ben', 'ann'].map((username) => aKey(username)),
  });
}

describe('keys', () => {
  it('hands out each key once, for its owner alone', async () => {
    leaveThree();
    const { exitCode, stdout } = await keys();
    expect([exitCode, stdout.split('\n').slice(-4, -3)]).toEqual([0, ['2 keys handed out']]);
    expect(stdout).toContain('not_registered: cy (key_lost)');
    expect(read('users.hand-out-1.csv').map(({ username, Abteilung, key }) => [username, Abteilung, key])).toEqual([
      ['ann', 'Sales', 'KEY-OF-ANN'],
      ['ben', 'HR', 'KEY-OF-BEN'],
    ]);
    const modes = ['users.hand-out-1.csv', 'users.handed-out.csv'].map((name) => statSync(lab.path(name)).mode & 0o777);
    expect(modes).toEqual([0o600, 0o600]);
    const again = await keys('--json');
    expectSchema('keys.schema.json', JSON.parse(again.stdout));
    expect(JSON.parse(again.stdout)).toMatchObject({ file: null, handed_out: 0, handed_out_before: 2, exit_code: 0 });
    expect(existsSync(lab.path('users.lock'))).toBe(false);
  });

  it('gives one user theirs once more, and notes it', async () => {
    leaveThree();
    await keys('--to', lab.path('a.csv'));
    const { exitCode } = await keys('--again', 'ben', '--columns', 'name', '--to', lab.path('b.csv'));
    expect([exitCode, read('b.csv').map(({ Name, key }) => [Name, key])]).toEqual([0, [['Ben', 'KEY-OF-BEN']]]);
    expect(read('users.handed-out.csv').map(({ username, file }) => [username, file])).toEqual([
      ['ben', 'a.csv'],
      ['ann', 'a.csv'],
      ['ben', 'b.csv'],
    ]);
    const lost = await keys('--again', 'cy', '--json');
    expectSchema('keys.schema.json', JSON.parse(lost.stdout));
    expect(JSON.parse(lost.stdout)).toMatchObject({
      withheld_keys: [{ username: 'cy', reason: 'not_registered', outcome: 'key_lost' }],
    });
    expect(await keys('--again', 'dan')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('has no OTP row of "dan"') as string,
    });
  });

  it.each([
    ['key_lost', 'unregister the token there'],
    ['refused', "Read the row's message and detail"],
    ['not_sent', 'Rerun.'],
  ] as const)('says of a user without a key that their row is %s, and what to do', async (outcome, remedy) => {
    leaveStem(lab, { rows: [{ cells: ['ann', 'otp'], settlement: { outcome } }], keys: [] });
    const { exitCode, stderr } = await keys('--again', 'ann');
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining(`users.results.csv is not registered (${outcome}: `),
    ]);
    expect(stderr).toContain(remedy);
    expect(stderr).not.toContain('no OTP row');
  });

  it('is in the encoding and the dialect of the input', async () => {
    leaveStem(lab, {
      names: ['username', 'token_type', 'Name'],
      rows: [{ cells: ['ann', 'otp', 'Müller; €'] }],
      keys: [aKey('ann')],
    });
    const text = readFileSync(lab.path('users.results.csv'), 'utf8');
    const records: string[][] = parse(text);
    const cells = records.map((record) => record.map((cell) => (cell.includes(';') ? `"${cell}"` : cell)).join(';'));
    writeFileSync(lab.path('users.results.csv'), iconv.encode(`${cells.join('\r\n')}\r\n`, 'windows-1252'));
    const report = toRunReport(anEndedRun({ encoding: 'windows-1252', columns: {} }));
    lab.file('users.summary.json', toSummaryText(report));
    const handedOut = await keys('--columns', 'Name,username', '--json');
    expect(handedOut.exitCode).toBe(0);
    expectSchema('keys.schema.json', JSON.parse(handedOut.stdout));
    const decoded = iconv.decode(readFileSync(lab.path('users.hand-out-1.csv')), 'windows-1252');
    expect(decoded.split('\r\n').slice(0, 2)).toEqual([
      'Name;username;key;registered_at;written;salt',
      expect.stringMatching(/^"Müller; €";ann;KEY-OF-ANN;2026-01-31T12:00:01.250Z;;[\w-]{22}$/),
    ]);
  });

  it('writes letters, one page a person, from a template of your own', async () => {
    leaveThree();
    const body = '<!-- letter --><p>{{Name}}, {{Abteilung}}: {{key}}{{qr}}</p><!-- /letter -->';
    const template = lab.file('letter.html', `<meta charset="utf-8">${body}`);
    const path = lab.path('letters.html');
    expect(await keys('--letters', path, '--template', template, '--qr')).toMatchObject({ exitCode: 0 });
    const text = readFileSync(path, 'utf8');
    expect(text.match(/<p>[^<]*<svg/g)).toEqual(['<p>Ann Lee, Sales: KEY-OF-ANN<svg', '<p>Ben, HR: KEY-OF-BEN<svg']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(text).not.toContain('otpauth');
    const plain = await keys('--again', 'ann', '--letters', lab.path('ann.html'));
    expect([plain.exitCode, readFileSync(lab.path('ann.html'), 'utf8')]).toEqual([
      0,
      expect.stringContaining('<dd class="key">KEY-OF-ANN</dd>'),
    ]);
  });

  it.each([
    [['--template', 'x.html'], '--template is for letters: give --letters with it'],
    [['--qr'], '--qr is for letters: give --letters with it'],
    [['--letters', 'a.html', '--to', 'b.csv'], '--letters and --to name two files'],
    [['--letters', 'a.html', '--columns', 'Name'], '--columns is for a CSV'],
    [['--letters', 'a.html', '--template', '/nowhere/x.html'], '--template: /nowhere/x.html does not exist'],
    [['--encrypt-to', import.meta.filename], 'has no certificate: give it as PEM'],
  ])('says what can not be meant by %j', async (words, message) => {
    leaveThree();
    expect(await keys(...words)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(message) as string });
  });

  it('encrypts for several people, each of whom can read it, and leaves no key in plain', async () => {
    leaveThree();
    const openssl = new Openssl();
    try {
      const owners = [openssl.makeOwner('rsa'), openssl.makeOwner('ec-p256')];
      const words = owners.flatMap(({ cert }) => ['--encrypt-to', cert]);
      expect(await keys(...words)).toMatchObject({ exitCode: 0 });
      const path = lab.path('users.hand-out-1.csv.p7m');
      for (const owner of owners) expect(openssl.decrypt(owner, path)).toContain('ben,otp,Ben,HR,KEY-OF-BEN,');
      const others = readdirSync(lab.folder).filter((name) => name !== 'users.keys.csv');
      for (const name of others) expect(readFileSync(lab.path(name)).includes('KEY-OF')).toBe(false);
      expect(read('users.handed-out.csv')[0]?.['sha256']).toBe(
        createHash('sha256').update(readFileSync(path)).digest('hex'),
      );
    } finally {
      openssl.remove();
    }
  });

  it('ends with 1 where a registered row goes without its key', async () => {
    leaveStem(lab, { rows: [anOtpRow('ann'), anOtpRow('ben')], keys: [aKey('ann')] });
    expect(await keys()).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('no_key: ben') as string });
  });

  it.each([
    ['of a run that was cut off', 'users.journal', /users\.journal is there: a run is under way, or was cut off/],
    ['over a file that is there', 'users.hand-out-1.csv', /users\.hand-out-1\.csv is there already, and may hold keys/],
    ['beside a run', 'users.lock', /another run holds this input/],
  ])('hands out nothing %s', async (_, name, message) => {
    leaveThree();
    lab.file(name, '');
    const before = readdirSync(lab.folder);
    const { exitCode, stderr } = await keys();
    expect([exitCode === 2 || exitCode === 5, stderr]).toEqual([true, expect.stringMatching(message)]);
    expect(readdirSync(lab.folder)).toEqual(before);
  });

  it('takes the place of no file that a run left, and of no other', async () => {
    leaveThree();
    for (const name of ['users.keys.csv', 'users.results.csv', 'users.summary.json', 'users.handed-out.csv']) {
      expect(await keys('--to', lab.path(name))).toMatchObject({ exitCode: 2, stdout: '' });
    }
    expect(readdirSync(lab.folder).sort()).toEqual(['users.keys.csv', 'users.results.csv']);
  });

  it('asks for the results of a run', async () => {
    lab.file('users.csv', 'username,token_type\nann,otp\n');
    const { exitCode, stderr } = await runProgram(['keys', lab.path('users.csv')]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('users.csv is no results file')]);
  });

  it('takes no failed file for them, in which nobody has a key', async () => {
    leaveThree();
    const failed = lab.path('users.failed.csv');
    copyFileSync(lab.path('users.results.csv'), failed);
    const { exitCode, stdout, stderr } = await runProgram(['keys', failed]);
    expect([exitCode, stdout, stderr]).toEqual([2, '', expect.stringContaining('users.failed.csv is no results file')]);
  });
});
