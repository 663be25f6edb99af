import { stringify } from 'csv-stringify/sync';

/** One hand-out of one key: whose, when, by whom, in which file; never the key. */
export interface LedgerEntry {
  readonly username: string;
  /** Epoch ms, by which the key is known; 0 where it has no time. */
  readonly savedAt: number;
  readonly handOut: HandOut;
}

/** What all keys have in common that were handed out together. */
export interface HandOut {
  /** ISO 8601. */
  readonly at: string;
  /** System user and host. */
  readonly by: string;
  /** From the folder of the ledger. */
  readonly file: string;
  /** Of the file, hex. */
  readonly sha256: string;
}

export const LEDGER_HEADER = ['username', 'registered_at', 'handed_out_at', 'handed_out_by', 'file', 'sha256'] as const;

export function toLedgerCells({ username, savedAt, handOut: { at, by, file, sha256 } }: LedgerEntry): string[] {
  const registeredAt = savedAt === 0 ? '' : new Date(savedAt).toISOString();
  return [username, registeredAt, at, by, file, sha256];
}

export function toLedgerText(records: readonly (readonly string[])[]): string {
  return stringify([...records], { record_delimiter: '\n', quoted_match: /\r/ });
}
