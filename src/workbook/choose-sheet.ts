import { InputError } from '../core/input-error.js';
import { showText } from '../core/safe-text.js';
import type { SheetEntry } from './book.js';

/** By name, or by number among those that a person sees; by itself, the first of them. @throws {InputError} for none */
export function chooseSheet(path: string, sheets: readonly SheetEntry[], wanted: string | undefined): SheetEntry {
  const visible = sheets.filter(({ state }) => state === 'visible');
  const found =
    wanted === undefined
      ? visible[0]
      : (sheets.find(({ name }) => name === wanted) ??
        (/^\d{1,4}$/.test(wanted) ? visible[Number(wanted) - 1] : undefined));
  if (found !== undefined) return found;
  const names = sheets.map(({ name, state }) => (state === 'visible' ? name : `${name} (hidden)`)).join(', ');
  const which =
    wanted === undefined ? 'there is no sheet that is not hidden' : `there is no sheet "${showText(wanted, 60)}"`;
  if (sheets.length === 0)
    throw new InputError(path, 1, 'this workbook has no sheet of rows: save the right one as .xlsx');
  throw new InputError(path, 1, `${which}; it has: ${showText(names, 200)}. Give --sheet with one of them.`);
}
