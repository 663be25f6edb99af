import type { RowFile } from '../input/file-row.js';
import { RowTotals } from './row-totals.js';
import type { Totals } from './row-totals.js';

export interface CountedFile {
  readonly file: RowFile;
  readonly totals: () => Totals;
}

/** The file, whose rows are counted as they stand in it when they are read for the first time. */
export function countRows(file: RowFile): CountedFile {
  const totals = new RowTotals();
  let isCounted = false;
  const batches = async function* () {
    const isFirst = !isCounted;
    isCounted = true;
    for await (const rows of file.batches()) {
      if (isFirst) for (const { cells } of rows) totals.add(file.header, cells);
      yield rows;
    }
  };
  return { file: { ...file, batches }, totals: () => totals.result() };
}
