import type { Header } from '../input/header.js';
import { keyOf, parseKey, usedText } from '../row/registration.js';

/** What a row is known by over all runs, as one text; nothing where the row doesn't say it. */
export function keyText(header: Header, cells: readonly string[]): string | undefined {
  const key = parseKey(header, cells);
  return key && keyOf(key);
}

/** What two rows with the same key agree in when they are the same row; nothing to compare where there is no key. */
export function contentText(header: Header, cells: readonly string[]): string {
  const key = parseKey(header, cells);
  return key === undefined ? '' : usedText(header, cells, key.tokenType);
}
