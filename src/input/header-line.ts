import { isKnownColumn } from './column.js';
import { columnKeys } from './column-map.js';
import type { ColumnMap } from './column-map.js';
import { recogniseShape, splitRecord } from './dialect.js';
import type { Delimiter } from './dialect.js';
import { parseHeader, unwrapNames } from './header.js';

type Part = { readonly bytes: Buffer } | { readonly problem: string };

/** Lines that are looked through for a header: exports put a title, their version or a few remarks above it. */
const MOST_LINES = 30;

/** On which line from 2 on a header seems to stand, when the first line is none. */
export function findHeaderLine(
  head: string,
  { delimiter: given, columns }: { readonly delimiter: Delimiter | undefined; readonly columns: ColumnMap },
): number | undefined {
  const isKnown = (name: string): boolean => isKnownColumn(columnKeys([name], columns)[0] ?? '');
  const lines = head.split(/\r\n|\n|\r/);
  const at = lines.slice(1, MOST_LINES).findIndex((line) => {
    const shape = recogniseShape(line, given, isKnown);
    return !('problem' in shape) && !('problem' in parseHeader(splitRecord(line, shape.delimiter).names, columns));
  });
  return at < 0 ? undefined : at + 2;
}

export const NO_LINE = 'there is no such line: correct --header-line';

export function betterLineText(line: number, problem: string): string {
  return `a header seems to stand on line ${line}: give --header-line ${line}, or take the lines above it away; on this line ${problem}`;
}

/** What is wrong with a first line that is no header, where that shows: the rest of a sentence about it, or that of one cell. */
export function headerCause(names: readonly string[], columns: ColumnMap, inOneCell: string): string | undefined {
  const unwrapped = unwrapNames(names);
  if (unwrapped.join() !== names.join() && !('problem' in parseHeader(unwrapped, columns))) {
    return 'the names are formulas such as ="username": give --unwrap-formulas to read them as what they show';
  }
  const [only = ''] = names;
  if (names.length !== 1 || only === '') return undefined;
  const isKnown = (name: string): boolean => isKnownColumn(columnKeys([name], columns)[0] ?? '');
  const shape = recogniseShape(only, undefined, isKnown);
  if ('problem' in shape) return undefined;
  const inner = splitRecord(only, shape.delimiter).names;
  return inner.length < 2 || !inner.some(isKnown) ? undefined : inOneCell;
}

export async function* skipLines(parts: AsyncIterable<Part>, count: number): AsyncGenerator<Part> {
  let left = count;
  let isAfterReturn = false;
  for await (const part of parts) {
    if (!('bytes' in part)) {
      yield part;
      continue;
    }
    const { bytes } = part;
    let at = 0;
    for (; at < bytes.length && left > 0; at += 1) {
      const isReturn = bytes[at] === RETURN;
      // A line feed behind a carriage return ends no line of its own.
      if (isReturn || (bytes[at] === LINE_FEED && !isAfterReturn)) left -= 1;
      isAfterReturn = isReturn;
    }
    if (isAfterReturn && at < bytes.length) {
      if (bytes[at] === LINE_FEED) at += 1;
      isAfterReturn = false;
    }
    yield { bytes: bytes.subarray(at) };
  }
}

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const END_MARK = 0x1a;

/** Without the Ctrl-Z that DOS programs put at the end of a text. */
export async function* withoutEndMark(parts: AsyncIterable<Part>): AsyncGenerator<Part> {
  let held: Buffer = Buffer.alloc(0);
  for await (const part of parts) {
    if (!('bytes' in part)) {
      yield part;
      continue;
    }
    if (held.length === 0 && part.bytes.at(-1) !== END_MARK) {
      yield part;
      continue;
    }
    if (part.bytes.length === 0) continue;
    const bytes = Buffer.concat([held, part.bytes]);
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === END_MARK) end -= 1;
    held = bytes.subarray(end);
    yield { bytes: bytes.subarray(0, end) };
  }
}
