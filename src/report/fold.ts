const SHOWN = 3;

export interface Told {
  readonly kind: string;
  /** Of what the message is: it is shown once, however many rows it stands for. */
  readonly once?: string | undefined;
}

/** Shows the first few of a kind; the others are only counted. */
export class Fold {
  readonly #counts = new Map<string, number>();
  readonly #onces = new Set<string>();

  /** Is it to be shown, or is it the first of its kind that is not? */
  next({ kind, once }: Told): { readonly isShown: boolean; readonly isCut: boolean } {
    if (once !== undefined) {
      const key = `${kind} ${once}`;
      const isShown = !this.#onces.has(key);
      this.#onces.add(key);
      return { isShown, isCut: false };
    }
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return { isShown: count <= SHOWN, isCut: count === SHOWN + 1 };
  }
}
