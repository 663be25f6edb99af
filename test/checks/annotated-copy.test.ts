import { chmodSync, linkSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab } from '../support/lab.js';
import { runProgram } from '../support/program.js';
import type { Ended } from '../support/program.js';
import { runs } from '../support/suite.js';

let lab: Lab;
beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

function inLab(name: string): string {
  return join(lab.folder, name);
}

function annotate(from: string, to: string, ...words: string[]): Promise<Ended> {
  return runProgram(['validate', inLab(from), '--annotate', inLab(to), ...words]);
}

describe('an annotated copy', () => {
  it('has the encoding, the delimiter and the line ends of the input, and is for its owner alone', async () => {
    const text = 'username;token_type;note\r\nMüller;card;"a;b – €"\r\n';
    writeFileSync(inLab('users.csv'), iconv.encode(text, 'windows-1252'));
    const { exitCode } = await annotate('users.csv', 'out.csv', '--encoding', 'windows-1252');
    expect(exitCode).toBe(1);
    expect(iconv.decode(readFileSync(inLab('out.csv')), 'windows-1252')).toBe(
      `problem;username;token_type;note\r\n"error: token_type ""card"" is not known: write otp or pki";Müller;card;"a;b – €"\r\n`,
    );
    expect(statSync(inLab('out.csv')).mode & 0o777).toBe(0o600);
  });

  it('has the rows of a failed file with their added columns, in the order of that file', async () => {
    const added = 'line,outcome,retry,return_code,message,http_status,attempts,sent_at,latency_ms,detail';
    const tail = 'refused,fix,22002,no,200,1,2026-01-01T00:00:00.000Z,3,why';
    writeFileSync(inLab('users.results.csv'), `username,token_type,${added}\na,otp,2,${tail}\nb,otp,3,${tail}\n`);
    writeFileSync(inLab('users.failed.csv'), `username,token_type,${added}\nb,card,3,${tail}\na,otp,2,${tail}\n`);
    await annotate('users.failed.csv', 'out.csv');
    const problem = '"error: token_type ""card"" is not known: write otp or pki"';
    expect(readFileSync(inLab('out.csv'), 'utf8')).toBe(
      `problem,username,token_type,${added}\n${problem},b,card,3,${tail}\n,a,otp,2,${tail}\n`,
    );
  });

  it.each([
    ['itself', 'users.csv'],
    ['a link to it', 'link.csv'],
    ['its other name', 'same.csv'],
    ['the results of its runs', 'users.results.csv'],
    ['their keys', 'users.keys.csv'],
  ])('never takes the place of the input: %s', async (_, name) => {
    writeFileSync(inLab('users.csv'), 'username,token_type\nann,otp\n');
    symlinkSync('users.csv', inLab('link.csv'));
    linkSync(inLab('users.csv'), inLab('same.csv'));
    const { exitCode, stderr } = await annotate('users.csv', name);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is not to be replaced');
    expect(readFileSync(inLab('users.csv'), 'utf8')).toBe('username,token_type\nann,otp\n');
  });

  it('is not written when the input breaks, and leaves nothing behind', async () => {
    writeFileSync(inLab('users.csv'), 'username,token_type\nann,card\n"ben,otp\n');
    const { exitCode, stderr } = await annotate('users.csv', 'out.csv');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('No annotated copy was written');
    expect(readdirSync(lab.folder)).toEqual(['users.csv']);
  });

  it('that can not be written is wrong usage, said before anything is read', async () => {
    writeFileSync(inLab('users.csv'), 'username,token_type\nann,otp\n');
    const { exitCode, stderr } = await annotate('users.csv', 'nowhere/out.csv');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('the folder does not exist');
    chmodSync(lab.folder, 0o700);
  });

  it('of a copy has its column once, and the cells of the first input', async () => {
    const cell = fc.oneof(
      fc.constantFrom('', ' ', 'a,b', 'q"q', 'x\r\ny', '=1', ' otp', 'otp', 'card'),
      fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')),
    );
    const row = fc.oneof(fc.tuple(cell, cell, cell), fc.array(cell, { minLength: 2, maxLength: 5 }));
    const table = fc
      .array(row, { maxLength: 8 })
      .map((rows) => rows.filter((cells) => cells.some((text) => text.trim() !== '')));
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom(',', ';', '\t', '|'), async (rows, delimiter) => {
        const records = [['username', 'token_type', 'note'], ...rows];
        writeFileSync(inLab('users.csv'), stringify(records, { delimiter, quoted: true }));
        const { stdout } = await annotate('users.csv', 'once.csv', '--json');
        await annotate('once.csv', 'twice.csv');
        const [once, twice] = ['once.csv', 'twice.csv'].map((name): string[][] =>
          parse(readFileSync(inLab(name)), { delimiter, relax_column_count: true, bom: true }),
        );
        expect(once?.map((cells) => cells.slice(1))).toEqual(records);
        expect(twice?.map((cells) => cells.slice(1))).toEqual(records);
        const found = stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as { type: string; line?: number })
          .filter(({ type, line }) => type === 'problem' && line !== undefined);
        const withProblems = once?.slice(1).filter(([problem]) => problem !== '').length;
        expect(withProblems).toBe(new Set(found.map(({ line }) => line)).size);
      }),
      runs(60),
    );
  });
});
