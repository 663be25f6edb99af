import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eachRow } from '../../src/input/file-row.js';
import type { FileRow, RowFile } from '../../src/input/file-row.js';
import { InputError } from '../../src/core/input-error.js';
import { readPlaces, RowLookup } from '../../src/plan/row-lookup.js';
import { aSettlement, byHand, fileOf, resultsOf } from '../support/planning.js';

const REFUSED = aSettlement('refused');
const ADDED_BY_HAND = 'a row that is added by hand has nothing in the columns from "line" to "detail"';

/** A results file whose rows stand on these lines, named for them. */
function fileWith(lines: readonly number[]): RowFile {
  const rows = lines.map((line) => [[`user${line}`, 'otp', '', ''], line, REFUSED] as const);
  return fileOf(resultsOf(rows), { name: 'users.results.csv' });
}

const nameOf = (row: FileRow | undefined): string | undefined => row?.cells[0];

async function names(rows: AsyncIterable<FileRow>): Promise<(string | undefined)[]> {
  const all: (string | undefined)[] = [];
  for await (const row of rows) all.push(nameOf(row));
  return all;
}

describe('finding rows by line', () => {
  test('in order, against it, and never twice', async () => {
    const lookup = await RowLookup.open(fileWith([2, 3, 4, 5]));
    expect(nameOf(await lookup.take(3))).toBe('user3');
    expect(nameOf(await lookup.take(5))).toBe('user5');
    expect(nameOf(await lookup.take(2))).toBe('user2');
    expect(await lookup.take(3)).toBeUndefined();
    expect(await lookup.take(2)).toBeUndefined();
    expect(await lookup.take(99)).toBeUndefined();
    expect(await names(lookup.rest())).toEqual(['user4']);
  });

  test('a line that is not there costs no reading', async () => {
    const file = fileWith([2, 3]);
    let read = 0;
    const counted = (): AsyncIterable<readonly FileRow[]> =>
      (async function* () {
        for await (const row of eachRow(file)) {
          read += 1;
          yield [row];
        }
      })();
    const lookup = await RowLookup.open({ ...file, batches: counted });
    expect(read).toBe(2);
    await lookup.take(99);
    expect(read).toBe(2);
    await lookup.take(2);
    expect(read).toBe(3);
  });

  test('what nobody took is the rest: rows that were passed over, rows without a line, rows not read yet', async () => {
    const [header, ...records] = resultsOf([2, 3, 4, 5].map((line) => [[`user${line}`, 'otp', '', ''], line, REFUSED]));
    const table = [header!, records[0]!, byHand('new', 'otp', '', ''), ...records.slice(1)];
    const lookup = await RowLookup.open(fileOf(table));
    await lookup.take(4);
    expect(await names(lookup.rest())).toEqual(['user2', 'user3', 'new', 'user5']);
  });

  test('a file that changed under our hands gives what it still has', async () => {
    const before = fileWith([2, 3]);
    const after = fileWith([3]);
    let reads = 0;
    const lookup = await RowLookup.open({ ...before, batches: () => (reads++ === 0 ? before : after).batches() });
    expect(await lookup.take(2)).toBeUndefined();
    expect(nameOf(await lookup.take(3))).toBe('user3');
  });

  test('whatever the order of file and questions: each row is found once, the rest is what is left', async () => {
    const property = fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 1, max: 30 })),
      fc.array(fc.integer({ min: 1, max: 30 })),
      async (lines, asked) => {
        const lookup = await RowLookup.open(fileWith(lines));
        const left = new Set(lines);
        for (const line of asked) {
          const row = await lookup.take(line);
          expect(nameOf(row)).toBe(left.delete(line) ? `user${line}` : undefined);
        }
        const rest = await names(lookup.rest());
        expect(rest.toSorted()).toEqual([...left].map((line) => `user${line}`).toSorted());
      },
    );
    await fc.assert(property);
  });
});

describe('before anything is planned, the file is looked through', () => {
  test('and its lines are known', async () => {
    const noted: number[] = [];
    const places = await readPlaces(fileWith([2, 5, 3]), (row, line) => {
      expect(nameOf(row)).toBe(`user${line}`);
      noted.push(line);
    });
    expect(noted).toEqual([2, 5, 3]);
    expect([2, 3, 4, 5].map((line) => places.has(line))).toEqual([true, true, false, true]);
  });

  const good = [['ann', 'otp', '', ''], 2, REFUSED] as const;
  const [HEADER, RECORD] = resultsOf([good]) as [string[], string[]];
  const change = (column: string, cell: string): string[] =>
    RECORD.map((old, at) => (HEADER[at] === column ? cell : old));

  test.each<[string, string[], string]>([
    ['a copied row', change('username', 'ben'), `line: 2 stands on another row of this file too: ${ADDED_BY_HAND}`],
    ['an outcome without a line', change('line', ''), `line: is empty, and the row has an outcome: ${ADDED_BY_HAND}`],
    [
      'a line that no file has',
      change('line', '99999999999'),
      `line: no input has a line 99999999999: ${ADDED_BY_HAND}`,
    ],
  ])('%s is refused: nobody gets the history of another user', async (_, record, problem) => {
    const file = fileOf([HEADER, RECORD, record], { name: 'users.failed.csv' });
    await expect(readPlaces(file)).rejects.toThrow(new InputError('users.failed.csv', 3, problem));
  });

  test.each(['line', 'outcome', 'attempts', 'sent_at'])('a %s that no run wrote is refused', async (column) => {
    const file = fileOf([HEADER, change(column, 'whatever')], { name: 'users.failed.csv' });
    await expect(readPlaces(file)).rejects.toThrow(/users\.failed\.csv:2: .*not for changing by hand/);
  });

  test('a row with a cell too many has its place all the same', async () => {
    const shifted = ['Doe', ' John', 'otp', '', '', ...RECORD.slice(4)];
    expect([...(await readPlaces(fileOf([HEADER, shifted])))]).toEqual([2]);
  });

  test('a row that was added by hand has no place, and that is fine', async () => {
    const places = await readPlaces(
      fileOf([HEADER, RECORD, byHand('new', 'otp', '', ''), byHand('newer', 'otp', '', '')]),
    );
    expect(places.has(2)).toBe(true);
  });
});
