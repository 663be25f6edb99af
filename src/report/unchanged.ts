import type { ColumnMap } from '../input/column-map.js';
import type { Encoding } from '../input/encoding.js';
import { OF_CELLS } from './run-report.js';
import type { Unchanged, RunReport } from './run-report.js';

export interface Rerun {
  readonly input: string;
  readonly isFirstInput: boolean;
  readonly columns: ColumnMap;
  readonly encoding: Encoding;
  readonly signaturesDir: string;
  readonly settings: RunReport['settings'];
  readonly selectsAll: boolean;
}

/**
 * What a rerun has to find so that it would read all rows only to write the same results again; nothing where it has to
 * read them in any case. What becomes of a row hangs on its cells, its history, its settings, and what operators corrected;
 * a row that is done stays as it is. So this is what was left by a run with nothing more to do, to correct, or to warn of,
 * where all that is known before a row is read has stayed the same: in doubt, the rows are read.
 */
export function expectedUnchanged(earlier: RunReport | undefined, rerun: Rerun): Unchanged | undefined {
  if (earlier?.as_left === undefined) return undefined;
  const isNothingLeft = earlier.exit_code === 0 && earlier.retry['yes'] === 0 && earlier.retry['fix'] === 0;
  // What is odd about a row is told by every run that reads it.
  const told = Object.keys(earlier.warnings).filter((kind) => !OF_NO_ROW_LEFT.includes(kind));
  const isNothingToTell = earlier.corrections.length === 0 && told.length === 0;
  if (!isNothingLeft || !isNothingToTell || !rerun.isFirstInput || !rerun.selectsAll) return undefined;
  const { input, columns, encoding, signaturesDir, settings } = rerun;
  const before = [earlier.input, earlier.columns, earlier.encoding, earlier.signatures_dir, earlier.settings];
  return isSame(before, [input, columns, encoding, signaturesDir, settings]) ? earlier.as_left : undefined;
}

/** Beside warnings of such cells those of signatures, which are read for a send alone. */
const OF_NO_ROW_LEFT: readonly string[] = [...OF_CELLS, 'sha1', 'unverified', 'other_subject'];

/** As JSON has them: one of the two has been in a file. */
export function isSame(before: unknown, now: unknown): boolean {
  return JSON.stringify(before) === JSON.stringify(now);
}
