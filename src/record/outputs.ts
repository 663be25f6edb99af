import { retryOf } from '../row/outcome.js';
import type { EndedRow } from '../report/summary.js';
import { toAddedCells } from './added-cells.js';
import { StateError } from '../core/state-error.js';
import type { StemFiles } from '../core/stem.js';
import { remove } from '../disk/file-system.js';
import { placeFinished, ReplacedFile } from './replaced-file.js';
import { ResultWriter } from './result-writer.js';
import type { ResultFormat } from './result-writer.js';

export interface Written {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** A file that is whole, under its temporary name. */
type Finished = Pick<ReplacedFile, 'place' | 'discard'>;

export interface Outputs {
  readonly writeRow: (ended: EndedRow) => void;
  /** Brings both to the disk, before they are put in their places. */
  readonly finish: () => { readonly results: Written; readonly failed: Written };
  /** @param more finished, and placed with the others */
  readonly complete: (texts: OutputTexts, more?: readonly Finished[]) => void;
  readonly discard: () => void;
}

export type OutputTexts = Readonly<Record<'summary' | 'manifest' | 'digests', string>>;

/**
 * A results file says nothing of the corrections behind it, and the failed file is what a run may have begun with: any of
 * the three that took its place alone would take from what completes the others. So all are finished first, and the
 * summary, which names its run, decides: before it is in its place a kill leaves all as it was, and the journal tells the
 * rest; from then on the others only have to be put in their places, which {@link placeRest} does after a kill.
 * @throws {StateError} when they can't be written
 */
export function openOutputs(files: StemFiles, ownNames: readonly string[], format: ResultFormat): Outputs {
  const [resultsFile, failedFile] = [new ReplacedFile(files.results), new ReplacedFile(files.failed)];
  const results = new ResultWriter(resultsFile, ownNames, format);
  const failed = new ResultWriter(failedFile, ownNames, format);
  const finished: Finished[] = [results, failed];
  let isDecided = false;
  return {
    writeRow: ({ row, settlement }) => {
      const added = toAddedCells(row.line, settlement);
      results.write(row.cells, added);
      if (retryOf(settlement) !== 'no') failed.write(row.cells, added);
    },
    finish: () => ({
      results: { sha256: results.finish(), bytes: resultsFile.bytes },
      failed: { sha256: failed.finish(), bytes: failedFile.bytes },
    }),
    complete: (texts, more = []) => {
      finished.push(...more);
      const [summary, ...others] = (['summary', 'manifest', 'digests'] as const).map((name) => {
        const file = new ReplacedFile(files[name]);
        finished.push(file);
        file.write(texts[name]);
        file.finish();
        return file;
      });
      // Also when this fails: nobody knows then whether it has its place.
      isDecided = true;
      summary?.place();
      for (const file of [results, failed, ...others, ...more]) file.place();
      removeJournal(files);
    },
    discard: () => {
      if (!isDecided) for (const file of finished) file.discard();
    },
  };
}

/** Goes on where a run was killed whose summary is in its place: the others of its files follow. */
export function placeRest(files: StemFiles, { isFailedKept }: { readonly isFailedKept: boolean }): void {
  const { results, failed, attempts, undone, manifest, digests } = files;
  [results, ...(isFailedKept ? [] : [failed]), attempts, undone, manifest, digests].forEach(placeFinished);
  removeJournal(files);
}

function removeJournal({ journal }: StemFiles): void {
  try {
    remove(journal);
  } catch (error) {
    throw new StateError(journal, error);
  }
}
