import { CONTENT_COLUMNS } from '../input/column.js';
import type { FileRow } from '../input/file-row.js';
import type { Header } from '../input/header.js';
import { ignoredCells, parseTokenType } from '../row/registration.js';
import { damageOf, isNoName } from '../row/odd-cell.js';
import type { Plan } from './planned-row.js';
import { describeTokenType } from '../row/token-type.js';
import { usedCell } from '../input/header.js';
import { showText, startsFormula } from '../core/safe-text.js';

export interface PlanWarning {
  readonly kind:
    | 'ignored_cells'
    | 'trimmed'
    | 'mangled'
    | 'formula'
    | 'similar_username'
    | 'no_name'
    | 'changed_cells'
    | 'added_cells'
    | 'not_replaced'
    | 'left_out'
    | 'kept';
  readonly line: number;
  readonly text: string;
  /** What it is about as a whole, such as a column: it is told once. */
  readonly once?: string;
}

export function cellWarnings(header: Header, row: Pick<FileRow, 'line' | 'cells' | 'mangled'>): PlanWarning[] {
  const { line, cells, mangled = [] } = row;
  const warnings: PlanWarning[] = [];
  const tokenType = parseTokenType(usedCell(header, cells, 'token_type'));
  const ignored = tokenType === undefined ? [] : ignoredCells(header, cells, tokenType);
  if (tokenType !== undefined && ignored.length > 0) {
    const { aRow } = describeTokenType(tokenType);
    warnings.push({ kind: 'ignored_cells', line, text: `${aRow} needs no ${ignored.join(', ')}: ignored` });
  }
  const username = usedCell(header, cells, 'username');
  const cell = cells[header.used.username ?? -1] ?? '';
  if (username !== '' && cell.trim() !== cell) {
    const text = `username has blanks around it: "${showText(username, 60)}" is sent`;
    warnings.push({ kind: 'trimmed', line, text });
  }
  if (isNoName(username)) {
    const text = `username "${showText(username, 60)}" is what programs write for no value: is somebody called so?`;
    warnings.push({ kind: 'no_name', line, text });
  }
  if (/^(?:#|\/\/)/.test(username) && damageOf(username) === undefined) {
    const text = `username "${showText(username, 60)}" begins as a comment does, and a CSV has none: take the line away if it is one`;
    warnings.push({ kind: 'no_name', line, text });
  }
  if (mangled.length > 0) {
    const remedy = 'if that is not what was typed, format the column as text and type it again';
    warnings.push({ kind: 'mangled', line, text: `${mangled.join('; ')}: ${remedy}` });
  }
  const formula = cells.findIndex(isFormula);
  if (formula >= 0) {
    const column = showText(header.ownNames[formula] ?? '', 40);
    const text = `column ${column} holds what a spreadsheet takes for a formula: it comes back as it is`;
    warnings.push({ kind: 'formula', line, text, once: column });
  }
  return warnings;
}

/** A phone number is none, whatever its sign. Behind a `;` or a `,` stands one too, where a spreadsheet parts cells. */
function isFormula(cell: string): boolean {
  if (!MAY_START.test(cell)) return false;
  return cell.split(/[;,]/).some((part) => startsFormula(part) && !/^\s*[+-][\d\s()./-]*$/.test(part));
}

/** Most cells have none of it, and are known by that sooner. */
const MAY_START = /[=+\-@\t\r＝＋－＠]/u;

export function equalWarning(line: number, plan: Plan): PlanWarning {
  const text = plan.kind === 'settle' ? plan.settlement.detail : '';
  return { kind: 'similar_username', line, text };
}

/** A row whose history was made with another status or signature. */
export function changeWarning(
  before: { readonly header: Header; readonly cells: readonly string[] },
  now: { readonly header: Header; readonly cells: readonly string[]; readonly line: number },
): PlanWarning | undefined {
  const changed = CONTENT_COLUMNS.filter(
    (column) => usedCell(before.header, before.cells, column) !== usedCell(now.header, now.cells, column),
  );
  if (changed.length === 0) return undefined;
  const username = showText(usedCell(now.header, now.cells, 'username'), 60);
  return {
    kind: 'changed_cells',
    line: now.line,
    text: `${changed.join(' and ')} of ${username} changed since an earlier run`,
  };
}
