import { correctRow } from '../input/correction.js';
import type { Corrections } from '../input/correction.js';
import { eachRow } from '../input/file-row.js';
import type { FileRow, RowFile } from '../input/file-row.js';
import { alignColumns } from '../input/header.js';
import { RowTotals } from '../manifest/row-totals.js';
import type { Totals } from '../manifest/row-totals.js';
import { lineOf } from '../plan/earlier-row.js';
import { RowLookup } from '../plan/row-lookup.js';
import { Differences } from './audit.js';

export interface AuditedInput {
  /** As the rows stand in it. */
  readonly totals: Totals;
  readonly corrected: number;
  readonly differences: Differences;
}

/**
 * Is each row of the input in the results, by its line and cell for cell, as it stands or as it was corrected since, and no
 * other row? @throws {InputError} where one of the files breaks
 */
export async function auditInput(input: RowFile, results: RowFile, corrections: Corrections): Promise<AuditedInput> {
  const lookup = await RowLookup.open(results);
  const differences = new Differences();
  const columns = alignColumns(results.header.ownKeys, input.header.ownKeys);
  const ownOf = (row: FileRow): string =>
    row.ragged === undefined ? JSON.stringify(columns.map((at) => row.cells[at])) : JSON.stringify(row.cells);
  const totals = new RowTotals();
  let corrected = 0;
  for await (const row of eachRow(input)) {
    totals.add(input.header, row.cells);
    const place = `${input.name}:${row.line}`;
    const found = await lookup.take(row.line);
    const correction = corrections.find(input.header, row);
    if (found === undefined) differences.add(`${place} is not in ${results.name}`);
    else if (ownOf(found) === JSON.stringify(row.cells)) continue;
    else if (correction !== undefined && ownOf(found) === JSON.stringify(correctRow(input, row, correction).cells))
      corrected += 1;
    else differences.add(`${place} is another row than ${results.name}:${found.line}`);
  }
  for await (const row of lookup.rest())
    differences.add(`${results.name}:${row.line} (line ${lineOf(results, row) ?? 'none'}) is not in ${input.name}`);
  return { totals: totals.result(), corrected, differences };
}
