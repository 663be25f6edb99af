import type { Reading } from './dialect.js';
import type { Encoding } from './encoding.js';
import type { RowFile } from './file-row.js';
import { openInputText } from './input-text.js';
import { openRowFile } from './row-reader.js';

export interface InputOptions extends Reading {
  /** The encoding that earlier runs of the stem wrote. */
  readonly remembered: Encoding | undefined;
}

/** @throws {InputError} when the file or its header can't be used */
export async function openInput(path: string, options: InputOptions): Promise<RowFile> {
  if (isWorkbook(path)) {
    const { openWorkbook } = await import('./workbook.js');
    return openWorkbook(path, options);
  }
  const { encoding, encodingBy, remembered, allowed } = options;
  const text = await openInputText(path, { given: encoding, givenBy: encodingBy, remembered, allowed });
  return openRowFile(text, options);
}

export function isWorkbook(path: string): boolean {
  return /\.xls[xm]$/i.test(path);
}
