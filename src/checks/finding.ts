import { INPUT_COLUMN_NAMES, INPUT_COLUMNS } from '../input/column.js';
import type { InputColumn } from '../input/column.js';
import type { Header } from '../input/header.js';
import type { PlanWarning } from '../plan/plan-warning.js';
import type { PlannedRow } from '../plan/planned-row.js';
import { rejectionText } from '../row/registration.js';
import { usedCell } from '../input/header.js';
import type { Rejection } from '../row/registration.js';
import { showText } from '../core/safe-text.js';
import { namesOf } from '../core/table.js';
import type { SignatureWarning } from '../signature/signature.js';

const COLUMN_FINDINGS = Object.fromEntries(
  INPUT_COLUMN_NAMES.map((name) => [name, { severity: 'error', meaning: INPUT_COLUMNS[name].wrong }]),
  // Object.fromEntries loses the names, which are all there.
) as Readonly<Record<InputColumn, { severity: 'error'; meaning: string }>>;

/** What can be found in an input. A row with an error is not sent. */
export const FINDINGS = {
  file: { severity: 'error', meaning: 'the file breaks: nothing was read from there on' },
  row: { severity: 'error', meaning: 'too few or too many cells, or at odds with another line' },
  ...COLUMN_FINDINGS,
  hidden: { severity: 'warning', meaning: 'rows or columns that the sheet hides' },
  unread_column: { severity: 'warning', meaning: 'a column that may be one of ours, in another name' },
  duplicate: { severity: 'warning', meaning: 'the same row stands on an earlier line: sent once' },
  similar_username: { severity: 'warning', meaning: 'like the username of an earlier line' },
  no_name: { severity: 'warning', meaning: 'what programs write for no value' },
  trimmed: { severity: 'warning', meaning: 'blanks around the username, which are not sent' },
  mangled: { severity: 'warning', meaning: 'what a spreadsheet may have changed' },
  ignored_cells: { severity: 'warning', meaning: 'cells that an OTP row has no need of' },
  formula: { severity: 'warning', meaning: 'cells that a spreadsheet takes for a formula' },
  sha1: { severity: 'warning', meaning: 'signatures made with SHA-1' },
  unverified: { severity: 'warning', meaning: "signatures that can't be checked here" },
  other_subject: { severity: 'warning', meaning: "signer's certificate unlike the username" },
  same_certificate: { severity: 'warning', meaning: 'the certificate of an earlier user' },
  changed_cells: { severity: 'warning', meaning: 'signature or status changed since an earlier run' },
  added_cells: { severity: 'warning', meaning: 'other than the results in columns that a run adds: they stand' },
  not_replaced: { severity: 'warning', meaning: 'done or in doubt: the change is not taken' },
  left_out: { severity: 'warning', meaning: 'in the results, no longer in the input: left out' },
  kept: { severity: 'warning', meaning: 'in the results, no longer in the input: kept there' },
} as const satisfies Record<
  | (InputColumn | PlanWarning['kind'] | SignatureWarning['kind'])
  | ('file' | 'row' | 'hidden' | 'unread_column' | 'duplicate' | 'similar_username' | 'same_certificate'),
  { severity: 'error' | 'warning'; meaning: string }
>;
export type FindingKind = keyof typeof FINDINGS;
export const FINDING_KINDS = namesOf(FINDINGS);

export interface Finding {
  readonly kind: FindingKind;
  readonly text: string;
  /** The file, where it is not the input. */
  readonly file?: string;
  readonly line?: number | undefined;
  readonly column?: InputColumn | undefined;
  /** What the message is about as a whole, such as a column: it is shown once. */
  readonly once?: string | undefined;
  readonly isOfHeader?: true | undefined;
  /** What stands in the column, shortened. */
  readonly value?: string | undefined;
}

export function isError({ kind }: Pick<Finding, 'kind'>): boolean {
  return FINDINGS[kind].severity === 'error';
}

export function toFinding(rejection: Rejection, { inputLine, cells }: PlannedRow, header: Header): Finding {
  const { column } = rejection;
  const value = column && showText(usedCell(header, cells, column), 60);
  const told = { kind: column ?? 'row', line: inputLine, column, value, text: rejectionText(rejection) } as const;
  return rejection.isOfHeader === true ? { ...told, once: column, isOfHeader: true } : told;
}
