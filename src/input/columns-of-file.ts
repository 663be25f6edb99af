import { parse } from 'csv-parse/sync';
import { isKnownColumn } from './column.js';
import { recogniseShape } from './dialect.js';
import { isWorkbook } from './open-input.js';
import { openInputText } from './input-text.js';

/** None of a workbook: to take one apart takes longer than somebody waits. @throws {InputError} without a text */
export async function readColumnNames(path: string): Promise<readonly string[]> {
  if (isWorkbook(path)) return [];
  const text = await openInputText(path);
  for await (const part of text.parts()) {
    if (!('bytes' in part)) return [];
    if (part.bytes.length === 0) continue;
    const head = part.bytes.toString();
    const shape = recogniseShape(head, undefined, isKnownColumn);
    if ('problem' in shape) return [];
    const record = shape.hasSeparatorLine ? 2 : 1;
    const rules = { delimiter: shape.delimiter, from: record, to: record, relax_column_count: true };
    const [names = []]: string[][] = parse(head, rules);
    return names.filter((name) => name.trim() !== '');
  }
  return [];
}
