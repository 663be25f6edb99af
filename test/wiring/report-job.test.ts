import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StateError } from '../../src/core/state-error.js';
import { ExtendedLedger } from '../../src/handout/ledger-file.js';
import { openJournalLines } from '../../src/record/journal.js';
import { JOURNAL_VERSION } from '../../src/record/journal-entry.js';
import { ReplacedFile } from '../../src/record/replaced-file.js';
import { AN_ORIGIN, aSettlement, NOON } from '../support/builders.js';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';
import { aKey, anOtpRow, leaveStem } from '../support/stem-files.js';

let lab: Lab;
beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

const NAMES = ['username', 'token_type', 'Abteilung', 'note'];

function leave(): string {
  const rows = ['ann', 'bob', 'cem'].map((username) => ({
    cells: [username, 'otp', 'Recht', `${username}'s`],
    settlement: aSettlement(),
  }));
  const refused = { outcome: 'refused', returnCode: '22002', detail: 'Create the user.' } as const;
  const left = { cells: ['dan', 'otp', 'Vertrieb', 'x'], settlement: aSettlement(refused) };
  const keys = [aKey('ann'), aKey('bob'), aKey('cem', { isTakenBack: true })];
  return leaveStem(lab, { names: NAMES, rows: [...rows, left], keys });
}

async function textOf(...flags: readonly string[]): Promise<string> {
  const ended = await runProgram(['report', lab.path('users.results.csv'), '--text', ...flags]);
  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  return ended.stdout;
}

describe('report', () => {
  it('writes a page beside the results, for whoever wrote them alone, and changes no other file', async () => {
    const results = leave();
    const before = readFileSync(results);
    const ended = await runProgram(['report', results]);
    expect(ended).toEqual({ exitCode: 0, stdout: `Report:  ${lab.path('users.report.html')}\n`, stderr: '' });
    expect(readdirSync(lab.folder).sort()).toEqual(['users.keys.csv', 'users.report.html', 'users.results.csv']);
    expect(readFileSync(results)).toEqual(before);
    expect(statSync(lab.path('users.report.html')).mode & 0o777).toBe(0o600);
  });

  it('that finds no room for its page leaves nothing of it', async () => {
    const finish = vi.spyOn(ReplacedFile.prototype, 'finish').mockImplementation(() => {
      throw new StateError('users.report.html', Object.assign(new Error('no'), { code: 'ENOSPC' }));
    });
    const ended = await runProgram(['report', leave()]);
    finish.mockRestore();
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).toContain("users.report.html can't be written: the disk is full: free some space");
    expect(readdirSync(lab.folder).sort()).toEqual(['users.keys.csv', 'users.results.csv']);
  });

  it('has no key in it, in whatever form', async () => {
    await runProgram(['report', leave()]);
    const page = readFileSync(lab.path('users.report.html'), 'utf8');
    expect(page).toContain('ann');
    expect(page + (await textOf())).not.toContain('KEY-OF');
  });

  it('counts by the column that looks like a department, or by any other', async () => {
    leave();
    expect(await textOf()).toMatch(
      /People by Abteilung\n-+\nRecht\s+3 of 3 with a token\nVertrieb\s+0 of 1 with a token\n/,
    );
    expect(await textOf('--by', 'NOTE')).toContain('People by note');
    const ended = await runProgram(['report', lab.path('users.results.csv'), '--by', 'Amt']);
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).toContain(
      '--by: the results have no column "Amt"; they have: username, token_type, Abteilung, note',
    );
  });

  it("tells keys that wait from those that were handed out, and from those that are nobody's", async () => {
    leave();
    expect(await textOf()).toContain('2 activation keys wait in users.keys.csv.');
    const ledger = await ExtendedLedger.open(lab.path('users.handed-out.csv'));
    const handOut = { at: '2026-02-01T08:00:00.000Z', by: 'mia', file: 'x.csv', sha256: 'ab'.repeat(32) };
    ledger.add({ username: 'ann', savedAt: NOON + 1000, handOut });
    ledger.finish();
    ledger.place();
    const text = await textOf();
    expect(text).toContain(
      '1 activation key waits in users.keys.csv.\n1 activation key was handed out.\n1 OTP token has no activation key here (registered: cem): registered by this',
    );
  });

  it('counts no key as waiting that is older than the send of its row, as keys hands it out to nobody', async () => {
    leaveStem(lab, {
      rows: [anOtpRow('ann'), anOtpRow('bob')],
      keys: [aKey('ann'), aKey('bob', { savedAt: NOON - 7_200_000 })],
    });
    expect(await textOf()).toContain(
      '1 activation key waits in users.keys.csv.\n1 OTP token has no activation key here (registered: bob): registered by this',
    );
    const ended = await runProgram(['keys', lab.path('users.results.csv'), '--json']);
    expect(JSON.parse(ended.stdout)).toMatchObject({ handed_out: 1, withheld: { too_old: 1 } });
  });

  it('says of a run that has not ended what completes it, with the results of before it or none', async () => {
    const command = 'centagate-provision run users.csv --limit 5';
    const run = { type: 'run', version: JOURNAL_VERSION, id: 'x', input: 'users.csv', sha256: '', at: NOON } as const;
    const entry = {
      ...run,
      reading: { encoding: undefined, delimiter: undefined, sheet: undefined, columns: {} },
      signaturesDir: '',
      settings: {},
    };
    lab.file('users.journal', openJournalLines()([{ ...entry, madeBy: { ...AN_ORIGIN, command } }]));
    const ended = await runProgram(['report', lab.path('users.results.csv')]);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain(
      `a run that began at 2026-01-31T12:00:00.250Z is under way or was cut off, and it again (${command}) completes it`,
    );
    leave();
    expect(await textOf()).toMatch(
      /^A run is under way, or was cut off\. Before it: 1 row of 4 is left, of 1\s+person\./,
    );
    expect(await textOf()).toContain(`   ${command}\n`);
  });

  it('refuses what is no results file, with what is meant', async () => {
    for (const path of [lab.file('users.csv', 'username,token_type\nann,otp\n'), lab.path('users.results.csv')]) {
      const ended = await runProgram(['report', path]);
      expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
      expect(ended.stderr).toContain('is no results file, or not there: give the one that a run wrote');
    }
  });

  it('takes results that a spreadsheet has saved, and names the line that it can not take', async () => {
    const path = leaveStem(lab, { rows: [anOtpRow('ann')], keys: [] });
    const text = readFileSync(path, 'utf8');
    lab.file('users.results.csv', text.replace(/2026-01-31T[\d:.]*Z/, '31.01.2026 12:00'));
    expect(await textOf()).toContain('Every row is done');
    lab.file('users.results.csv', text.replace('registered', 'lost'));
    const ended = await runProgram(['report', path]);
    expect(ended.stderr).toContain('users.results.csv:2: outcome: "lost" is not one of');
    expect(existsSync(lab.path('users.report.html'))).toBe(false);
  });
});
