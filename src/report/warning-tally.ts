import { Fold } from './fold.js';
import type { Told } from './fold.js';
import type { Tell } from './reporter.js';

/** Counts warnings by kind: the first few are shown as they come, the rest at the end as a number. */
export class WarningTally {
  readonly #counts = new Map<string, number>();
  readonly #fold = new Fold();
  readonly #show: Tell;

  constructor(show: Tell) {
    this.#show = show;
  }

  add(warning: Told & { readonly line: number; readonly text: string }): void {
    this.#counts.set(warning.kind, (this.#counts.get(warning.kind) ?? 0) + 1);
    const { isShown, isCut } = this.#fold.next(warning);
    const { line, kind, text } = warning;
    if (isShown) this.#show('row', `line ${line}: ${text}`, { line, kind });
    if (isCut) this.#show('folded', 'further warnings of this kind are only counted', { kind });
  }

  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
