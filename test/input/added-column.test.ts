import { expect, test } from 'vitest';
import { ADDED_COLUMN_NAMES, ADDED_COLUMNS } from '../../src/input/added-column.js';

test('we add ten, in this order', () => {
  expect(ADDED_COLUMN_NAMES).toEqual([
    'line',
    'outcome',
    'retry',
    'return_code',
    'message',
    'http_status',
    'attempts',
    'sent_at',
    'latency_ms',
    'detail',
  ]);
});

test('each says what it holds', () => {
  for (const text of Object.values(ADDED_COLUMNS)) expect(text).toMatch(/^\S.*\S$/);
});
