import { describe, expect, test } from 'vitest';
import type { UsedCells } from '../../src/input/correction.js';
import { cellWarnings, changeWarning } from '../../src/plan/plan-warning.js';
import { aHeader, OWN_NAMES, someCells } from '../support/builders.js';

const HEADER = aHeader();

function warningsOf(changes: Partial<UsedCells>): string[] {
  return cellWarnings(HEADER, { line: 7, cells: someCells(changes) }).map(({ kind, line, text }) => {
    expect(line).toBe(7);
    return `${kind}: ${text}`;
  });
}

describe('the own cells of a row', () => {
  test('are no warning when all is well', () => {
    expect(warningsOf({})).toEqual([]);
    expect(warningsOf({ token_type: 'otp', signature_path: '', status: '' })).toEqual([]);
  });

  test.each(['otp', 'OTP', 'otp-offline', ' otp '])(
    'that an OTP row (%j) has no need of are ignored, once',
    (tokenType) => {
      expect(warningsOf({ token_type: tokenType, algorithm: '1' })).toEqual([
        'ignored_cells: an OTP row needs no signature_path, status, algorithm: ignored',
      ]);
      expect(warningsOf({ token_type: tokenType, signature_path: '' })).toEqual([
        'ignored_cells: an OTP row needs no status: ignored',
      ]);
    },
  );

  test.each(['pki', 'cert', '', 'otpx', 'sms'])('of token type %j are not', (tokenType) => {
    expect(warningsOf({ token_type: tokenType })).toEqual([]);
  });

  test.each(['#ann', '//ann'])('that begin as comments do are told of: %s', (username) => {
    const [warning] = cellWarnings(aHeader(['username', 'token_type']), { line: 2, cells: [username, 'otp'] });
    expect(warning?.text).toBe(
      `username "${username}" begins as a comment does, and a CSV has none: take the line away if it is one`,
    );
  });

  test('that a spreadsheet may have changed are told with what to do', () => {
    const row = { line: 7, cells: someCells(), mangled: ['username 43 is a number', 'status 1 is a date'] };
    expect(cellWarnings(HEADER, row)).toEqual([
      {
        kind: 'mangled',
        line: 7,
        text: 'username 43 is a number; status 1 is a date: if that is not what was typed, format the column as text and type it again',
      },
    ]);
  });

  test.each(['=1+1', '+46701+x', '-cmd', '@x', '\t=1', ' =1', 'a,=1', 'a; =1', '1,2,@x', '+60 12,=1', 'a；b,＝1'])(
    'that look like a formula come back as they are: %j',
    (cell) => {
      expect(warningsOf({ username: cell })).toContain(
        'formula: column username holds what a spreadsheet takes for a formula: it comes back as it is',
      );
    },
  );

  test.each([
    '+49 69 1234-5',
    '+46701',
    '-2',
    '-1.5',
    '+49 (0)69/1234',
    '-',
    'ext. 5, +60 12',
    '-1,5;-2',
    'a-b',
    'b@c.example,d@c.example',
  ])('that are a phone number or another one are no formula: %j', (note) => {
    const header = aHeader([...OWN_NAMES, 'Phone']);
    expect(cellWarnings(header, { line: 2, cells: [...someCells(), note] })).toEqual([]);
  });

  test.each([' ann', 'ann ', ' ann\n', '\u00a0ann', '\ufeffann', '\u3000ann'])(
    'that say the user with blanks around are trimmed: %j',
    (username) => {
      expect(warningsOf({ username })).toEqual(['trimmed: username has blanks around it: "ann" is sent']);
    },
  );

  test.each(['ann', 'a b', '', ' '])('that say it without are not: %j', (username) => {
    expect(warningsOf({ username })).toEqual([]);
  });

  test('are warned of in a column that we do not read, too, once a row and by its name', () => {
    const header = aHeader([...OWN_NAMES, 'Phone\u001b No', 'Mobile']);
    const [warning, ...more] = cellWarnings(header, { line: 2, cells: [...someCells(), '=46701', '=46702'] });
    expect(warning).toMatchObject({ once: 'Phone\\x1b No' });
    expect(warning?.text).toContain('column Phone\\x1b No holds');
    expect(more).toEqual([]);
  });

  test('can be a warning of every kind', () => {
    expect(warningsOf({ username: ' ann', token_type: 'otp', status: '=2' })).toHaveLength(3);
  });
});

describe('a row whose history was made with another', () => {
  const change = (before: Partial<UsedCells>, now: Partial<UsedCells>) =>
    changeWarning({ header: HEADER, cells: someCells(before) }, { header: HEADER, cells: someCells(now), line: 5 });

  test.each<[string, Partial<UsedCells>]>([
    ['signature_path', { signature_path: 'new.p7s' }],
    ['status', { status: '1' }],
    ['signature_path and status', { signature_path: 'new.p7s', status: '1' }],
  ])('%s is warned of', (columns, now) => {
    expect(change({}, now)).toEqual({
      kind: 'changed_cells',
      line: 5,
      text: `${columns} of ann changed since an earlier run`,
    });
  });

  test.each<[string, Partial<UsedCells>]>([
    ['nothing', {}],
    ['blank', { status: ' 2 ' }],
    ['algorithm', { algorithm: '1' }],
    ['username', { username: 'bob' }],
  ])('%s is not', (_, now) => {
    expect(change({}, now)).toBeUndefined();
  });

  test('order of columns is not', () => {
    const header = aHeader(['status', 'signature_path', 'token_type', 'username']);
    const before = { header, cells: ['2', 'ann.p7s', 'pki', 'ann'] };
    expect(changeWarning(before, { header: HEADER, cells: someCells(), line: 5 })).toBeUndefined();
  });

  test('shows the user without what drives a terminal', () => {
    expect(change({}, { username: `\u001b${'x'.repeat(90)}`, status: '1' })?.text).toMatch(
      /^status of \\x1bx{55}… changed/,
    );
  });
});
