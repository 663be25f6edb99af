import { readSmall } from './book.js';
import { PartsError } from './parts.js';
import type { WorkbookParts } from './parts.js';
import { attributeOf } from './xml.js';

/** As spreadsheets allow themselves. */
const MAX_STYLES = 65_536;
const MAX_FORMAT_LENGTH = 255;

/** Of each style, by its number, whether it shows a number as a date. @throws {PartsError, XmlError} */
export async function readDateStyles(parts: WorkbookParts, part: string): Promise<readonly boolean[]> {
  const isDateById = new Map<string | undefined, boolean>();
  const styles: boolean[] = [];
  const bases: (string | undefined)[] = [];
  let list: string | undefined = undefined;
  await readSmall(parts, part, {
    open: (name, attributes) => {
      if (name === 'cellStyleXfs' || name === 'cellXfs') list = name;
      if (name === 'numFmt') {
        const found = attributes();
        const code = attributeOf(found, 'formatCode') ?? '';
        if (code.length > MAX_FORMAT_LENGTH) {
          const problem = `this workbook has a number format of ${code.length} characters, over ${MAX_FORMAT_LENGTH}`;
          throw new PartsError(`${problem}: give those cells another format, and save it again`);
        }
        // Below 100 the number goes before what a file says of it, as in Excel.
        if (Number(found['numFmtId']) >= 100) isDateById.set(found['numFmtId'], isDateFormat(code));
      }
      if (name !== 'xf' || list === undefined) return;
      const { numFmtId: id, xfId } = attributes();
      if (list === 'cellStyleXfs') bases.push(id);
      else {
        const format = id ?? bases[Number(xfId)];
        styles.push(isDateById.get(format) ?? BUILT_IN_DATES.has(Number(format)));
      }
      if (bases.length + styles.length > MAX_STYLES) {
        throw new PartsError(`this workbook has over ${MAX_STYLES} cell styles: copy the rows into a new workbook`);
      }
    },
    close: (name) => {
      if (name === list) list = undefined;
    },
  });
  return styles;
}

/** ECMA-376, 18.8.30, those of East Asia and Thailand among them. */
const BUILT_IN_DATES = new Set([
  ...numbers(14, 22),
  ...numbers(27, 36),
  ...numbers(45, 47),
  ...numbers(50, 58),
  ...numbers(71, 81),
]);

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

/** Does it have a letter of days, months, years, hours or seconds, but for those that are shown as they stand? */
function isDateFormat(code: string): boolean {
  const shown = code.replaceAll(/"[^"]*"?|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]?/gi, '');
  return /[ymdhs]/i.test(shown);
}
