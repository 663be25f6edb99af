import type { Attributes } from 'saxen';
import { isTrue } from './book.js';
import { BLANK, parseWorkbookCell } from './cell.js';
import type { CellContext, WorkbookCell } from './cell.js';
import { AS_CSV, damaged, PartsError } from './parts.js';
import { checkLength, RichText } from './strings.js';
import { unescapeText } from './book.js';
import { XmlReader } from './xml.js';

/** What a sheet can have, in any spreadsheet. */
export const MAX_ROWS = 1_048_576;
export const MAX_COLUMNS = 16_384;
/** Many cells may share one text: 512 characters for each of as many rows as there can be. */
const MAX_CHARACTERS = 512 * 1024 * 1024;

export interface SheetRecord {
  /** From 1. */
  readonly number: number;
  /** By hand, or by a filter. */
  readonly isHidden: boolean;
  /** Up to the last one that is not blank; holes are blank too. */
  readonly cells: readonly (WorkbookCell | undefined)[];
}

export interface SheetContext extends CellContext {
  readonly isDateStyle: readonly boolean[];
  /** Told of the columns that the sheet hides, by their positions from 0. */
  readonly hideColumn?: (column: number) => void;
}

/** The rows with something in them, those of a piece of the part together. @throws {PartsError, XmlError, RowError} */
export async function* readSheet(
  pieces: AsyncIterable<Buffer>,
  context: SheetContext,
): AsyncGenerator<readonly SheetRecord[]> {
  const parser = new SheetParser(context);
  const reader = new XmlReader(parser);
  for await (const piece of pieces) {
    // Behind the rows is what draws and prints them; it is unpacked all the same, to know the part undamaged.
    if (!parser.isEnded) reader.write(piece);
    const rows = parser.take();
    if (rows.length > 0) yield rows;
  }
  if (!parser.isEnded) reader.end();
}

export class RowError extends Error {
  override readonly name = 'RowError';
  readonly row: number;

  constructor(row: number, problem: string) {
    super(problem);
    this.row = row;
  }
}

interface OpenRecord {
  number: number | undefined;
  readonly isHidden: boolean;
  readonly cells: (WorkbookCell | undefined)[];
}

interface OpenCell {
  readonly column: number;
  readonly type: string;
  readonly isDate: boolean;
  isFormula: boolean;
  value: string | undefined;
}

class SheetParser {
  readonly #context: SheetContext;
  readonly #rich = new RichText();
  #rows: SheetRecord[] = [];
  #isInRows = false;
  #isHiddenUnlessSaid = false;
  #columnRanges = 0;
  #lastRow = 0;
  #characters = 0;
  #lastColumn = -1;
  #row: OpenRecord | undefined;
  #cell: OpenCell | undefined;
  #isValue = false;
  isEnded = false;

  constructor(context: SheetContext) {
    this.#context = context;
  }

