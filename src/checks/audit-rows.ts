import { lineOf, settlementOf } from '../plan/earlier-row.js';
import type { KeyTimes } from '../plan/key-times.js';
import { LineSet } from '../plan/line-set.js';
import { RowIndex } from '../plan/row-index.js';
import { eachRow } from '../input/file-row.js';
import type { FileRow, RowFile } from '../input/file-row.js';
import { ADDED_COLUMN_NAMES } from '../input/added-column.js';
import { addTotals, RowTotals } from '../manifest/row-totals.js';
import type { Totals } from '../manifest/row-totals.js';
import type { Manifest } from '../manifest/manifest.js';
import { entriesOf } from '../core/table.js';
import { isSentNoMore, signatureIn } from '../manifest/signature-digest.js';
import type { SignedSend } from '../manifest/signature-digest.js';
import { retryOf } from '../row/outcome.js';
import { keyOf, parseKey } from '../row/registration.js';
import { bringsKey } from '../row/token-type.js';
import { Differences } from './audit.js';

export interface RowsToAudit {
  readonly results: RowFile;
  /** Undefined where it can't be read. */
  readonly failed: RowFile | undefined;
  /** Undefined where there is no keys file to look into. */
  readonly keyTimes: KeyTimes | undefined;
  /** The keys of rows that undo says it took back; absent where that is not asked. */
  readonly undone?: RowIndex;
  /** For each row whose signature was sent, by whatever run. */
  readonly onSigned: (row: SignedSend, username: string) => void;
}

export interface AuditedRows {
  readonly totals: Totals;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly retry: Readonly<Record<string, number>>;
  readonly results: Differences;
  readonly failed: Differences;
  /** Of these, the rows that somebody corrected, and nothing else. */
  readonly corrected: number;
  readonly keys: Differences;
  readonly undone: Differences;
}

/** Reads the results once, and the failed file beside them. @throws {InputError} where the results break, or are none of ours */
export async function auditRows(rows: RowsToAudit): Promise<AuditedRows> {
  const { results, failed, keyTimes, undone, onSigned } = rows;
  const [totals, lines] = [new RowTotals(), new LineSet()];
  const outcomes: Record<string, number> = {};
  const retry: Record<string, number> = {};
  const found = {
    results: new Differences(),
    failed: new Differences(),
    keys: new Differences(),
    undone: new Differences(),
  };
  let corrected = 0;
  const rest = failed === undefined ? undefined : eachRow(failed);
  for await (const row of eachRow(results)) {
    totals.add(results.header, row.cells);
    const settlement = settlementOf(results, row);
    const line = lineOf(results, row);
    const place = `${results.name}:${row.line}`;
    if (settlement === undefined || line === undefined) {
      found.results.add(`${place} has no outcome or no line: it was added by hand`);
      continue;
    }
    if (!lines.add(line)) found.results.add(`${place}: line ${line} stands on another row too`);
    count(outcomes, settlement.outcome);
    const said = row.added?.retry.trim() ?? '';
    count(retry, said);
    if (said !== retryOf(settlement))
      found.results.add(`${place}: retry is ${said}, and the outcome ${settlement.outcome}`);
    const key = parseKey(results.header, row.cells);
    const isTold = undone === undefined || (key !== undefined && undone.get(keyOf(key)) !== undefined);
    if (settlement.outcome === 'undone' && !isTold) found.undone.add(`${place} is undone, and undo says nothing of it`);
    const isRegistered = settlement.outcome === 'registered' && key !== undefined && bringsKey(key.tokenType);
    if (isRegistered && keyTimes?.hasSince(key.username, 1) === false) found.keys.add(`no key for ${place}`);
    const { sentAt } = settlement;
    const path = sentAt === undefined ? undefined : signatureIn(results.header, row.cells)?.path;
    if (key !== undefined && sentAt !== undefined && path !== undefined)
      onSigned({ path, sentAt, isDone: isSentNoMore(settlement) }, key.username);
    if (rest !== undefined && said !== 'no') noteNext(row, await nextOf(rest), found.failed);
  }
  for await (const row of rest ?? []) found.failed.add(`${failed?.name}:${row.line} needs no other run by the results`);
  return { totals: totals.result(), outcomes, retry, corrected, ...found };

  function noteNext(row: FileRow, other: FileRow | undefined, differences: Differences): void {
    if (other === undefined) differences.add(`the row of ${results.name}:${row.line} is missing`);
    else if (textOf(row) === textOf(other)) return;
    else {
      differences.add(`${failed?.name}:${other.line} is not the row of ${results.name}:${row.line}`);
      if (textOf({ ...row, cells: other.cells }) === textOf(other)) corrected += 1;
    }
  }
}

/** The figures of the rows against those of the manifest, and these among themselves. */
export function compareRows(
  { totals, outcomes, retry }: AuditedRows,
  { results: said, failed, outcomes: saidOutcomes, retry: saidRetry, shards }: Manifest,
  differences: Differences,
): void {
  compareTotals(totals, said, differences);
  for (const name of new Set([...Object.keys(outcomes), ...Object.keys(saidOutcomes)]))
    differences.addFigure(name, outcomes[name] ?? 0, saidOutcomes[name] ?? 0);
  for (const name of new Set([...Object.keys(retry), ...Object.keys(saidRetry)]))
    differences.addFigure(`retry ${name}`, retry[name] ?? 0, saidRetry[name] ?? 0);
  const sum = Object.values(saidOutcomes).reduce((total, count) => total + count, 0);
  if (sum !== said.rows)
    differences.add(`the outcomes of the manifest are of ${sum} rows, and its rows are ${said.rows}`);
  compareShards(shards, said, differences);
  const left = (saidRetry['yes'] ?? 0) + (saidRetry['fix'] ?? 0);
  if (left !== failed.rows)
    differences.add(`the manifest has ${left} rows left, and ${failed.rows} in the failed file`);
}

export function compareTotals({ rows, types, hash_total }: Totals, said: Totals, differences: Differences): void {
  differences.addFigure('rows', rows, said.rows);
  for (const [name, count] of entriesOf(types)) differences.addFigure(`${name} rows`, count, said.types[name]);
  differences.addFigure('hash total', hash_total, said.hash_total);
}

/** Reads what undo left: the keys of all rows that it took back. @throws {InputError} where it breaks, or is none of ours */
export async function undoneKeys(undone: RowFile): Promise<RowIndex> {
  const keys = new RowIndex();
  for await (const row of eachRow(undone)) {
    const key = parseKey(undone.header, row.cells);
    if (key !== undefined && settlementOf(undone, row)?.outcome === 'undone') keys.add(keyOf(key), row.line);
  }
  return keys;
}

/** Each row of a merge is one of its shards'. */
function compareShards(shards: Manifest['shards'], said: Totals, differences: Differences): void {
  if (shards === undefined) return;
  const { rows, hash_total } = shards.reduce((sum, shard) => addTotals(sum, shard), { rows: 0, hash_total: 0 });
  differences.addFigure('rows of all shards', rows, said.rows);
  differences.addFigure('hash total of all shards', hash_total, said.hash_total);
}

async function nextOf(rows: AsyncGenerator<FileRow>): Promise<FileRow | undefined> {
  const step = await rows.next();
  return step.done === true ? undefined : step.value;
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function textOf({ cells, added }: FileRow): string {
  return JSON.stringify([cells, ADDED_COLUMN_NAMES.map((name) => added?.[name])]);
}
