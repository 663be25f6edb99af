import { showText } from '../core/safe-text.js';

/** Which sheet of a workbook is read, and what a person doesn't see of it. */
export interface SheetNotice {
  readonly name: string;
  /** How many sheets there are beside it. */
  readonly others: number;
  /** Rows with something in them, behind the header. */
  readonly hiddenRows: number;
  /** Columns with something in them, as a spreadsheet and the header name them. */
  readonly hiddenColumns: readonly string[];
}

export function sheetText({ name, others }: SheetNotice): string {
  const rest = others === 0 ? '' : others === 1 ? ', and not the other one' : `, and not the ${others} others`;
  return `the sheet "${showText(name, 60)}" is read${rest}`;
}

export function hiddenTexts({ hiddenRows, hiddenColumns }: SheetNotice, isVisibleOnly: boolean): readonly string[] {
  const texts: string[] = [];
  if (hiddenRows > 0) {
    const rows = hiddenRows === 1 ? '1 row of the sheet is' : `${hiddenRows} rows of the sheet are`;
    const fate = isVisibleOnly ? 'left out' : 'read all the same: look at them, or leave them out with --visible-only';
    texts.push(`${rows} hidden by hand or by a filter, and ${fate}`);
  }
  if (hiddenColumns.length > 0) {
    const [columns, are] = hiddenColumns.length === 1 ? ['column', 'is'] : ['columns', 'are'];
    const names = showText(hiddenColumns.join(', '), 200);
    texts.push(`${hiddenColumns.length} ${columns} of the sheet ${are} hidden, and read all the same: ${names}`);
  }
  return texts;
}
