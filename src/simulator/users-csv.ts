import { CsvError, parse } from 'csv-parse/sync';
import { readSmallFile } from '../core/small-file.js';
import type { SimulatorUser } from './directory.js';

/** What is wrong with a file of users, with the file, the line and the remedy. */
export class UsersFileError extends Error {
  override readonly name = 'UsersFileError';
}

/** The columns; what a missing column or an empty cell means. Nothing stands in for a username. */
const COLUMNS = { username: undefined, active: true, has_otp: false, has_certificate: false } as const;
type Column = keyof typeof COLUMNS;

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['0', false],
]);

/** More users than anybody rehearses with. */
const MAX_BYTES = 64 * 1024 * 1024;

interface UserRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Reads the users that the simulator knows from a CSV file in UTF-8 with a header. */
export function readUsers(path: string): SimulatorUser[] {
  const [header, ...rows] = parseRows(path, readText(path));
  if (header === undefined)
    throw new UsersFileError(`${path}: the file is empty; its first line must name the columns`);
  const columns = readHeader(path, header);

  const linesByName = new Map<string, number>();
  return rows.map((row) => {
    const user = readUser(path, columns, row);
    const earlier = linesByName.get(user.username);
    if (earlier !== undefined) {
      throw new UsersFileError(`${path}:${row.line}: "${user.username}" stands on line ${earlier} already`);
    }
    linesByName.set(user.username, row.line);
    return user;
  });
}

function readText(path: string): string {
  const file = readSmallFile(path, MAX_BYTES);
  if ('problem' in file) throw new UsersFileError(`${path}: the file ${file.problem}`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file.bytes);
  } catch (cause) {
    throw new UsersFileError(`${path}: the file is not in UTF-8; save it as such`, { cause });
  }
}

function parseRows(path: string, text: string): UserRow[] {
  try {
    const options = { info: true, relax_column_count: true, skip_empty_lines: true, trim: true } as const;
    // With `info` each row comes with its position; the library's type for that needs a column list.
    const rows = parse(text, options) as unknown as { info: { lines: number }; record: string[] }[];
    return rows.map(({ info, record }) => ({ line: info.lines, cells: record }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new UsersFileError(`${path}:${String(cause.lines)}: ${cause.message}`, { cause });
  }
}

function readHeader(path: string, { line, cells }: UserRow): Column[] {
  const columns = cells.map((cell) => {
    const name = cell.toLowerCase().replaceAll(/[\s-]+/g, '_');
    if (isColumn(name)) return name;
    throw new UsersFileError(
      `${path}:${line}: "${cell}" is not a column; known are ${Object.keys(COLUMNS).join(', ')}`,
    );
  });
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw new UsersFileError(`${path}:${line}: the column ${twice} stands there twice`);
  if (!columns.includes('username')) throw new UsersFileError(`${path}:${line}: the column username is missing`);
  return columns;
}

function readUser(path: string, columns: readonly Column[], { line, cells }: UserRow): SimulatorUser {
  if (cells.length !== columns.length) {
    throw new UsersFileError(`${path}:${line}: ${cells.length} cells, the header has ${columns.length}`);
  }
  const cell = (name: Column): string => cells[columns.indexOf(name)] ?? '';
  const flag = (name: Exclude<Column, 'username'>): boolean => {
    const text = cell(name);
    const value = text === '' ? COLUMNS[name] : WORDS.get(text.toLowerCase());
    if (value !== undefined) return value;
    throw new UsersFileError(`${path}:${line}: ${name} is "${text}"; write one of ${[...WORDS.keys()].join(', ')}`);
  };
  const username = cell('username');
  if (username === '') throw new UsersFileError(`${path}:${line}: the username is empty`);
  return { username, active: flag('active'), hasOtp: flag('has_otp'), hasCertificate: flag('has_certificate') };
}

function isColumn(name: string): name is Column {
  return Object.hasOwn(COLUMNS, name);
}
