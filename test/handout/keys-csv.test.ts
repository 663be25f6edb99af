import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { startsFormula } from '../../src/core/safe-text.js';
import { UsageError } from '../../src/core/usage-error.js';
import { chooseColumns, openKeysCsv } from '../../src/handout/keys-csv.js';
import type { HandedKey } from '../../src/handout/hand-out.js';
import { PLAIN_DIALECT } from '../../src/input/dialect.js';
import { openTextEncoding } from '../../src/record/text-encoding.js';
import type { Encoding } from '../../src/input/encoding.js';
import { aHeader, anyText } from '../support/builders.js';
import { Sink } from '../support/sink.js';
import { runs } from '../support/suite.js';

const HEADER = aHeader(['User Name', 'token_type', 'Abteilung', 'Name, Vorname']);
const HANDED: HandedKey = {
  username: 'ann',
  key: 'AB12-CD34',
  registeredAt: '2026-01-31T12:00:00.250Z',
  written: '',
  cells: ['ann', 'otp', 'Sales', 'Lee, Ann'],
};

async function write(
  keys: readonly Partial<HandedKey>[],
  columns = [0, 2],
  encoding: Encoding = 'utf-8',
): Promise<string[][]> {
  const sink = new Sink();
  const format = { ...PLAIN_DIALECT, ...(await openTextEncoding(encoding)) };
  const writer = openKeysCsv(sink, { header: HEADER, columns, salt: 'SALT', format });
  for (const key of keys) writer.write({ ...HANDED, ...key });
  expect(writer.finish()).toBe('digest');
  return parse(new TextDecoder(encoding).decode(sink.bytes), { relax_column_count: true });
}

describe('the CSV of keys', () => {
  it('has the columns that were chosen, under their own names, and the key behind them', async () => {
    expect(await write([{}], [3, 0])).toEqual([
      ['Name, Vorname', 'User Name', 'key', 'registered_at', 'written', 'salt'],
      ['Lee, Ann', 'ann', 'AB12-CD34', '2026-01-31T12:00:00.250Z', '', 'SALT'],
    ]);
  });

  it('says how a key is written that did not come as plain text', async () => {
    const [, row = []] = await write([{ key: '"a\\u0000"', written: 'key as JSON' }]);
    expect(row.slice(2, 5)).toEqual(['"a\\u0000"', '2026-01-31T12:00:00.250Z', 'key as JSON']);
  });

  it.each(['=1+1', '+46', '-2', '@x', 'a;=b', ' =x'])('guards %j against spreadsheets, and says so', async (key) => {
    const [, row = []] = await write([{ key }]);
    expect(row[2]).toBe(key.replace(/(^|;)(?=\s*[=+\-@])/, "$1'"));
    expect(row[4]).toBe("key guarded: a ' before = + - or @ is not of it");
  });

  it('escapes what can not be shown or what the encoding lacks, and says so', async () => {
    const [, hidden = []] = await write([{ key: 'a\u202eb' }]);
    expect([hidden[2], hidden[4]]).toEqual([
      String.raw`a\u202eb`,
      String.raw`key escaped: \x.. and \u.... stand for what can't be shown`,
    ]);
    const [, lacking = []] = await write([{ key: 'a漢b' }], [0], 'windows-1252');
    expect([lacking[1], lacking[3]?.startsWith('key escaped')]).toEqual([String.raw`a\u6f22b`, true]);
  });

  it('drives no spreadsheet with any key, and alters none without saying so', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (key) => {
        const [, row = []] = await write([{ key }]);
        expect(startsFormula(row[2] ?? '')).toBe(false);
        expect(row[2] === key).toBe(row[4] === '');
      }),
      runs(200),
    );
  });
});

describe('the columns', () => {
  it('are all, where none is named', () => {
    expect(chooseColumns(HEADER, [])).toEqual([0, 1, 2, 3]);
  });

  it('are known by the name in the file or by ours, one by one or with commas', () => {
    expect(chooseColumns(HEADER, ['abteilung,username'])).toEqual([2, 0]);
    expect(chooseColumns(HEADER, ['Abteilung', 'user_name'])).toEqual([2, 0]);
    expect(chooseColumns(HEADER, ['Name, Vorname'])).toEqual([3]);
  });

  it('must be there', () => {
    expect(() => chooseColumns(HEADER, ['Abteilung,Ort'])).toThrow(
      new UsageError([
        '--columns: the input has no column "Ort"; it has: User Name, token_type, Abteilung, Name, Vorname',
      ]),
    );
  });

  it('must not be called as those of the keys', () => {
    const header = aHeader(['username', 'token_type', 'KEY']);
    expect(() => chooseColumns(header, [])).toThrow(
      'the input has a column KEY, which is what a column of the keys is called',
    );
    expect(chooseColumns(header, ['username'])).toEqual([0]);
  });
});
