import { expect, it } from 'vitest';
import { LEDGER_HEADER, toLedgerCells, toLedgerText } from '../../src/handout/ledger.js';
import { NOON } from '../support/builders.js';

const HAND_OUT = {
  at: '2026-02-01T08:00:00.000Z',
  by: 'mia@desk-7',
  file: 'users.hand-out-1.csv',
  sha256: 'ab'.repeat(32),
};

it('has a line for each key that was handed out, with all but the key', () => {
  const cells = toLedgerCells({ username: 'ann "a", b', savedAt: NOON, handOut: HAND_OUT });
  expect(toLedgerText([LEDGER_HEADER, cells])).toBe(
    `username,registered_at,handed_out_at,handed_out_by,file,sha256\n"ann ""a"", b",2026-01-31T12:00:00.250Z,2026-02-01T08:00:00.000Z,mia@desk-7,users.hand-out-1.csv,${HAND_OUT.sha256}\n`,
  );
});

it('leaves the time of a key empty that has none', () => {
  expect(toLedgerCells({ username: 'ann', savedAt: 0, handOut: HAND_OUT })[1]).toBe('');
});
