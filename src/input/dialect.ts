import type { Allowance } from '../core/allowance.js';
import { entriesOf, namesOf } from '../core/table.js';
import type { ColumnMap } from './column-map.js';
import type { Encoding } from './encoding.js';

export const DELIMITERS = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'pipe' } as const;
export type Delimiter = keyof typeof DELIMITERS;
export type LineEnd = '\n' | '\r\n' | '\r';

/** How a CSV is written; its results are written the same way. */
export interface Dialect {
  readonly encoding: Encoding;
  readonly hasBom: boolean;
  readonly delimiter: Delimiter;
  /** Of the header: lines may end in different ways. */
  readonly lineEnd: LineEnd;
}

/** What the operator says of an input, which goes before what it shows itself. */
export interface Reading {
  readonly encoding: Encoding | undefined;
  readonly delimiter: Delimiter | undefined;
  readonly columns: ColumnMap | undefined;
  /** Of a workbook, by name or by number from 1. */
  readonly sheet: string | undefined;
  /** From 1: the line, or the row of a sheet, that the header stands on, below a title or remarks. */
  readonly headerLine?: number | undefined;
  /** Is a cell `="00123"` to be read as 00123? */
  readonly unwrapFormulas?: boolean | undefined;
  /** Where the encoding was said: a flag, a variable, a line of a file. */
  readonly encodingBy?: string | undefined;
  readonly allowed?: readonly Allowance[] | undefined;
}

export const PLAIN_DIALECT: Dialect = { encoding: 'utf-8', hasBom: false, delimiter: ',', lineEnd: '\n' };

export interface TextShape extends Pick<Dialect, 'delimiter' | 'lineEnd'> {
  /** The first line is no header, but says what parts the cells: `sep=;`, as Excel writes and reads it. */
  readonly hasSeparatorLine: boolean;
}

/** The delimiter is that which makes most known columns of the header in `head`, or else most columns. */
export function recogniseShape(
  head: string,
  given: Delimiter | undefined,
  isKnown: (name: string) => boolean,
): TextShape | { readonly problem: string } {
  const separator = /^\ufeff?"?sep=([^"\r\n])"?(?:\r\n|\n|\r|$)/i.exec(head);
  const named = separator?.[1];
  const hasSeparatorLine = named !== undefined;
  if (given === undefined && hasSeparatorLine && !isDelimiter(named)) {
    return { problem: `the line sep=… names a delimiter that is not known: use , ; tab or |, or give --delimiter` };
  }
  const header = head.slice(separator?.[0].length ?? 0).trimStart();
  const delimiter = given ?? (named !== undefined && isDelimiter(named) ? named : bestDelimiter(header, isKnown));
  return { delimiter, lineEnd: lineEndAt(header, splitRecord(header, delimiter).end), hasSeparatorLine };
}

function isDelimiter(text: string): text is Delimiter {
  return Object.hasOwn(DELIMITERS, text);
}

/** A delimiter by itself, its name, or `\t`; nothing for a word that is none. */
export function parseDelimiter(word: string): Delimiter | undefined {
  if (isDelimiter(word)) return word;
  const name = word.trim().toLowerCase();
  return entriesOf(DELIMITERS).find(
    ([delimiter, its]) => its === name || delimiter === (name === '\\t' ? '\t' : name),
  )?.[0];
}

function bestDelimiter(header: string, isKnown: (name: string) => boolean): Delimiter {
  const candidates = namesOf(DELIMITERS).map((delimiter) => {
    const { names } = splitRecord(header, delimiter);
    return { delimiter, known: names.filter(isKnown).length, width: names.length };
  });
  const [best] = candidates.sort((a, b) => b.known - a.known || b.width - a.width);
  return best?.delimiter ?? ',';
}

export function splitRecord(text: string, delimiter: Delimiter): { names: string[]; end: number } {
  const cell = new RegExp(`(?:"[^"]*(?:""[^"]*)*"?)?[^${delimiter}\\r\\n]*`, 'y');
  const names: string[] = [];
  for (;;) {
    names.push((cell.exec(text)?.[0] ?? '').replaceAll('"', ''));
    if (text[cell.lastIndex] !== delimiter) return { names, end: cell.lastIndex };
    cell.lastIndex += 1;
  }
}

function lineEndAt(text: string, end: number): LineEnd {
  if (text.startsWith('\r\n', end)) return '\r\n';
  return text[end] === '\r' ? '\r' : '\n';
}

/** As the leading file is written, in an encoding that has the characters of all. */
export function joinDialects(leading: Dialect, others: readonly (Encoding | undefined)[]): Dialect {
  const differs = others.some((encoding) => encoding !== undefined && encoding !== leading.encoding);
  const hasAll = leading.encoding.startsWith('utf-') || !differs;
  return hasAll ? leading : { ...leading, encoding: 'utf-8', hasBom: true };
}
