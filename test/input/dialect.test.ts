import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isKnownColumn } from '../../src/input/column.js';
import { DELIMITERS, joinDialects, parseDelimiter, PLAIN_DIALECT, recogniseShape } from '../../src/input/dialect.js';
import type { Delimiter, Dialect, TextShape } from '../../src/input/dialect.js';

function shapeOf(head: string, given?: Delimiter): TextShape {
  const shape = recogniseShape(head, given, isKnownColumn);
  if ('problem' in shape) throw new Error(shape.problem);
  return shape;
}

describe('the delimiter', () => {
  test.each<[string, Delimiter]>([
    ['username,token_type\nann,otp\n', ','],
    ['username;token_type\n', ';'],
    ['username\ttoken_type\n', '\t'],
    ['username|token_type', '|'],
    // The known names decide, not the number of marks.
    ['username;token_type;"a,b,c,d"\n', ';'],
    ['username;token_type;a,b,c,d\n', ';'],
    ['a,b,c;username;token_type', ';'],
    ['"User ""the"" name";token_type', ';'],
    ['"user;name",token_type', ','],
    ['"a\n;;;;\nb",username,token_type\n', ','],
    // Where no name is known, the number does.
    ['Anmeldename;Art;Datei', ';'],
    ['login\ttype\tnote, if any', '\t'],
    ['\n \r\n\nusername;token_type', ';'],
    ['username', ','],
    ['', ','],
    ['"never closed;username', ','],
  ])('of %j is %j', (head, delimiter) => {
    expect(shapeOf(head).delimiter).toBe(delimiter);
  });

  test('is what the operator says, whatever the header shows', () => {
    expect(shapeOf('username;token_type\n', ',').delimiter).toBe(',');
    expect(shapeOf('sep=;\nusername;token_type\n', '\t')).toMatchObject({ delimiter: '\t', hasSeparatorLine: true });
  });

  test('is found for any names around the known ones, however they are quoted', () => {
    const name = fc.string({ unit: fc.constantFrom('a', ',', ';', '\t', '|', '"', '\n', ' '), maxLength: 8 });
    // Object.keys loses the names, which are all there.
    const delimiter = fc.constantFrom(...(Object.keys(DELIMITERS) as Delimiter[]));
    fc.assert(
      fc.property(fc.array(name), fc.array(name), delimiter, (before, after, between) => {
        const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
        const names = [...before.map(quoted), 'username', 'token_type', ...after.map(quoted)];
        expect(shapeOf(`${names.join(between)}\nann`).delimiter).toBe(between);
      }),
    );
  });
});

describe('a line sep=', () => {
  test.each<[string, Delimiter]>([
    ['sep=;\nusername;token_type', ';'],
    ['SEP=,\r\nusername,token_type', ','],
    ['sep=\t\rusername\ttoken_type', '\t'],
    ['"sep=|"\nusername|token_type', '|'],
    // It says how the file is to be read, also where the header looks otherwise.
    ['sep=,\nusername;token_type', ','],
  ])('%j names %j', (head, delimiter) => {
    expect(shapeOf(head)).toMatchObject({ delimiter, hasSeparatorLine: true });
  });

  test('that names what is no delimiter is refused with what to do', () => {
    expect(recogniseShape('sep=^\nusername^token_type\n', undefined, isKnownColumn)).toEqual({
      problem: 'the line sep=… names a delimiter that is not known: use , ; tab or |, or give --delimiter',
    });
    expect(shapeOf('sep=^\nusername;token_type\n', ';')).toMatchObject({ delimiter: ';', hasSeparatorLine: true });
  });

  test.each(['username,sep=;\n', '\nsep=;\nusername', 'sep=;,username,token_type\n', 'sep=\nusername'])(
    'is only that, and the first: not %j',
    (head) => {
      expect(shapeOf(head).hasSeparatorLine).toBe(false);
    },
  );
});

test.each([
  ['username,token_type\nann', '\n'],
  ['username,token_type\r\nann\n', '\r\n'],
  ['username,token_type\rann\n', '\r'],
  ['"user\r\nname",token_type\nann\r\n', '\n'],
  ['sep=;\r\nusername;token_type\nann', '\n'],
  ['\n\nusername,token_type\r\n', '\r\n'],
  ['username,token_type', '\n'],
])('the line end is that of the header: of %j it is %j', (head, lineEnd) => {
  expect(shapeOf(head).lineEnd).toBe(lineEnd);
});

test.each([
  [',', ','],
  ['\t', '\t'],
  ['\\t', '\t'],
  ['Tab', '\t'],
  ['semicolon', ';'],
  [' ; ', ';'],
  ['pipe', '|'],
  ['comma', ','],
  ['^', undefined],
  ['', undefined],
  ['constructor', undefined],
])('the word %j for a delimiter means %j', (word, delimiter) => {
  expect(parseDelimiter(word)).toBe(delimiter);
});

describe('rows of two files are written together', () => {
  const western: Dialect = { encoding: 'windows-1252', hasBom: false, delimiter: ';', lineEnd: '\r\n' };

  test('as the leading one is', () => {
    expect(joinDialects(western, [])).toEqual(western);
    expect(joinDialects(western, ['windows-1252', undefined])).toEqual(western);
    expect(joinDialects(PLAIN_DIALECT, ['windows-1252'])).toEqual(PLAIN_DIALECT);
    const utf16 = { ...western, encoding: 'utf-16le', hasBom: true } as const;
    expect(joinDialects(utf16, ['windows-1252', 'utf-8'])).toEqual(utf16);
  });

  test('but in UTF-8, and marked so, where the encodings differ and the leading one may lack a character', () => {
    const joined = { ...western, encoding: 'utf-8', hasBom: true };
    expect(joinDialects(western, ['utf-8'])).toEqual(joined);
    expect(joinDialects(western, [undefined, 'windows-1252', 'cp850'])).toEqual(joined);
  });
});
