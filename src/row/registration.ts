import { allowText } from '../core/allowance.js';
import type { Allowance } from '../core/allowance.js';
import { damageOf } from './odd-cell.js';
import { INPUT_COLUMN_NAMES } from '../input/column.js';
import type { InputColumn } from '../input/column.js';
import { missingColumnText, unwrapFormula, usedCell } from '../input/header.js';
import type { Header } from '../input/header.js';
import { showText } from '../core/safe-text.js';
import { byTokenType, describeTokenType, TOKEN_TYPE_NAMES } from './token-type.js';
import type { TokenType, TypedColumn } from './token-type.js';
import { entriesOf } from '../core/table.js';

/** Token status as the PKI endpoint takes it (PKI seed, table of parameters). */
export const TOKEN_STATUSES = { '1': 'pending', '2': 'valid', '3': 'temp-deactivated', '4': 'deactivated' } as const;
export type TokenStatus = keyof typeof TOKEN_STATUSES;

/** Digest used in the signature, as the PKI endpoint takes it (PKI seed, table of parameters). */
export const ALGORITHMS = { '0': 'sha1', '1': 'sha256', '2': 'sha384', '3': 'sha512' } as const;
export type Algorithm = keyof typeof ALGORITHMS;

/** One row, typed and ready to send; the signature is read when its turn comes. */
export type Registration = OtpRegistration | PkiRegistration;

export interface OtpRegistration {
  readonly tokenType: 'otp';
  readonly username: string;
}

export type SignedRegistration = Extract<Registration, { readonly signaturePath: string }>;

export interface PkiRegistration {
  readonly tokenType: 'pki';
  readonly username: string;
  /** As in the CSV, with `/` or `\` between folders. */
  readonly signaturePath: string;
  readonly status: TokenStatus;
  /** Undefined: read from the signature. */
  readonly algorithm: Algorithm | undefined;
}

export interface Rejection {
  /** Absent: it is about the row as a whole. */
  readonly column?: InputColumn;
  /** Of a column: the rest of a sentence that begins with its name. */
  readonly reason: string;
  /** It is the header that is to blame: every such row has the same. */
  readonly isOfHeader?: true;
}

export type Parsed = { readonly registration: Registration } | { readonly rejections: readonly Rejection[] };

const TOKEN_TYPE_WORDS: ReadonlyMap<string, TokenType> = new Map(
  TOKEN_TYPE_NAMES.flatMap((name) => describeTokenType(name).words.map((word) => [word, name] as const)),
);
const STATUS_WORDS = wordsOf(TOKEN_STATUSES);
const ALGORITHM_WORDS = new Map([
  ...wordsOf(ALGORITHMS),
  ...[...wordsOf(ALGORITHMS)].map(([name, number]) => [name.replace('sha', 'sha-'), number] as const),
]);

function wordsOf<Number extends string>(table: Readonly<Record<Number, string>>): ReadonlyMap<string, Number> {
  return new Map(
    entriesOf<Number, string>(table).flatMap(([number, name]) => [[number, number] as const, [name, number] as const]),
  );
}

/** What a row is known by over all runs; undefined where the row doesn't say it. */
export function parseKey(
  header: Header,
  cells: readonly string[],
): { username: string; tokenType: TokenType } | undefined {
  const username = usedCell(header, cells, 'username');
  const tokenType = parseTokenType(usedCell(header, cells, 'token_type'));
  return username === '' || tokenType === undefined ? undefined : { username, tokenType };
}

export function keyOf({ tokenType, username }: Pick<Registration, 'tokenType' | 'username'>): string {
  return `${tokenType}:${username}`;
}

export interface ParseRules {
  readonly defaultStatus: TokenStatus | undefined;
  readonly allowed?: readonly Allowance[];
}

/** Checks one row's own cells. All that is wrong is reported at once. */
export function parseRegistration(
  header: Header,
  cells: readonly string[],
  { defaultStatus, allowed = [] }: ParseRules,
): Parsed {
  const rejections: Rejection[] = [];
  const reject = (column: InputColumn, reason: string, isOfHeader?: true): void =>
    void rejections.push({ column, reason, ...(isOfHeader && { isOfHeader }) });
  const username = usedCell(header, cells, 'username');
  const damage = (cell: string): string | undefined =>
    allowed.includes('odd-usernames') ? undefined : damageProblem(cell);
  const problem = usernameProblem(username) ?? damage(username);
  if (problem !== undefined) reject('username', problem);

  const typeCell = usedCell(header, cells, 'token_type');
  const tokenType = parseTokenType(typeCell);
  switch (tokenType) {
    case undefined:
      reject('token_type', `${showFound(typeCell)}: write ${TOKEN_TYPE_NAMES.join(' or ')}`);
      return { rejections };
    case 'otp':
      return rejections.length > 0 ? { rejections } : { registration: { tokenType, username } };
    case 'pki': {
      const registration = parsePki({ username, header, cells, defaultStatus, damage }, reject);
      return registration === undefined || rejections.length > 0 ? { rejections } : { registration };
    }
  }
}

