import { bare } from '../input/column.js';
import { FINDINGS, isError } from './finding.js';
import type { Finding } from './finding.js';
import { guardCell } from '../core/safe-text.js';

/**
 * The column that an annotated copy begins with. It is the first, so that rows with too few cells or too many stay what
 * they are: they would go unnoticed if they were made to fit.
 */
export const PROBLEM_COLUMN = 'problem';

/** More than any one problem says. */
const MAX_CHARACTERS = 2000;

export function toProblemCell(findings: readonly Finding[]): string {
  const [errors, warnings] = [findings.filter(isError), findings.filter((finding) => !isError(finding))];
  const texts = [...errors, ...warnings].map(({ kind, text }) => `${FINDINGS[kind].severity}: ${text}`);
  return guardCell(texts.join(' / '), MAX_CHARACTERS);
}

export function isAnnotated([first]: readonly string[]): boolean {
  return first !== undefined && bare(first) === PROBLEM_COLUMN;
}
