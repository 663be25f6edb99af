import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ADDED_COLUMN_NAMES } from '../../src/input/added-column.js';
import { fitCells, isFilledUp, partRagged, raggedOf, raggedText, realign } from '../../src/input/ragged-row.js';
import { toAddedCells } from '../../src/record/added-cells.js';
import { OUTCOME_NAMES } from '../../src/row/outcome.js';
import { aHeader, anyText, aSettlement } from '../support/builders.js';

describe('a ragged row of our own files', () => {
  test('gives back the cells that it was written with, whatever they hold', () => {
    const header = aHeader(['username', 'token_type', 'note', ...ADDED_COLUMN_NAMES]);
    const anyCells = fc.array(anyText, { minLength: 1, maxLength: 8 }).filter(({ length }) => length !== 3);
    fc.assert(
      fc.property(anyCells, fc.constantFrom(...OUTCOME_NAMES), fc.nat(), (cells, outcome, line) => {
        const added = toAddedCells(line, aSettlement({ outcome }));
        const parted = partRagged([...cells, ...added], header);
        expect(parted.cells).toEqual(cells);
        expect(ADDED_COLUMN_NAMES.map((name) => parted.added?.[name])).toEqual(added);
      }),
    );
  });

  test.each([
    ['one with too many', ['ann', 'otp', 'Sales', ' North']],
    ['one with too few', ['ann', 'otp']],
    ['a whole one', ['ann', 'otp', 'x']],
  ])('%s is the same when a spreadsheet has filled its line up', (_, cells) => {
    const header = aHeader(['username', 'token_type', 'note', ...ADDED_COLUMN_NAMES]);
    const added = toAddedCells(7, aSettlement({ outcome: 'invalid', detail: 'why' }));
    for (const filling of [[''], ['', ''], ['', '', '']]) {
      const record = [...cells, ...added, ...filling];
      expect(record.length === header.width && !isFilledUp(record, header)).toBe(false);
      const parted = partRagged(record, header);
      expect(parted.cells).toEqual(cells);
      expect(ADDED_COLUMN_NAMES.map((name) => parted.added?.[name])).toEqual(added);
    }
    expect(isFilledUp(['ann', 'otp', 'x', ...toAddedCells(7, aSettlement({ detail: '' }))], header)).toBe(false);
  });

  test('one that was added by hand has no cells behind the header but those that are filled', () => {
    const header = aHeader(['username', 'token_type', ...ADDED_COLUMN_NAMES]);
    const empty = ADDED_COLUMN_NAMES.map(() => '');
    expect(partRagged(['ann', 'otp', ...empty, '', ''], header).cells).toEqual(['ann', 'otp']);
    expect(partRagged(['ann', 'otp', ...empty, 'x', ''], header).cells).toEqual(['ann', 'otp', 'x']);
  });

  test('says how many cells were found and expected, and when its whole line is quoted', () => {
    expect(raggedOf(['a', 'b'], 2, ',')).toBeUndefined();
    expect(raggedOf(['a'], 2, ',')).toEqual({ found: 1, expected: 2 });
    expect(raggedOf(['a;b'], 2, ';')).toEqual({ found: 1, expected: 2, isQuoted: true });
  });

  test.each([
    [{ found: 2, expected: 3 }, /^the row has 2 cells, the header 3: a delimiter is missing/],
    [{ found: 4, expected: 3 }, /^the row has 4 cells, the header 3: quote the cell that holds the delimiter/],
    [{ found: 1, expected: 3, isQuoted: true } as const, /^the row has 1 cell, the header 3: the whole line stands in/],
  ])('is told of by its cause: %j', (ragged, text) => expect(raggedText(ragged)).toMatch(text));
});

describe('in another order of columns', () => {
  const row = (...cells: string[]) => ({ cells, ragged: raggedOf(cells, 3, ',') });

  test('a whole row has its cells where they belong, and what its file lacks', () => {
    expect(realign(row('a', 'b', 'c'), [2, -1, 0], ['', 'x', ''])).toEqual(['c', 'x', 'a']);
  });

  test.each([
    ['one with too many', row('a', 'b', 'c', 'd'), [2, 1, 0], ['c', 'b', 'a', 'd']],
    ['one with too few', row('a', 'b'), [0, 1, 2], ['a', 'b']],
    ['one with too few whose last cell moves', row('a', 'b'), [2, 1, 0], ['', 'b', 'a', '']],
    ['one that would fit a wider header', row('a', 'b', 'c', 'd'), [0, 1, 2, -1], ['a', 'b', 'c', '', 'd']],
    ['one that would fit a narrower header', row('a', 'b', 'c', 'd'), [0, 1], ['a', 'b', 'd']],
  ])('%s loses nothing, and still does not fit', (_, ...[given, columns, expected]) => {
    const aligned = realign(given, columns);
    expect(aligned).toEqual(expected);
    expect(aligned).not.toHaveLength(columns.length);
  });
});

test('what a correction has mended is as wide as the header, with the surplus in its last cell', () => {
  expect(fitCells(['a', 'b', 'c', 'd'], 3, ';')).toEqual(['a', 'b', 'c;d']);
  expect(fitCells(['a'], 3, ',')).toEqual(['a', '', '']);
});
