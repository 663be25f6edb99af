import { expect, test } from 'vitest';
import { compareTotals, parseControlText, sumUp, toControlText } from '../../src/manifest/control-totals.js';
import { aHeader, aRowFile } from '../support/builders.js';

const header = aHeader(['username', 'token_type']);
const rows = [
  ['ann', 'otp'],
  ['ann', 'pkcs7'],
  ['bob', 'fob'],
].map((cells, at) => ({ line: at + 2, cells, added: undefined }));

test('control totals count rows, people and types', async () => {
  const totals = await sumUp(aRowFile(rows, header), 'ab', () => 0.5);
  expect(totals).toMatchObject({ sha256: 'ab', rows: 3, people: 2, otp: 1, pki: 1, other: 1 });
  const text = toControlText(totals);
  expect(text).toMatch(/^sha256 ab\nrows 3\npeople 2\notp 1\npki 1\nother 1\nhash_total \d+\n$/);
  expect(compareTotals(totals, parseControlText(text.replaceAll('\n', '\r\n')) ?? {})).toEqual([]);
  expect(compareTotals(totals, { rows: '4', sha256: 'ab' })).toEqual(['rows is 3, and not 4']);
});

test.each(['', 'rows 3\n', 'sha256 ab\nrows 3\npeople 2\notp 1\npki 1\nother 1\nhash_total 1 2\n'])(
  'what is no such text is not taken for one: %j',
  (text) => {
    expect(parseControlText(text)).toBeUndefined();
  },
);
