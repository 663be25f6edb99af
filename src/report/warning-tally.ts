import { Fold } from './fold.js';
import type { Told } from './fold.js';

/** Counts warnings by kind: the first few are shown as they come, the rest at the end as a number. */
export class WarningTally {
  readonly #counts = new Map<string, number>();
  readonly #fold = new Fold();
  readonly #show: (text: string) => void;

  constructor(show: (text: string) => void) {
    this.#show = show;
  }

  add(warning: Told & { readonly line: number; readonly text: string }): void {
    this.#counts.set(warning.kind, (this.#counts.get(warning.kind) ?? 0) + 1);
    const { isShown, isCut } = this.#fold.next(warning);
    if (isShown) this.#show(`line ${warning.line}: ${warning.text}`);
    if (isCut) this.#show('further warnings of this kind are only counted');
  }

  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
