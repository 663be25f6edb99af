import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADDED_COLUMN_NAMES } from '../../src/input/added-column.js';
import { PLAIN_DIALECT } from '../../src/input/dialect.js';
import { eachRow } from '../../src/input/file-row.js';
import { ReplacedFile } from '../../src/record/replaced-file.js';
import { ResultWriter } from '../../src/record/result-writer.js';
import type { OutputFile, ResultFormat } from '../../src/record/result-writer.js';
import { openInputText } from '../../src/input/input-text.js';
import { openRowFile } from '../../src/input/row-reader.js';
import { Lab } from '../support/lab.js';
import { runs } from '../support/suite.js';

const ADDED = ADDED_COLUMN_NAMES.map((name) => `${name}!`);
const PLAIN: ResultFormat = { ...PLAIN_DIALECT, encode: (text) => Buffer.from(text), escape: (text) => text };
const OWN = ['username', 'token_type', 'note'];
let lab: Lab;

beforeEach(() => (lab = new Lab()));
afterEach(() => lab.remove());

/** A file that remembers what was asked of it. */
class Paper implements OutputFile {
  readonly steps: string[] = [];
  text = '';
  writeBytes = (bytes: Uint8Array): void => {
    this.text += Buffer.from(bytes).toString();
  };
  finish = (): string => {
    this.steps.push('finish');
    return 'its digest';
  };
  place = (): void => void this.steps.push('place');
  discard = (): void => void this.steps.push('discard');
}

function textOf(rows: readonly (readonly string[])[], ownNames: readonly string[] = OWN): string {
  const paper = new Paper();
  const writer = new ResultWriter(paper, ownNames, PLAIN);
  for (const row of rows) writer.write(row, ADDED);
  writer.finish();
  return paper.text;
}

/** The text of the own cells of one row. */
function ownTextOf(...cells: readonly string[]): string {
  return textOf([cells]).slice(textOf([]).length, -`,${ADDED.join(',')}\n`.length);
}

/** The own cells and the added ones, as the reader finds them again. */
async function readBack(rows: readonly (readonly string[])[], ownNames: readonly string[] = OWN) {
  const path = lab.path('users.results.csv');
  const writer = new ResultWriter(new ReplacedFile(path), ownNames, PLAIN);
  for (const row of rows) writer.write(row, ADDED);
  writer.finish();
  writer.place();
  const file = await openRowFile(await openInputText(path));
  const found = { names: file.header.ownNames, own: [] as (readonly string[])[], added: [] as (readonly string[])[] };
  for await (const row of eachRow(file)) {
    found.own.push(row.cells);
    found.added.push(ADDED_COLUMN_NAMES.map((name) => row.added?.[name] ?? ''));
  }
  return found;
}

test('the first line names the own columns as they stood, then the added ones', () => {
  expect(textOf([], ['User Name', 'token-type', 'a,b'])).toBe(
    `User Name,token-type,"a,b",${ADDED_COLUMN_NAMES.join(',')}\n`,
  );
});

test('each row is a line: its own cells, then the added ones', () => {
  expect(textOf([['ann', 'otp', '']]).split('\n')[1]).toBe(`ann,otp,,${ADDED.join(',')}`);
});

test.each([
  [['ann', 'otp', 'plain'], 'ann,otp,plain'],
  [['', '', ''], ',,'],
  [['a,b', 'a"b', 'a\nb'], '"a,b","a""b","a\nb"'],
  [['a\rb', 'a\r\nb', '\r'], '"a\rb","a\r\nb","\r"'],
  [[' a ', '\t', "'a"], " a ,\t,'a"],
  [['=1+1', '+46701', '@x'], '=1+1,+46701,@x'],
  [['007', '1e3', 'true'], '007,1e3,true'],
])('cells are quoted where a reader needs it, and never changed: %j', (cells, text) => {
  expect(ownTextOf(...cells)).toBe(text);
});

test('any own cells come back byte for byte, and the added ones with them', async () => {
  const cell = fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
    fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', ' ', '\t', "'", '=', 'é', '\u{1f511}', '\ufeff') }),
    fc.constantFrom('', ' ', '"', '""', '\r', '\r\n', '\n', ',', '=cmd|x', '\u2028', 'null', 'undefined'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell, cell), { maxLength: 20 }), async (rows) => {
      const found = await readBack(rows);
      expect(found.own).toEqual(rows);
      expect(found.added).toEqual(rows.map(() => ADDED));
    }),
    runs(300),
  );
});

test('any names of own columns come back', async () => {
  const name = fc.string({ unit: fc.constantFrom('x', '"', ',', '\r', '\n', ' ', 'é') });
  await fc.assert(
    fc.asyncProperty(name, async (odd) => {
      const names = ['username', 'token_type', `x${odd}`];
      expect((await readBack([], names)).names).toEqual(names);
    }),
    runs(100),
  );
});

