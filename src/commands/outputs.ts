import { retryOf } from '../core/outcome.js';
import { toAddedCells } from '../core/settlement.js';
import type { StemFiles } from '../core/stem.js';
import { ReplacedFile } from '../io/durable-file.js';
import { ResultWriter } from '../io/result-writer.js';
import type { ResultFormat } from '../io/result-writer.js';
import type { EndedRow } from '../run.js';

/** The results of a run and what is left of them, both invisible until they are whole. */
export interface Outputs {
  readonly writeRow: (ended: EndedRow) => void;
  readonly complete: () => void;
  readonly discard: () => void;
}

/** @throws {StateError} when they can't be written */
export function openOutputs(files: StemFiles, ownNames: readonly string[], format: ResultFormat): Outputs {
  const results = new ResultWriter(new ReplacedFile(files.results), ownNames, format);
  const failed = new ResultWriter(new ReplacedFile(files.failed), ownNames, format);
  return {
    writeRow: ({ row, settlement }) => {
      const added = toAddedCells(row.line, settlement);
      results.write(row.cells, added);
      if (retryOf(settlement.outcome) !== 'no') failed.write(row.cells, added);
    },
    complete: () => {
      results.complete();
      failed.complete();
    },
    discard: () => {
      results.discard();
      failed.discard();
    },
  };
}
