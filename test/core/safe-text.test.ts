import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guardCell, showLines, showName, showText, startsFormula } from '../../src/core/safe-text.js';
import { anyUnits } from '../support/builders.js';

/** Written by their numbers, so that no editor hides or mends them. */
const HIGH = String.fromCharCode(0xd83d);
const LOW = String.fromCharCode(0xde00);
const EMOJI = `${HIGH}${LOW}`;

describe('shown text', () => {
  test.each([
    ['plain', 'plain'],
    ['', ''],
    ['Grüße, Ωmega, 日本語', 'Grüße, Ωmega, 日本語'],
    ['a\u001b[2Jb', 'a\\x1b[2Jb'],
    ['a\nb\r\tc', 'a\\x0ab\\x0d\\x09c'],
    ['\u0000\u0007\u007f', '\\x00\\x07\\x7f'],
    ['\u0080\u009b31m', '\\x80\\x9b31m'],
    ['a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
    ['\u202egnp.exe\u202c', '\\u202egnp.exe\\u202c'],
    ['\u061c\u200e\u200f', '\\u061c\\u200e\\u200f'],
    ['\u202a\u202b\u202d', '\\u202a\\u202b\\u202d'],
    ['\u2066\u2067\u2068\u2069', '\\u2066\\u2067\\u2068\\u2069'],
    ['\ufeffname', '\\ufeffname'],
    ['\ufff9a\ufffab\ufffb', '\\ufff9a\\ufffab\\ufffb'],
  ])('%j drives no terminal: %s', (text, shown) => {
    expect(showText(text)).toBe(shown);
  });

  test.each([0xad, 0x115f, 0x1160, 0x180e, 0x200b, 0x2060, 0x2064, 0x206f, 0x3164, 0xffa0, 0x1d173, 0xe0041])(
    'a character that is drawn as nothing is shown by its number: %i',
    (code) => {
      const hex = code.toString(16);
      const shown = code < 0x100 ? `\\x${hex}` : code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
      expect(showText(`a${String.fromCodePoint(code)}n`)).toBe(`a${shown}n`);
    },
  );

  test.each(['می\u200cخواهم', 'क्\u200dष', '葛\u{e0100}', 'ᠠ\u180b'])(
    '%s has marks that shape its letters, and stays',
    (text) => {
      expect(showText(text)).toBe(text);
    },
  );

  test.each([EMOJI, '👩‍🚀', '🇲🇾', '❤️', '𝒜'])('%s is a whole character and stays', (text) => {
    expect(showText(text)).toBe(text);
  });

  test('half a surrogate pair is shown by its number', () => {
    expect(showText(`a${HIGH}b`)).toBe('a\\ud83db');
    expect(showText(`${LOW}${HIGH}`)).toBe('\\ude00\\ud83d');
    expect(showText(`${HIGH}${EMOJI}`)).toBe(`\\ud83d${EMOJI}`);
  });

  test.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdefg', 6, 'abcde…'],
    [`abcd${EMOJI}`, 6, `abcd${EMOJI}`],
    [`abcd${EMOJI}f`, 6, 'abcd…'],
    [`abc${EMOJI}fg`, 6, `abc${EMOJI}…`],
    [`abcde${EMOJI}`, 6, 'abcde…'],
    [`abcdef${EMOJI}`, 6, 'abcde…'],
    ['\n\n', 6, '\\x0a\\…'],
  ])('%j is cut to %d characters, and no pair is split: %s', (text, maxLength, shown) => {
    expect(showText(text, maxLength)).toBe(shown);
  });

  test('is 120 characters long at most when nothing else is asked for', () => {
    expect(showText('x'.repeat(120))).toBe('x'.repeat(120));
    expect(showText('x'.repeat(121))).toBe(`${'x'.repeat(119)}…`);
  });

  test('holds nothing that drives a terminal, and is never longer than it may be', () => {
    fc.assert(
      fc.property(anyUnits, fc.integer({ min: 1, max: 300 }), (text, maxLength) => {
        const shown = showText(text, maxLength);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect(shown.length).toBeLessThanOrEqual(maxLength);
      }),
    );
  });
});

