import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AddedColumn } from '../../src/input/added-column.js';
import { OUTCOME_NAMES, retryOf } from '../../src/row/outcome.js';
import { settleUnsent } from '../../src/row/settlement.js';
import { isCellProblem, parseLine, parseSettlement, toAddedCells } from '../../src/record/added-cells.js';
import type { Settlement } from '../../src/row/settlement.js';
import { addedCells, anySettlement, aSettlement } from '../support/builders.js';

function readBack(cells: Readonly<Record<AddedColumn, string>>): Settlement {
  const settlement = parseSettlement(cells);
  if (settlement === undefined || isCellProblem(settlement)) throw new Error(JSON.stringify(settlement));
  return settlement;
}

describe('the added cells', () => {
  test('of a row that was answered', () => {
    const settlement = aSettlement({ outcome: 'refused', returnCode: '22002', message: 'User not found', attempts: 3 });
    expect(addedCells({ ...settlement, detail: 'Correct it.' }, 7)).toEqual({
      line: '7',
      outcome: 'refused',
      retry: 'fix',
      return_code: '22002',
      message: 'User not found',
      http_status: '200',
      attempts: '3',
      sent_at: '2026-01-31T12:00:00.250Z',
      latency_ms: '12',
      detail: 'Correct it.',
    });
  });

  test('of a row that was never sent', () => {
    expect(toAddedCells(9, settleUnsent('invalid', 'status is empty'))).toEqual(
      ['9', 'invalid', 'fix', '', '', '', '0', '', '', 'status is empty'], //
    );
  });

  test.each(OUTCOME_NAMES)('the retry of %s follows from the outcome', (outcome) => {
    expect(addedCells(aSettlement({ outcome })).retry).toBe(retryOf({ outcome }));
  });

  test('a doubt that needs a person says so, and is read back with that', () => {
    const settlement = aSettlement({ outcome: 'unknown', needsFix: true });
    const cells = addedCells(settlement);
    expect(cells.retry).toBe('fix');
    expect(parseSettlement(cells)).toEqual(settlement);
    expect(parseSettlement({ ...cells, retry: 'yes' })).not.toHaveProperty('needsFix');
    expect(parseSettlement({ ...cells, outcome: 'key_lost' })).not.toHaveProperty('needsFix');
  });

  test('a status or a latency of 0 is a number, not an empty cell', () => {
    expect(addedCells(aSettlement({ httpStatus: 0, latencyMs: 0, sentAt: 0 }))).toMatchObject({
      http_status: '0',
      latency_ms: '0',
      sent_at: '1970-01-01T00:00:00.000Z',
    });
  });

  test('the words of the server and of the CSV drive neither spreadsheet nor terminal', () => {
    const hostile = '=cmd()\u001b[2J';
    const cells = addedCells(aSettlement({ returnCode: hostile, message: hostile, detail: hostile }));
    for (const cell of [cells.return_code, cells.message, cells.detail]) expect(cell).toBe("'=cmd()\\x1b[2J");
  });

  test('a code is cut at 40 characters, message and detail at 500', () => {
    const text = 'x'.repeat(600);
    const cells = addedCells(aSettlement({ returnCode: text, message: text, detail: text }));
    expect([cells.return_code, cells.message, cells.detail].map(({ length }) => length)).toEqual([40, 500, 500]);
  });
});

