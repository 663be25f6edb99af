import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { correctRow, Corrections, sameCells, usedCells } from '../../src/input/correction.js';
import type { UsedCells } from '../../src/input/correction.js';
import { PLAIN_DIALECT } from '../../src/input/dialect.js';
import type { Header } from '../../src/input/header.js';
import { aFileRow, aHeader, anyText, OWN_NAMES, someCells, someUsedCells } from '../support/builders.js';

const HEADER = aHeader();
const LINE = 7;

function user(username: string): UsedCells {
  return someUsedCells({ username });
}

/** The corrections after one run that corrected these users, as [from, to]. */
function afterRun(earlier: Corrections, ...changes: readonly [string, string][]): Corrections {
  const corrections = new Corrections(earlier.list());
  for (const [from, to] of changes) corrections.add({ line: LINE, from: user(from), to: user(to) });
  return corrections;
}

function usersOf(corrections: Corrections): Record<string, string> {
  return Object.fromEntries(corrections.list().map(({ from, to }) => [from.username, to.username]));
}

function correct(corrections: Corrections, username: string, line = LINE): string | undefined {
  return applyTo(corrections, HEADER, { line, cells: someCells({ username }) })[0];
}

function applyTo(
  corrections: Corrections,
  header: Header,
  row: { line: number; cells: readonly string[] },
): readonly string[] {
  const correction = corrections.find(header, row);
  const file = { header, dialect: PLAIN_DIALECT };
  return correction === undefined ? row.cells : correctRow(file, aFileRow(row), correction).cells;
}

const NONE = new Corrections();

describe('the used cells of a row', () => {
  test('are trimmed, in any order of the columns, and empty where the file has none', () => {
    const header = aHeader(['token_type', 'note', 'username']);
    expect(usedCells(header, [' pki ', 'x', ' ann'])).toEqual({
      username: 'ann',
      token_type: 'pki',
      signature_path: '',
      status: '',
      algorithm: '',
    });
  });

  test('are the same when all five are', () => {
    expect(sameCells(user('ann'), usedCells(HEADER, someCells()))).toBe(true);
    for (const name of OWN_NAMES) expect(sameCells(user('ann'), someUsedCells({ [name]: 'other' }))).toBe(false);
    expect(
      sameCells(someUsedCells({ status: 'a', algorithm: '' }), someUsedCells({ status: '', algorithm: 'a' })),
    ).toBe(false);
  });
});

describe('what operators corrected', () => {
  test('is nothing at first: rows stay what they are', () => {
    const cells = someCells();
    expect(NONE.list()).toEqual([]);
    expect(NONE.find(HEADER, { line: LINE, cells })).toBeUndefined();
  });

  test('is applied to the row that it was about, and to no other', () => {
    const corrections = afterRun(NONE, ['anm', 'ann']);
    expect(correct(corrections, 'anm')).toBe('ann');
    expect(correct(corrections, 'bob')).toBe('bob');
    expect(applyTo(corrections, HEADER, { line: LINE, cells: someCells({ username: 'anm', status: '4' }) })[0]).toBe(
      'anm',
    );
  });

  test('chains over runs: a→b, then b→c, is a→c', () => {
    const corrections = afterRun(afterRun(NONE, ['a', 'b']), ['b', 'c']);
    expect(usersOf(corrections)).toEqual({ a: 'c' });
    expect([correct(corrections, 'a'), correct(corrections, 'b')]).toEqual(['c', 'b']);
    expect(usersOf(afterRun(corrections, ['c', 'd']))).toEqual({ a: 'd' });
  });

  test('is forgotten when it is taken back: a→b, then b→a', () => {
    const corrections = afterRun(afterRun(NONE, ['a', 'b']), ['b', 'a']);
    expect(corrections.list()).toEqual([]);
    expect(usersOf(afterRun(corrections, ['a', 'z']))).toEqual({ a: 'z' });
  });

  test('takes the place of what the same row was corrected to before', () => {
    expect(usersOf(afterRun(afterRun(NONE, ['a', 'b']), ['a', 'c']))).toEqual({ a: 'c' });
  });

  test('of two rows in one run is no chain, though one takes the name that the other gives up', () => {
    const shifted = afterRun(NONE, ['a', 'b'], ['b', 'c']);
    expect(usersOf(shifted)).toEqual({ a: 'b', b: 'c' });
    const swapped = afterRun(NONE, ['a', 'b'], ['b', 'a']);
    expect([correct(swapped, 'a'), correct(swapped, 'b')]).toEqual(['b', 'a']);
  });

  test('of several rows stands side by side', () => {
    const corrections = afterRun(afterRun(NONE, ['a', 'b'], ['x', 'y']), ['y', 'z']);
    expect(usersOf(corrections)).toEqual({ a: 'b', x: 'z' });
  });

  test('outlives the summary file', () => {
    const corrections = afterRun(NONE, ['a', 'b'], ['x', 'y']);
    const kept = JSON.parse(JSON.stringify(corrections.list())) as ReturnType<Corrections['list']>;
    expect(new Corrections(kept).list()).toEqual(corrections.list());
  });
});

