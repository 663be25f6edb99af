import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { InputError } from '../../src/core/input-error.js';
import { MAX_RECORD_BYTES, readRecords } from '../../src/input/records.js';
import type { Csv } from '../../src/input/records.js';

const COMMA = { delimiter: ',', unwraps: false } as const;

/** All records of a file that comes in parts of so many bytes, and what breaks it. */
async function read(text: string, size: number, { delimiter, unwraps }: Pick<Csv, 'delimiter' | 'unwraps'> = COMMA) {
  const bytes = Buffer.from(text);
  const records: unknown[] = [];
  const csv: Csv = {
    ...{ name: 'users.csv', encoding: 'utf-8', hasBom: false, delimiter, lineEnd: '\n' },
    ...{ hasSeparatorLine: false, firstLine: 1, unwraps },
    async *parts() {
      const room = Buffer.alloc(size);
      // Into the same bytes each time, as files are read.
      for (let at = 0; at < bytes.length; at += size) {
        yield await Promise.resolve({ bytes: room.subarray(0, bytes.copy(room, 0, at, at + size)) });
      }
    },
  };
  try {
    for await (const batch of readRecords(csv, MAX_RECORD_BYTES)) {
      records.push(...batch.map(({ line, cells }) => [line, cells]));
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { records, line: error.line, problem: error.problem };
  }
  return { records };
}

/** The same as csv-parse has it, all at once. */
function parsed(text: string, { delimiter }: Pick<Csv, 'delimiter'> = COMMA) {
  const all: string[][] = parse(text, {
    ...{ delimiter, relax_column_count: true, record_delimiter: ['\r\n', '\n', '\r'] },
  });
  let line = 1;
  const records: unknown[] = [];
  for (const cells of all) {
    if (cells.length !== 1 || cells[0]?.trim() !== '') records.push([line, cells]);
    line += 1 + (cells.join('|').match(/\r\n|\n|\r/g)?.length ?? 0);
  }
  return { records };
}

const words = fc.constantFrom('a', 'ann', 'é€', '漢字', ' ', 'x'.repeat(300), 'x'.repeat(5000), '');
const plainCell = fc.array(words, { maxLength: 3 }).map((parts) => parts.join(''));
const inside = fc.array(fc.oneof(words, fc.constantFrom(',', ';', '\n', '\r\n', '\r', '""')), { maxLength: 4 });
const quotedCell = inside.map((parts) => `"${parts.join('')}"`);
const lineEnd = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r');

/** Records of which so many in a hundred may have quotes. */
function records(quoted: number) {
  const cell = fc.oneof({ weight: 100 - quoted, arbitrary: plainCell }, { weight: quoted, arbitrary: quotedCell });
  const record = fc.tuple(fc.array(cell, { minLength: 1, maxLength: 5 }), lineEnd);
  return fc.array(record, { maxLength: 60 });
}

describe('by law, the records are those of csv-parse, however the file comes', () => {
  it.each([0, 3, 60])('with quotes in %d of 100 cells', async (quoted) => {
    const file = fc.record({
      made: records(quoted),
      size: fc.integer({ min: 1, max: 20_000 }),
      isCut: fc.boolean(),
      delimiter: fc.constantFrom(',', ';'),
    });
    await fc.assert(
      fc.asyncProperty(file, async ({ made, size, isCut, delimiter }) => {
        const whole = made.map(([cells, end]) => cells.join(delimiter) + end).join('');
        const text = isCut ? whole.replace(/(?:\r\n|\n|\r)$/, '') : whole;
        const dialect = { delimiter, unwraps: false } as const;
        expect(await read(text, size, dialect)).toEqual(parsed(text, dialect));
      }),
      { numRuns: 50 },
    );
  });

  it('with cells that go over many parts, and line ends and quotes in them', async () => {
    const long = fc.array(fc.constantFrom('x'.repeat(30_000), '\n', '\r\n', '\r', '""', ','), { maxLength: 12 });
    const file = fc.record({
      cells: fc.array(long, { maxLength: 4 }),
      size: fc.integer({ min: 500, max: 9000 }),
      lineEnd,
    });
    await fc.assert(
      fc.asyncProperty(file, async ({ cells, size, lineEnd: end }) => {
        const text = cells.map((cell) => `ann,"${cell.join('')}"${end}bob,otp${end}`).join('');
        expect(await read(text, size)).toEqual(parsed(text));
      }),
      { numRuns: 50 },
    );
  });

  it('also what is broken: as far as it goes, and with the same words whatever the parts', async () => {
    const pieces = fc.array(fc.constantFrom('a', ',', '"', '\n', '\r\n', 'x'.repeat(3000), '""', '=', 'é'), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 9000 }), async (some, size) => {
        const text = some.join('');
        const [inParts, atOnce] = [await read(text, size), await read(text, text.length + 1)];
        expect(inParts).toEqual(atOnce);
        if (!('problem' in atOnce)) expect(atOnce).toEqual(parsed(text));
        else expect(() => parsed(text)).toThrow();
      }),
      { numRuns: 100 },
    );
  });
});

test('a quote within a cell is told of where it stands, behind lines that have none', async () => {
  const plain = 'ann,otp\n'.repeat(2000);
  expect(await read(`${plain}b"ob,otp\n${plain}`, 5000)).toMatchObject({
    records: { length: 2000 },
    line: 2001,
    problem: expect.stringContaining('a quote stands inside a cell') as unknown,
  });
});

test('a quote that is never closed is told of at its record', async () => {
  const plain = 'ann,otp\n'.repeat(2000);
  expect(await read(`${plain}"bob,otp\n${plain}`, 5000)).toMatchObject({ records: { length: 2000 }, line: 2001 });
});

test('a cell that is too long, and too many of them or of blank lines, break the file', async () => {
  const plain = 'ann,otp\n'.repeat(1000);
  for (const bad of ['x'.repeat(MAX_RECORD_BYTES + 1), ','.repeat(20_000), '\n'.repeat(1_100_000)]) {
    const { records, line } = await read(`${plain}${bad}\nbob,otp\n`, 64 * 1024);
    expect(records).toHaveLength(1000);
    expect(line).toBeGreaterThan(1000);
  }
});

test('formulas may have quotes within cells, and still line ends within quotes', async () => {
  const text = 'a"b\n"c\nd"\n="00123",x\n'.repeat(500);
  const { records } = await read(text, 700, { delimiter: ',', unwraps: true });
  expect(records.slice(0, 3)).toEqual([
    [1, ['a"b']],
    [2, ['c\nd']],
    [4, ['="00123"', 'x']],
  ]);
  expect(records).toHaveLength(1500);
});