describe('a settlement', () => {
  test('comes back from its cells', () => {
    const settlement = aSettlement({ outcome: 'unknown', returnCode: '10004', message: 'DB error', detail: 'Rerun.' });
    expect(readBack(addedCells(settlement))).toEqual(settlement);
    const unsent = settleUnsent('not_sent', 'the run ended');
    expect(readBack(addedCells(unsent))).toEqual(unsent);
  });

  test('of any kind leaves cells that a rerun writes again as they are', () => {
    fc.assert(
      fc.property(anySettlement, fc.integer({ min: 1, max: 2 ** 31 }), (settlement, line) => {
        const cells = addedCells(settlement, line);
        const back = readBack(cells);
        expect(addedCells(back, line)).toEqual(cells);
        const { outcome, attempts, sentAt, httpStatus, latencyMs } = settlement;
        expect(back).toMatchObject({ outcome, attempts, sentAt, httpStatus, latencyMs });
        expect(parseLine(cells)).toBe(line);
      }),
    );
  });

  test('is read through the blanks that an editor adds', () => {
    const cells = addedCells(aSettlement());
    const padded = {
      ...cells,
      outcome: ' registered ',
      attempts: ' 1',
      sent_at: ` ${cells.sent_at} `,
      http_status: '200 ',
    };
    expect(readBack(padded)).toEqual(aSettlement());
  });

  test.each(['', '  '])('is absent where the outcome is %j: a row that was added by hand', (outcome) => {
    expect(parseSettlement({ ...addedCells(), outcome })).toBeUndefined();
  });

  test('needs no time, status and latency, and does not make them up', () => {
    const cells = { ...addedCells(), sent_at: '', http_status: ' ', latency_ms: '' };
    expect(readBack(cells)).toMatchObject({ sentAt: undefined, httpStatus: undefined, latencyMs: undefined });
  });
});

describe('an added cell that no run of ours wrote is a problem', () => {
  const SENDS = 'a number of sends';
  const TIME = 'a time such as 2026-01-31T08:00:00.000Z';
  test.each<[AddedColumn, string, string]>([
    ['outcome', 'done', `one of ${OUTCOME_NAMES.join(', ')}`],
    ['outcome', 'Registered', `one of ${OUTCOME_NAMES.join(', ')}`],
    ['outcome', 'constructor', `one of ${OUTCOME_NAMES.join(', ')}`],
    ['attempts', '', SENDS],
    ['attempts', '-1', SENDS],
    ['attempts', '1.5', SENDS],
    ['attempts', 'two', SENDS],
    ['attempts', '1e3', SENDS],
    ['attempts', '9'.repeat(16), SENDS],
    ['sent_at', 'yesterday', TIME],
    ['sent_at', '2026', TIME],
    ['sent_at', '31/01/2026 12:00', TIME],
    ['sent_at', '2026-01-31T12:00:00.250', TIME],
    ['sent_at', '2026-13-31T12:00:00.250Z', TIME],
    ['sent_at', 'x2026-01-31T12:00:00.250Zx', TIME],
    ['http_status', 'OK', 'a number'],
    ['latency_ms', '12 ms', 'a number'],
  ])('%s %j', (column, cell, right) => {
    const shown = cell.length > 40 ? `${cell.slice(0, 39)}…` : cell;
    expect(parseSettlement({ ...addedCells(), [column]: cell })).toEqual({
      column,
      problem: `"${shown}" is not ${right}`,
    });
  });

  test('and is shown without its control characters, cut short', () => {
    const problem = parseSettlement({ ...addedCells(), outcome: `\u001b${'x'.repeat(60)}` });
    expect(problem).toMatchObject({ problem: expect.stringMatching(/^"\\x1bx{35}…" is not /) as string });
  });

  test.each(['line', 'retry', 'return_code', 'message', 'detail'] as const)('%s may say anything', (column) => {
    expect(isCellProblem(parseSettlement({ ...addedCells(), [column]: 'changed' }))).toBe(false);
  });

  test('is told from what is none', () => {
    expect(isCellProblem({ column: 'line', problem: 'is not a line number' })).toBe(true);
    expect(isCellProblem(aSettlement())).toBe(false);
    expect(isCellProblem(7)).toBe(false);
    expect(isCellProblem(undefined)).toBe(false);
  });
});

describe('the line of a results row', () => {
  test.each<[string, number | undefined]>([
    ['1', 1],
    ['2', 2],
    [' 17 ', 17],
    ['', undefined],
    ['  ', undefined],
  ])('%j is %s', (line, number) => {
    expect(parseLine({ ...addedCells(), line })).toBe(number);
  });

  test.each([['3.0'], ['3,00'], [' 3 ']])('%j is 3, as a spreadsheet may show it', (line) => {
    expect(parseLine({ ...addedCells(), line })).toBe(3);
  });

  test.each(['0', '-3', '2.5', 'two', '1,000'])('%j is none', (line) => {
    expect(parseLine({ ...addedCells(), line })).toEqual({ column: 'line', problem: `"${line}" is not a line number` });
  });
});
