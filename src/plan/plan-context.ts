import type { Corrections } from '../input/correction.js';
import type { RowFile } from '../input/file-row.js';
import type { Header } from '../input/header.js';
import type { PlanWarning } from './plan-warning.js';
import type { PlannedRow, PlanRules } from './planned-row.js';
import type { Replayed } from './journal-replay.js';

export interface PlanContext {
  readonly input: RowFile;
  readonly results: RowFile | undefined;
  /** What operators changed in failed files so far; what this input changes is added. */
  readonly corrections: Corrections;
  readonly rules: PlanRules;
  /** What a killed run knew of rows that neither file has; asked when all others are planned. */
  readonly forgotten?: () => Iterable<Replayed>;
  readonly warn: (warning: PlanWarning) => void;
}

export interface PlannedRows {
  readonly ownNames: readonly string[];
  readonly header: Header;
  readonly rows: AsyncIterable<PlannedRow>;
}
