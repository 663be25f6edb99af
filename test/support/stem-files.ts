import { stringify } from 'csv-stringify/sync';
import { ADDED_COLUMN_NAMES } from '../../src/input/added-column.js';
import { toAddedCells } from '../../src/record/added-cells.js';
import { KEYS_HEADER, toKeysText } from '../../src/record/keys-file.js';
import type { SavedKey } from '../../src/record/keys-file.js';
import type { Settlement } from '../../src/row/settlement.js';
import { aSettlement, NOON } from './builders.js';
import type { Lab } from './lab.js';

/** A row of results: its own cells, and what became of it. */
export interface LeftRow {
  readonly cells: readonly string[];
  readonly settlement?: Partial<Settlement>;
}

/** Writes the results and the keys that runs over `users.csv` left. @returns the path of the results */
export function leaveStem(lab: Lab, { names = ['username', 'token_type'], rows, keys }: StemContent): string {
  const records = rows.map(({ cells, settlement }, at) => [
    ...cells,
    ...toAddedCells(at + 2, aSettlement({ ...settlement })),
  ]);
  leaveKeys(lab, keys);
  return lab.file('users.results.csv', stringify([[...names, ...ADDED_COLUMN_NAMES], ...records]));
}

export interface StemContent {
  readonly names?: readonly string[];
  readonly rows: readonly LeftRow[];
  readonly keys: readonly SavedKey[];
}

export function leaveKeys(lab: Lab, keys: readonly SavedKey[]): string {
  return lab.file('users.keys.csv', `${KEYS_HEADER.join()}\n${toKeysText(keys)}`);
}

export function anOtpRow(username: string, settlement: Partial<Settlement> = {}): LeftRow {
  return { cells: [username, 'otp'], settlement };
}

/** Saved a second after the send that a row of these stems was registered by. */
export function aKey(username: string, changes: Partial<SavedKey> = {}): SavedKey {
  return { username, key: `KEY-OF-${username.toUpperCase()}`, savedAt: NOON + 1000, ...changes };
}
