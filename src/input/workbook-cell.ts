export interface WorkbookCell {
  readonly text: string;
  readonly doubt?: string;
  /** It is a number to the spreadsheet, which drops leading zeros. */
  readonly isNumber?: true;
}

const KEPT_DIGITS = 15;

/** @param value nothing, text, true or false, a date, or the `digits` of a number as they are stored */
export function parseWorkbookCell(value: unknown): WorkbookCell {
  if (typeof value === 'string') return { text: value };
  if (typeof value === 'boolean') return { text: value ? 'TRUE' : 'FALSE' };
  if (value instanceof Date) return { text: dateText(value), doubt: 'is a date to the spreadsheet' };
  if (typeof value === 'object' && value !== null && 'digits' in value) return numberCell(Number(value.digits));
  return { text: '' };
}

function numberCell(value: number): WorkbookCell {
  if (Math.abs(value) < 10 ** KEPT_DIGITS) {
    return { text: String(Number(value.toPrecision(KEPT_DIGITS))), isNumber: true };
  }
  const text = value.toLocaleString('en', { useGrouping: false, maximumSignificantDigits: KEPT_DIGITS });
  return { text, doubt: `is a number to the spreadsheet, which keeps ${KEPT_DIGITS} digits of it`, isNumber: true };
}

function dateText(date: Date): string {
  const text = date.toISOString();
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.slice(0, 19).replace('T', ' ');
}