test('an input goes through reader and writer as it was', async () => {
  const text = `Username , TOKEN-TYPE,"n ""o"" te"\n" ann ",otp,"a\r\nb"\n"",PKI,"x\ry"\n`;
  const input = await openRowFile(await openInputText(lab.file('users.csv', text)));
  const rows: (readonly string[])[] = [];
  for await (const row of eachRow(input)) rows.push(row.cells);
  const found = await readBack(rows, input.header.ownNames);
  expect([found.names, ...found.own]).toEqual([
    ['Username ', ' TOKEN-TYPE', 'n "o" te'],
    [' ann ', 'otp', 'a\r\nb'],
    ['', 'PKI', 'x\ry'],
  ]);
});

test.each([0, 1, 127, 128, 129, 1000])('%i rows are all there, in their order', (count) => {
  const rows = Array.from({ length: count }, (_, n) => [`user ${n}`, 'otp', '']);
  const lines = textOf(rows).split('\n');
  expect(lines).toHaveLength(count + 2);
  expect(lines.slice(1, -1).map((line) => line.split(',')[0])).toEqual(rows.map(([name]) => name));
});

test('rows are handed on as they come: few are kept in memory', () => {
  const paper = new Paper();
  const writer = new ResultWriter(paper, OWN, PLAIN);
  for (let n = 0; n < 10_000; n += 1) writer.write(['ann', 'otp', ''], ADDED);
  expect(paper.text.split('\n').length).toBeGreaterThan(9_000);
});

test('long rows are handed on sooner: not even those of 1 MiB fill the memory', () => {
  const paper = new Paper();
  const writer = new ResultWriter(paper, OWN, PLAIN);
  const note = 'x'.repeat(1024 * 1024);
  for (let n = 0; n < 20; n += 1) writer.write(['ann', 'otp', note], ADDED);
  expect(paper.text.length).toBeGreaterThan(15 * note.length);
});

test('the file is finished once all is written, and put in its place when that is said', () => {
  const paper = new Paper();
  const writer = new ResultWriter(paper, OWN, PLAIN);
  writer.write(['ann', 'otp', ''], ADDED);
  expect(paper.steps).toEqual([]);
  writer.finish();
  expect(paper.steps).toEqual(['finish']);
  writer.place();
  expect(paper.steps).toEqual(['finish', 'place']);
  expect(paper.text).toMatch(/^username,.*\nann,otp,,.*\n$/);
});

test('a file that is discarded is not put in its place', () => {
  const paper = new Paper();
  const writer = new ResultWriter(paper, OWN, PLAIN);
  writer.write(['ann', 'otp', ''], ADDED);
  writer.discard();
  expect(paper.steps).toEqual(['discard']);
});

test('results on the disk are whole or not there', () => {
  const path = lab.file('users.results.csv', 'old');
  const writer = new ResultWriter(new ReplacedFile(path), OWN, PLAIN);
  for (let n = 0; n < 1000; n += 1) writer.write(['ann', 'otp', ''], ADDED);
  writer.finish();
  expect(readFileSync(path, 'utf8')).toBe('old');
  writer.place();
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(1002);
});

describe('the format', () => {
  const western: ResultFormat = {
    delimiter: ';',
    lineEnd: '\r\n',
    hasBom: false,
    encode: (text) => Buffer.from(text),
    escape: (text) => text.toUpperCase(),
  };

  test('is that of the input: its delimiter, its line end, its mark', () => {
    const paper = new Paper();
    const writer = new ResultWriter(paper, OWN, { ...western, hasBom: true });
    writer.write(['ann', 'otp', 'a,b'], ADDED);
    writer.finish();
    expect(paper.text).toMatch(/^\ufeffusername;token_type;note;line;[a-z_;]*\r\nann;otp;a,b;LINE!;[A-Z_!;]*\r\n$/);
  });

  test('quotes what holds its delimiter or any line end', () => {
    const paper = new Paper();
    const writer = new ResultWriter(paper, OWN, western);
    writer.write(['a;b', 'c\nd', 'e\rf'], ADDED);
    writer.finish();
    expect(paper.text).toContain('\r\n"a;b";"c\nd";"e\rf";LINE!;');
  });

  test('escapes what we add, and never what came from the input', () => {
    const paper = new Paper();
    const writer = new ResultWriter(paper, OWN, western);
    writer.write(['ann', 'otp', 'note'], ADDED);
    writer.finish();
    expect(paper.text).toContain('ann;otp;note;LINE!;OUTCOME!');
  });
});
