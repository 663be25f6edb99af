import { retryOf } from '../row/outcome.js';
import type { EndedRow } from '../report/summary.js';
import { toAddedCells } from './added-cells.js';
import { StateError } from '../core/state-error.js';
import type { StemFiles } from '../core/stem.js';
import { remove } from '../disk/file-system.js';
import { placeFinished, ReplacedFile } from './replaced-file.js';
import { ResultWriter } from './result-writer.js';
import type { ResultFormat } from './result-writer.js';

export interface Outputs {
  readonly writeRow: (ended: EndedRow) => void;
  /** Brings both to the disk, before they are put in their places. @returns their SHA-256, hex */
  readonly finish: () => { readonly results: string; readonly failed: string };
  readonly complete: (summary: string) => void;
  readonly discard: () => void;
}

/**
 * A results file says nothing of the corrections behind it, and the failed file is what a run may have begun with: any of
 * the three that took its place alone would take from what completes the others. So all are finished first, and the
 * summary, which names its run, decides: before it is in its place a kill leaves all as it was, and the journal tells the
 * rest; from then on the others only have to be put in their places, which {@link placeRest} does after a kill.
 * @throws {StateError} when they can't be written
 */
export function openOutputs(files: StemFiles, ownNames: readonly string[], format: ResultFormat): Outputs {
  const results = new ResultWriter(new ReplacedFile(files.results), ownNames, format);
  const failed = new ResultWriter(new ReplacedFile(files.failed), ownNames, format);
  let isDecided = false;
  return {
    writeRow: ({ row, settlement }) => {
      const added = toAddedCells(row.line, settlement);
      results.write(row.cells, added);
      if (retryOf(settlement) !== 'no') failed.write(row.cells, added);
    },
    finish: () => ({ results: results.finish(), failed: failed.finish() }),
    complete: (text) => {
      const summary = new ReplacedFile(files.summary);
      summary.write(text);
      summary.finish();
      // Also when this fails: nobody knows then whether it has its place.
      isDecided = true;
      summary.place();
      results.place();
      failed.place();
      removeJournal(files);
    },
    discard: () => {
      if (isDecided) return;
      results.discard();
      failed.discard();
    },
  };
}

/** Goes on where a run was killed whose summary is in its place: these of its files follow. */
export function placeRest(files: StemFiles, finished: readonly string[]): void {
  finished.forEach(placeFinished);
  removeJournal(files);
}

function removeJournal({ journal }: StemFiles): void {
  try {
    remove(journal);
  } catch (error) {
    throw new StateError(journal, error);
  }
}