describe('rows that say the same', () => {
  const blank = user('');
  const corrections = new Corrections([
    { line: 3, from: blank, to: user('ann') },
    { line: 5, from: blank, to: user('bob') },
  ]);

  test('are corrected each by its own line', () => {
    expect(correct(corrections, '', 3)).toBe('ann');
    expect(correct(corrections, '', 5)).toBe('bob');
  });

  test('are left alone where the input has shifted: nobody knows which is which', () => {
    expect(correct(corrections, '', 4)).toBe('');
  });

  test('stand side by side in the summary, and chain by line', () => {
    const next = new Corrections(corrections.list());
    next.add({ line: 5, from: user('bob'), to: user('bo') });
    expect(next.list().map(({ line, to }) => [line, to.username])).toEqual([
      [3, 'ann'],
      [5, 'bo'],
    ]);
  });

  test('one alone is known by what it says, wherever the input has shifted it', () => {
    expect(correct(afterRun(NONE, ['anm', 'ann']), 'anm', 99)).toBe('ann');
  });
});

describe('a corrected row', () => {
  const from = someUsedCells({ username: 'anm', status: '9' });
  const corrections = new Corrections([
    { line: LINE, from, to: someUsedCells({ status: '1', signature_path: 'new.p7s' }) },
  ]);

  test('has the corrected cells, and the others untouched, blanks and all', () => {
    const header = aHeader(['note', 'username', 'token_type', 'signature_path', 'status']);
    const cells = [' note ', 'anm', ' pki ', 'ann.p7s', ' 9'];
    expect(applyTo(corrections, header, { line: LINE, cells: cells })).toEqual([
      ' note ',
      'ann',
      ' pki ',
      'new.p7s',
      '1',
    ]);
    expect(cells[1]).toBe('anm');
  });

  test('gets no column that its file has not', () => {
    const header = aHeader(['username', 'token_type']);
    const otp = { signature_path: '', status: '', algorithm: '', token_type: 'otp' };
    const added = new Corrections([
      { line: LINE, from: someUsedCells({ ...otp, username: 'anm' }), to: someUsedCells({ ...otp, status: '2' }) },
    ]);
    expect(applyTo(added, header, { line: LINE, cells: ['anm', 'otp'] })).toEqual(['ann', 'otp']);
  });

  test('says what the operator wrote, whatever that was', () => {
    const cell = anyText.map((text) => text.trim());
    const anyCells = fc.record({
      username: cell,
      token_type: cell,
      signature_path: cell,
      status: cell,
      algorithm: cell,
    });
    fc.assert(
      fc.property(anyCells, anyCells, (before, after) => {
        const made = new Corrections();
        made.add({ line: LINE, from: before, to: after });
        const applied = applyTo(made, HEADER, { line: LINE, cells: someCells(before) });
        expect(usedCells(HEADER, applied)).toEqual(after);
        expect(made.list()).toHaveLength(sameCells(before, after) ? 0 : 1);
      }),
    );
  });
});

describe('a ragged row', () => {
  const file = { header: aHeader(['username', 'token_type', 'note']), dialect: PLAIN_DIALECT };
  const from = someUsedCells({ token_type: 'otp', signature_path: '', status: '' });
  const row = (cells: readonly string[], found = cells.length) =>
    aFileRow({ line: LINE, cells, ragged: { found, expected: 3 } });

  function afterMending(to: UsedCells): Corrections {
    const corrections = new Corrections();
    corrections.add({ line: LINE, from, to, isMended: true });
    return corrections;
  }

  test('that was mended is whole in the first input too, and nothing of it is lost', () => {
    const [mended] = afterMending(from).list();
    expect(mended && correctRow(file, row(['ann', 'otp', 'x', 'y']), mended)).toMatchObject({
      cells: ['ann', 'otp', 'x,y'],
      ragged: undefined,
    });
    expect(mended && correctRow(file, row(['ann', 'otp']), mended)).toMatchObject({
      cells: ['ann', 'otp', ''],
      ragged: undefined,
    });
  });

  test('that was corrected, and has still not as many cells as the header, stays one', () => {
    const corrections = new Corrections([{ line: LINE, from, to: { ...from, username: 'anna', status: '2' } }]);
    const [correction] = corrections.list();
    expect(correction && correctRow(file, row(['ann', 'otp']), correction)).toMatchObject({
      cells: ['anna', 'otp'],
      ragged: { found: 2 },
    });
  });

  test('stays mended when a later run corrects it again, and when it takes that back', () => {
    const anna = { ...from, username: 'anna' };
    const corrections = new Corrections(afterMending(from).list());
    corrections.add({ line: LINE, from, to: anna });
    expect(corrections.list()).toEqual([{ line: LINE, from, to: anna, isMended: true }]);
    const later = new Corrections(corrections.list());
    later.add({ line: LINE, from: anna, to: from });
    expect(later.list()).toEqual([{ line: LINE, from, to: from, isMended: true }]);
  });
});

test('over any runs, a first input ends with the users of the corrected file', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const runs = fc.array(
    fc.array(fc.tuple(fc.nat({ max: 2 }), fc.constantFrom('p', 'q', 'r', ...names)), { maxLength: 3 }),
    {
      maxLength: 5,
    },
  );
  fc.assert(
    fc.property(runs, (edits) => {
      const first = names.slice(0, 3);
      let rows = [...first];
      let corrections = NONE;
      for (const edit of edits) {
        const next = [...rows];
        for (const [at, username] of edit) next[at] = username;
        // The plan refuses a second row of one user before it comes to a correction.
        if (new Set(next).size < next.length) continue;
        const changes = rows.map((was, at): [string, string] => [was, next[at] ?? '']);
        corrections = afterRun(corrections, ...changes.filter(([was, is]) => was !== is));
        rows = next;
      }
      expect(first.map((username) => correct(corrections, username)).sort()).toEqual([...rows].sort());
    }),
    { numRuns: 500 },
  );
});
