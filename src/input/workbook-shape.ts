import type { ColumnMap } from './column-map.js';
import type { Reading } from './dialect.js';
import { parseHeader, unwrapNames } from './header.js';
import type { Header, HeaderProblem } from './header.js';
import { betterLineText, headerCause, NO_LINE } from './header-line.js';
import { InputError } from '../core/input-error.js';
import { BLANK } from '../workbook/cell.js';
import type { WorkbookCell } from '../workbook/cell.js';
import { columnName, RowError } from '../workbook/sheet.js';
import type { SheetContext, SheetRecord } from '../workbook/sheet.js';

/** Rows that are looked at for a header: a title or a few remarks may stand above it. */
const MOST_LOOKED = 30;
/** As in a CSV, where the rows come back. */
const MAX_ROW_BYTES = 1024 * 1024;
/** What stands farther right of the header is no column that somebody forgot to name. */
const MAX_UNNAMED_COLUMNS = 1000;

/** What is known of a sheet when all of it was read once. */
export interface SheetShape {
  readonly header: Header;
  readonly headerRow: number;
  /** Columns in which some cells are text that begins with a zero: those that are numbers may have lost theirs. */
  readonly zeros: ReadonlySet<number>;
  readonly hiddenRows: number;
  readonly hiddenColumns: readonly string[];
}

export type ReadRows = (more?: Pick<SheetContext, 'hideColumn'>) => AsyncIterable<readonly SheetRecord[]>;

/** @throws {InputError} for a sheet without a header that can be used; {RowError} for a row that can't */
export async function readShape(
  path: string,
  read: ReadRows,
  { columns = {}, headerLine = 1, unwrapFormulas = false }: Pick<Reading, 'columns' | 'headerLine' | 'unwrapFormulas'>,
): Promise<SheetShape> {
  const toHeader = (names: readonly string[]): Header | HeaderProblem => {
    const header = parseHeader(unwrapFormulas ? unwrapNames(names) : names, columns);
    return 'problem' in header || !unwrapFormulas ? header : { ...header, unwraps: true };
  };
  /** The first row that could be the header, if the header itself can't. */
  let better: number | undefined;
  let looked = 0;
  const hidden = new Set<number>();
  const zeros = new Set<number>();
  const filled = new Set<number>();
  let head: SheetRecord | undefined;
  let width = 0;
  let hiddenRows = 0;
  for await (const rows of read({ hideColumn: (column) => hidden.add(column) })) {
    for (const row of rows) {
      if (isBlank(row) || row.number < headerLine) continue;
      if (head !== undefined && row.isHidden) hiddenRows += 1;
      head ??= row;
      if (better === undefined && looked < MOST_LOOKED) {
        looked += 1;
        if (!('problem' in toHeader(textsOf(row, row.cells.length)))) better = row.number;
      }
      checkRow(row, head);
      width = Math.max(width, row.cells.length);
      for (const [at, cell] of row.cells.entries()) {
        if (cell === undefined) continue;
        filled.add(at);
        if (cell.isNumber !== true && /^0\d+$/.test(cell.text)) zeros.add(at);
      }
    }
  }
  if (head === undefined) {
    const isEmpty = headerLine === 1;
    const problem = isEmpty ? 'the sheet is empty: the first row names the columns' : NO_LINE;
    throw new InputError(path, headerLine, problem);
  }
  const names = textsOf(head, width);
  const header = checkHeader(path, head, { header: toHeader(names), better, names, columns });
  const hiddenColumns = [...hidden]
    .filter((column) => filled.has(column))
    .map((column) => [columnName(column), names[column]?.trim()].filter((part) => part !== '').join(' '));
  return { header, headerRow: head.number, zeros, hiddenRows, hiddenColumns };
}

interface FoundHeader {
  readonly header: Header | HeaderProblem;
  readonly better: number | undefined;
  readonly names: readonly string[];
  readonly columns: ColumnMap;
}

function checkHeader(path: string, head: SheetRecord, { header, better, names, columns }: FoundHeader): Header {
  if ('problem' in header) {
    const told = headerCause(names, columns, IN_ONE_CELL) ?? header.problem;
    const problem = unknownNameText(head, told) ?? told;
    throw new InputError(path, head.number, better === undefined ? problem : betterLineText(better, problem));
  }
  if (header.added === undefined) return header;
  throw new InputError(
    path,
    head.number,
    'results are read as the CSV that they are: give that, or save this as "CSV UTF-8"',
  );
}

const IN_ONE_CELL =
  'the whole row stands in one cell: part the column into several (Data > Text to Columns), and save the workbook';

/** A formula that nobody has calculated shows its name to people, and to nobody else. */
function unknownNameText({ cells }: SheetRecord, problem: string): string | undefined {
  const at = cells.findIndex((cell) => cell?.text === '' && cell.doubt !== undefined);
  if (at < 0) return undefined;
  return `the name in column ${columnName(at)} ${cells[at]?.doubt ?? ''}; as it is, ${problem}`;
}

/** Nothing stands in it but blanks; a formula that nobody has calculated is something. */
export function isBlank({ cells }: SheetRecord): boolean {
  return cells.every((cell) => cell === undefined || (cell.text.trim() === '' && cell.doubt === undefined));
}

export function textsOf({ cells }: SheetRecord, width: number): string[] {
  return Array.from({ length: width }, (_, at) => (cells[at] ?? BLANK).text);
}

function checkRow({ number, cells }: SheetRecord, head: SheetRecord): void {
  const headerEnd = head.cells.findLastIndex((cell) => cell !== undefined && cell.text.trim() !== '');
  if (cells.length - 1 > headerEnd + MAX_UNNAMED_COLUMNS) {
    const [far, end] = [columnName(cells.length - 1), columnName(headerEnd)];
    throw new RowError(
      number,
      `a cell stands in column ${far}, far right of the header, which ends in ${end}: clear it`,
    );
  }
  let bytes = 0;
  for (const cell of cells) bytes += cell === undefined ? 0 : checkCell(number, cell);
  if (bytes > MAX_ROW_BYTES) throw new RowError(number, 'this row is over 1 MiB: shorten its cells');
}

function checkCell(row: number, { text }: WorkbookCell): number {
  if (/\0|\p{Cs}/u.test(text)) {
    throw new RowError(row, 'a cell of this row holds what is no character: type it again');
  }
  return Buffer.byteLength(text);
}
