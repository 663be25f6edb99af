export interface WorkbookCell {
  readonly text: string;
  readonly doubt?: string;
  /** It is a number to the spreadsheet, which drops leading zeros. */
  readonly isNumber?: true;
}

/** A cell as it is stored (ECMA-376, 18.3.1.4). */
export interface StoredCell {
  readonly type: string;
  /** What stands in `<v>`, or in `<is>` of a text that is not shared; undefined where there is neither. */
  readonly value: string | undefined;
  readonly isDate: boolean;
  readonly isFormula: boolean;
}

export interface CellContext {
  readonly sharedStrings: readonly string[];
  readonly is1904: boolean;
}

export const BLANK: WorkbookCell = { text: '' };
const KEPT_DIGITS = 15;
const WITHOUT_VALUE = 'is a formula whose value is not stored in the file: open it in Excel and save it again';

/** The cell as a person sees it; or what is wrong with it, where nobody could. */
export function parseWorkbookCell(cell: StoredCell, context: CellContext): WorkbookCell | { readonly problem: string } {
  const { type, value, isFormula, isDate } = cell;
  if (value === undefined || (value === '' && type !== 'str' && type !== 'inlineStr')) {
    return isFormula && value === undefined ? { text: '', doubt: WITHOUT_VALUE } : BLANK;
  }
  switch (type) {
    case 's':
      return sharedText(value, context);
    case 'b':
      return { text: value === '1' || value === 'true' ? 'TRUE' : 'FALSE' };
    case 'd':
      // Without a zone it is the time that the cell shows.
      return dateCell(Date.parse(/T[\d:.]*$/.test(value) ? `${value}Z` : value), { text: value });
    case 'n':
      return isDate ? dateCell(toEpochMs(Number(value), context), numberCell(value)) : numberCell(value);
    // Text, the text of a formula, and the error that a cell shows, such as #N/A.
    default:
      return { text: value };
  }
}

function sharedText(value: string, { sharedStrings }: CellContext): WorkbookCell | { readonly problem: string } {
  const text = /^\s*\d+\s*$/.test(value) ? sharedStrings[Number(value)] : undefined;
  return text === undefined
    ? { problem: 'names a text that the workbook lacks: open it in Excel and save it again' }
    : { text };
}

function numberCell(digits: string): WorkbookCell {
  const value = Number(digits);
  if (!Number.isFinite(value)) return { text: digits };
  if (Math.abs(value) < 10 ** KEPT_DIGITS) {
    return { text: String(Number(value.toPrecision(KEPT_DIGITS))), isNumber: true };
  }
  const text = value.toLocaleString('en', { useGrouping: false, maximumSignificantDigits: KEPT_DIGITS });
  return { text, doubt: `is a number to the spreadsheet, which keeps ${KEPT_DIGITS} digits of it`, isNumber: true };
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Of 1900-01-01, which is day 1, for all days after a 29 February 1900 that spreadsheets believe in. */
const DAYS_TO_1970 = 25_569;
const DAYS_TO_1904 = 1462;

function toEpochMs(days: number, { is1904 }: CellContext): number {
  return Math.round((days + (is1904 ? DAYS_TO_1904 : 0) - DAYS_TO_1970) * DAY_MS);
}

/** 9999-12-31, behind which no spreadsheet has a date; before 1900 it shows none, and it is a number all the same. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const FIRST_MS = Date.UTC(1899, 11, 30);

/** A time of day alone, and what is behind the last date, stay as they are stored: Excel shows #### for that. */
function dateCell(ms: number, stored: WorkbookCell): WorkbookCell {
  if (Number.isNaN(ms)) return { ...stored, doubt: 'is a date or a time to the spreadsheet' };
  if (ms > LAST_MS) return { ...stored, doubt: 'is a date to the spreadsheet, which it can not show' };
  if (ms < FIRST_MS) return { ...stored, doubt: 'is a date before 1900 to the spreadsheet' };
  const text = new Date(ms).toISOString();
  const isDay = text.endsWith('T00:00:00.000Z');
  return {
    text: isDay ? text.slice(0, 10) : text.slice(0, 19).replace('T', ' '),
    doubt: 'is a date to the spreadsheet',
  };
}