interface PkiCells {
  readonly username: string;
  readonly header: Header;
  readonly cells: readonly string[];
  readonly defaultStatus: TokenStatus | undefined;
  readonly damage: (cell: string) => string | undefined;
}

/** Nothing where its status is refused; other cells may be as well. */
function parsePki(
  { username, header, cells, defaultStatus, damage }: PkiCells,
  reject: (column: InputColumn, reason: string, isOfHeader?: true) => void,
): PkiRegistration | undefined {
  const who = `${describeTokenType('pki').label} rows`;
  const signaturePath = usedCell(header, cells, 'signature_path');
  const damaged = damage(signaturePath);
  if (header.used.signature_path === undefined) {
    reject('signature_path', missingColumnText(header, 'signature_path', { who }), true);
  } else if (signaturePath === '') reject('signature_path', 'is empty: a PKI row names its PKCS#7 file');
  else if (damaged !== undefined) reject('signature_path', damaged);
  const statusCell = usedCell(header, cells, 'status');
  const status = statusCell === '' ? defaultStatus : parseStatus(statusCell);
  if (status === undefined && header.used.status === undefined) {
    reject('status', missingColumnText(header, 'status', { who, otherwise: 'give --default-status' }), true);
  } else if (status === undefined) {
    reject('status', `${showFound(statusCell)}: write 1 pending, 2 valid, 3 temp-deactivated or 4 deactivated`);
  }
  const algorithmCell = usedCell(header, cells, 'algorithm');
  const algorithm = parseAlgorithm(algorithmCell);
  if (algorithmCell !== '' && algorithm === undefined) {
    reject('algorithm', `${showFound(algorithmCell)}: write 0 sha1, 1 sha256, 2 sha384 or 3 sha512, or leave it empty`);
  }
  return status && { tokenType: 'pki', username, signaturePath, status, algorithm };
}

export function isSigned(registration: Registration): registration is SignedRegistration {
  return 'signaturePath' in registration;
}

export function rejectionText({ column, reason }: Rejection): string {
  return column === undefined ? reason : `${column} ${reason}`;
}

const IGNORED = byTokenType((name) => {
  const read: readonly InputColumn[] = ['username', 'token_type', ...describeTokenType(name).columns];
  return INPUT_COLUMN_NAMES.filter((column) => !read.includes(column));
});

/** The columns that a row of this type fills although nothing reads them there. */
export function ignoredCells(header: Header, cells: readonly string[], tokenType: TokenType): readonly InputColumn[] {
  return IGNORED[tokenType].filter((column) => usedCell(header, cells, column) !== '');
}

/** What two rows of this type must agree in to be the same row: every column that it reads. */
export function usedText(header: Header, cells: readonly string[], tokenType: TokenType): string {
  const { columns } = describeTokenType(tokenType);
  if (columns.length === 0) return '';
  return JSON.stringify(columns.map((column) => canonical(column, usedCell(header, cells, column))));
}

/** The same text for all that means the same. */
function canonical(column: TypedColumn, cell: string): string {
  switch (column) {
    case 'signature_path':
      return cell.replaceAll('\\', '/');
    case 'status':
      return parseStatus(cell) ?? cell;
    case 'algorithm':
      return parseAlgorithm(cell) ?? cell;
  }
}

export function parseTokenType(cell: string): TokenType | undefined {
  return findWord(TOKEN_TYPE_WORDS, cell);
}

export function parseStatus(cell: string): TokenStatus | undefined {
  return findWord(STATUS_WORDS, cell);
}

function parseAlgorithm(cell: string): Algorithm | undefined {
  return findWord(ALGORITHM_WORDS, cell);
}

function findWord<Value>(words: ReadonlyMap<string, Value>, cell: string): Value | undefined {
  return words.get(cell) ?? words.get(wordOf(cell));
}

/** `Temp deactivated` and `temp_deactivated` are the same word; a `-1` stays what it is. */
function wordOf(cell: string): string {
  return cell
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, '-');
}

function usernameProblem(username: string): string | undefined {
  if (username === '') return 'is empty: write the username as CENTAGATE knows it';
  const shown = showText(username);
  if (showText(username, username.length * 8) !== username) {
    return `"${shown}" holds control or invisible characters: remove them`;
  }
  return undefined;
}

function damageProblem(cell: string): string | undefined {
  const text = unwrapFormula(cell);
  if (text !== undefined) {
    return `is the formula "${showText(cell, 60)}": give --unwrap-formulas to read it as ${showText(text, 60)}, or, where it is right, ${allowText('odd-usernames')}`;
  }
  const problem = damageOf(cell);
  if (problem === undefined) return undefined;
  return `"${showText(cell, 60)}" ${problem}: write it as it should be, or, where it is right, ${allowText('odd-usernames')}`;
}

function showFound(cell: string): string {
  return cell === '' ? 'is empty' : `"${showText(cell, 60)}" is not known`;
}