const FORMULAS = ['=1+1', '+46701', '-2', '@SUM(A1)', '＝1', '＋1', '－1', '＠x', ' =1', '\u00a0=1'];
const TEXTS = ['', 'a=1', "'=1", '1-2', 'ann@example.com', '#N/A', '\\x09=1', '5'];

describe('what a spreadsheet takes for a formula', () => {
  test.each([...FORMULAS, '\tx', '\rx', ' \t=1'])('%j', (text) => {
    expect(startsFormula(text)).toBe(true);
  });

  test.each(TEXTS)('is not %j', (text) => {
    expect(startsFormula(text)).toBe(false);
  });
});

describe('a guarded cell', () => {
  test.each(FORMULAS)('%j gets a quote in front', (text) => {
    expect(guardCell(text)).toBe(`'${text}`);
  });

  test.each(TEXTS)('%j stays as it is', (text) => {
    expect(guardCell(text)).toBe(text);
  });

  test.each([
    ['\t=1', '\\x09=1'],
    ['\r=1', '\\x0d=1'],
    ['=1\n+2', "'=1\\x0a+2"],
    ['failed;=cmd()', "failed;'=cmd()"],
    ['a; +1;b;-2', "a;' +1;b;'-2"],
    ['a;b', 'a;b'],
    ['a;', 'a;'],
  ])('%j is %j', (text, guarded) => {
    expect(guardCell(text)).toBe(guarded);
  });

  test('is 500 characters long at most, its quote among them', () => {
    expect(guardCell('x'.repeat(501))).toBe(`${'x'.repeat(499)}…`);
    expect(guardCell('='.repeat(500))).toBe(`'${'='.repeat(498)}…`);
    expect(guardCell('=123456789', 10)).toBe("'=1234567…");
  });

  test('is guarded again by every rerun, and stays what it is', () => {
    const text = fc.oneof(
      anyUnits,
      fc.string(),
      fc
        .array(fc.constantFrom('=', '-', ';', ' ', '\t', "'", 'x', EMOJI, HIGH), { maxLength: 30 })
        .map((p) => p.join('')),
    );
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 40 }), (cell, maxLength) => {
        const guarded = guardCell(cell, maxLength);
        expect(guardCell(guarded, maxLength)).toBe(guarded);
        expect(guarded.length).toBeLessThanOrEqual(maxLength);
        expect(guarded.split(';').filter(startsFormula)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the name of a file in a sentence', () => {
  test.each([
    ['users.csv', 'users.csv'],
    ['/srv/Müller/2026-01.csv', '/srv/Müller/2026-01.csv'],
    [String.raw`C:\data\users.csv`, String.raw`C:\data\users.csv`],
    ['my users.csv', '"my users.csv"'],
    ['users.csv; rm -rf ~', '"users.csv; rm -rf ~"'],
    ['a\u001b[2J.csv', String.raw`"a\x1b[2J.csv"`],
    ['a"b.csv', String.raw`"a\"b.csv"`],
    ['$(id).csv', '"$(id).csv"'],
    ['', '""'],
  ])('%j is shown as %s', (name, shown) => {
    expect(showName(name)).toBe(shown);
  });

  test('holds nothing that a terminal would obey, whatever it is', () => {
    fc.assert(
      fc.property(anyUnits, (name) => {
        expect(showText(showName(name), Infinity)).toBe(showName(name));
      }),
    );
  });
});

test('a text in lines keeps them, and nothing else that moves a terminal', () => {
  expect(showLines('one\ntwo\u001b[2J\r\nthree')).toBe('one\ntwo\\x1b[2J\\x0d\nthree');
  expect(showLines('x'.repeat(3000))).toHaveLength(2000);
});

test('a cell has no formula behind a comma either, when it is saved with those', () => {
  expect(guardCell('a,=1')).toBe("a,'=1");
  expect(guardCell(guardCell('a, =1;+2'))).toBe(guardCell('a, =1;+2'));
});
