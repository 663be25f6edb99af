import { expect, test } from 'vitest';
import { ADDED_COLUMN_NAMES } from '../../src/input/added-column.js';
import { toAddedCells } from '../../src/record/added-cells.js';
import { settleUnsent } from '../../src/row/settlement.js';
import { aSettlement, NOON } from '../support/builders.js';

test('a row that was never sent has nothing of a send', () => {
  expect(settleUnsent('duplicate', 'line 2')).toStrictEqual({
    outcome: 'duplicate',
    returnCode: '',
    message: '',
    httpStatus: undefined,
    attempts: 0,
    sentAt: undefined,
    latencyMs: undefined,
    detail: 'line 2',
  });
  expect(toAddedCells(1, settleUnsent('duplicate', ''))).toHaveLength(ADDED_COLUMN_NAMES.length);
  expect(aSettlement().sentAt).toBe(NOON);
});
