import { bare } from '../input/column.js';
import { columnAt } from '../input/header.js';
import type { Header } from '../input/header.js';
import { guardCell, showText } from '../core/safe-text.js';
import { UsageError } from '../core/usage-error.js';
import { CsvWriter } from '../record/result-writer.js';
import type { OutputFile, ResultFormat } from '../record/result-writer.js';
import type { HandedKey, KeyWriter } from './hand-out.js';

/** What stands behind the columns of the input. */
export const KEY_COLUMNS = {
  key: 'the activation key',
  registered_at: 'when it was saved',
  written: 'how the key is written here, where it is not as it came',
  salt: 'chance, the same in all rows, so that the digest in the ledger says nothing of the keys',
} as const;
const KEY_COLUMN_NAMES = Object.keys(KEY_COLUMNS);

/** What a reader must know of a key that is not written as it came. */
const GUARDED = "key guarded: a ' before = + - or @ is not of it";
const ESCAPED = String.raw`key escaped: \x.. and \u.... stand for what can't be shown`;

export interface KeysCsv {
  readonly header: Header;
  /** Positions of the own columns that go along. */
  readonly columns: readonly number[];
  readonly salt: string;
  readonly format: ResultFormat;
}

/** Keys as a CSV, in the dialect of their input. */
export function openKeysCsv(file: OutputFile, { header, columns, salt, format }: KeysCsv): KeyWriter {
  const writer = new CsvWriter(file, format);
  writer.writeRecord([...columns.map((at) => header.ownNames[at] ?? ''), ...KEY_COLUMN_NAMES]);
  return {
    write: (handed) => writer.writeRecord([...columns.map((at) => handed.cells[at] ?? ''), ...keyCells(handed), salt]),
    finish: () => writer.finish(),
    place: () => writer.place(),
    discard: () => writer.discard(),
  };

  function keyCells({ key, registeredAt, written }: HandedKey): readonly string[] {
    const shown = showText(key, Infinity);
    const guarded = guardCell(key, Infinity);
    const cell = format.escape(guarded);
    const notes = [
      ...(written === '' ? [] : [written]),
      ...(guarded === shown ? [] : [GUARDED]),
      ...(shown === key && cell === guarded ? [] : [ESCAPED]),
    ];
    return [cell, guardCell(registeredAt), format.escape(guardCell(notes.join('; ')))];
  }
}

/** In the order of `names`; all, where none is. @throws {UsageError} for one that the input lacks, or that keys have */
export function chooseColumns(header: Header, names: readonly string[]): readonly number[] {
  const positions =
    names.length === 0
      ? header.ownNames.map((_, at) => at)
      : names
          .flatMap((name) => (columnAt(header, name.trim()) >= 0 ? [name] : name.split(',')))
          .map((name) => find(header, name));
  const clash = positions
    .map((at) => header.ownNames[at] ?? '')
    .find((name) => KEY_COLUMN_NAMES.some((own) => bare(own) === bare(name)));
  if (clash !== undefined) {
    const remedy = `name the columns that are meant with --columns, or rename that one`;
    throw new UsageError([
      `the input has a column ${showText(clash, 60)}, which is what a column of the keys is called: ${remedy}`,
    ]);
  }
  return positions;
}

function find(header: Header, name: string): number {
  const at = columnAt(header, name.trim());
  if (at >= 0) return at;
  const names = showText(header.ownNames.join(', '), 300);
  throw new UsageError([`--columns: the input has no column "${showText(name.trim(), 60)}"; it has: ${names}`]);
}
