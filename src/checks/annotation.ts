import { bare } from '../input/column.js';
import { FINDINGS, isError } from './finding.js';
import type { Finding } from './finding.js';
import { guardCell } from '../core/safe-text.js';
import { Fold } from '../report/fold.js';

/** It comes first: rows with too few cells or too many would go unnoticed if they were made to fit. */
export const PROBLEM_COLUMN = 'problem';

/** More than any one problem says. */
const MAX_CHARACTERS = 2000;

/** Kinds that are known again; of more than these, each is said in full. */
const MOST_KINDS = 500;

/**
 * What stands in the column, row by row. The first few of a kind are said in full, and the others by where the first is; an
 * error is of a kind with those that say the very same, since each row is to be corrected by what its own cell says.
 */
export class ProblemCells {
  readonly #isEachInFull: boolean;
  readonly #fold = new Fold();
  readonly #firstLines = new Map<string, number>();

  constructor({ all }: { readonly all: boolean }) {
    this.#isEachInFull = all;
  }

  next(line: number, findings: readonly Finding[]): string {
    const [errors, warnings] = [findings.filter(isError), findings.filter((finding) => !isError(finding))];
    const texts = [...errors, ...warnings].map((finding) => {
      const { severity } = FINDINGS[finding.kind];
      return `${severity}: ${this.#seenOn(line, finding) ?? finding.text}`;
    });
    return guardCell(texts.join(' / '), MAX_CHARACTERS);
  }

  /** Where the same was said, when it was often enough. */
  #seenOn(line: number, finding: Finding): string | undefined {
    const kind = isError(finding) ? `${finding.kind}: ${finding.text}` : finding.kind;
    const first = this.#firstLines.get(kind);
    if (this.#isEachInFull || (first === undefined && this.#firstLines.size >= MOST_KINDS)) return undefined;
    if (first === undefined) this.#firstLines.set(kind, line);
    const { isShown } = this.#fold.next({ kind, once: finding.once });
    return isShown ? undefined : `${finding.kind.replaceAll('_', ' ')}, as on line ${first ?? line}`;
  }
}

export function isAnnotated([first]: readonly string[]): boolean {
  return first !== undefined && bare(first) === PROBLEM_COLUMN;
}