  take(): readonly SheetRecord[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  readonly open = (name: string, attributes: () => Attributes): void => {
    if (this.isEnded) return;
    if (this.#cell !== undefined) this.#openInCell(name, this.#cell);
    else if (this.#row !== undefined) {
      if (name === 'c') this.#openCell(attributes(), this.#row);
    } else if (this.#isInRows) {
      if (name === 'row') this.#openRow(attributes());
    } else if (name === 'sheetData') this.#isInRows = true;
    else if (name === 'sheetFormatPr') this.#isHiddenUnlessSaid = isTrue(attributes()['zeroHeight']);
    else if (name === 'col') this.#hideColumns(attributes());
  };

  readonly close = (name: string): void => {
    if (this.isEnded) return;
    if (this.#cell !== undefined) this.#closeInCell(name, this.#cell);
    else if (name === 'row') this.#closeRow();
    else if (name === 'sheetData') this.isEnded = true;
  };

  readonly text = (text: string): void => {
    if (this.#cell === undefined) return;
    this.#rich.add(text);
    if (!this.#isValue) return;
    this.#cell.value = (this.#cell.value ?? '') + text;
    checkLength(this.#cell.value.length);
  };

  #hideColumns({ min, max, hidden, width }: Attributes): void {
    this.#columnRanges += 1;
    if (this.#columnRanges > MAX_COLUMNS)
      throw new PartsError(`this workbook describes its columns over ${MAX_COLUMNS} times: ${REMEDY}`);
    if (!isTrue(hidden) && Number(width ?? 1) !== 0) return;
    const last = Math.min(Number(max), MAX_COLUMNS);
    for (let column = Number(min); column <= last; column += 1) this.#context.hideColumn?.(column - 1);
  }

  /** A row without its number follows the one before, or says it by its first cell. */
  #openRow({ r, hidden, ht }: Attributes): void {
    const isHidden = hidden === undefined ? this.#isHiddenUnlessSaid || Number(ht ?? 1) === 0 : isTrue(hidden);
    this.#row = { number: r === undefined ? undefined : this.#checkRow(Number(r)), isHidden, cells: [] };
    this.#lastColumn = -1;
  }

  #checkRow(number: number): number {
    if (!Number.isInteger(number) || number <= this.#lastRow) throw damaged();
    if (number > MAX_ROWS) {
      throw new PartsError(
        `this workbook has a row ${number}, and the last one that a sheet can have is ${MAX_ROWS}: ${REMEDY}`,
      );
    }
    return number;
  }

  #openCell({ r, t, s }: Attributes, row: OpenRecord): void {
    const place = r === undefined ? undefined : parseReference(r);
    if (r !== undefined && place === undefined) throw damaged();
    row.number ??= place === undefined ? undefined : this.#checkRow(place.row);
    const column = place?.column ?? this.#lastColumn + 1;
    if (column >= MAX_COLUMNS) {
      throw new PartsError(
        `this workbook has a cell in column ${column + 1}, and a sheet can have ${MAX_COLUMNS}: ${REMEDY}`,
      );
    }
    if (column <= this.#lastColumn) throw damaged();
    this.#lastColumn = column;
    const isDate = s !== undefined && this.#context.isDateStyle[Number(s)] === true;
    this.#cell = { column, type: t ?? 'n', isDate, isFormula: false, value: undefined };
  }

  #openInCell(name: string, cell: OpenCell): void {
    if (name === 'v' && cell.type !== 'inlineStr') {
      this.#isValue = true;
      cell.value = '';
    } else if (name === 'f') cell.isFormula = true;
    else this.#rich.open(name);
  }

  #closeInCell(name: string, cell: OpenCell): void {
    if (name === 'v') this.#isValue = false;
    else if (name === 'c') this.#closeCell(cell);
    else this.#rich.close(name);
  }

  #closeCell(cell: OpenCell): void {
    this.#cell = undefined;
    const inline = this.#rich.take();
    const row = this.#row;
    if (row === undefined) return;
    const value =
      cell.type === 'inlineStr' ? inline : cell.type === 'str' ? cell.value && unescapeText(cell.value) : cell.value;
    const parsed = parseWorkbookCell({ ...cell, value }, this.#context);
    if ('problem' in parsed) {
      throw new RowError(
        row.number ?? this.#lastRow + 1,
        `the cell in column ${columnName(cell.column)} ${parsed.problem}`,
      );
    }
    this.#characters += parsed.text.length;
    if (this.#characters > MAX_CHARACTERS)
      throw new PartsError(`the cells of this workbook have over ${MAX_CHARACTERS} characters: ${AS_CSV}`);
    if (parsed !== BLANK && (parsed.text !== '' || parsed.doubt !== undefined)) row.cells[cell.column] = parsed;
  }

  #closeRow(): void {
    const row = this.#row;
    if (row === undefined) return;
    this.#row = undefined;
    this.#lastRow = row.number ?? this.#checkRow(this.#lastRow + 1);
    const { isHidden, cells } = row;
    if (cells.length > 0) this.#rows.push({ number: this.#lastRow, isHidden, cells });
  }
}

const REMEDY = 'open it in Excel and save it again';

/** `B7` is in column 1, counted from 0, and row 7. */
function parseReference(text: string): { readonly column: number; readonly row: number } | undefined {
  const [, letters, digits] = /^\$?([a-z]{1,4})\$?(\d{1,9})$/i.exec(text) ?? [];
  if (letters === undefined || digits === undefined) return undefined;
  let column = 0;
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
  return { column: column - 1, row: Number(digits) };
}

/** The letters of a column, by its position from 0. */
export function columnName(position: number): string {
  const letter = String.fromCharCode(65 + (position % 26));
  return position < 26 ? letter : columnName(Math.floor(position / 26) - 1) + letter;
}
