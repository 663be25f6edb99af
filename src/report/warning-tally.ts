const SHOWN = 3;

/** Counts warnings by kind: the first few are shown as they come, the rest at the end as a number. */
export class WarningTally {
  readonly #counts = new Map<string, number>();
  readonly #show: (text: string) => void;

  constructor(show: (text: string) => void) {
    this.#show = show;
  }

  add(warning: { readonly kind: string; readonly line: number; readonly text: string }): void {
    const count = (this.#counts.get(warning.kind) ?? 0) + 1;
    this.#counts.set(warning.kind, count);
    if (count <= SHOWN) this.#show(`line ${warning.line}: ${warning.text}`);
    if (count === SHOWN) this.#show('further warnings of this kind are only counted');
  }

  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
