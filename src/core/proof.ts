export interface Dependent {
  /** The answers turn out to be mixed up. */
  readonly onTaint: () => void;
}

/**
 * Whether the answers of one stretch of a connection belong to the requests that they were taken for. HTTP/1.1 matches them
 * by their order alone: an answer is believed once its proof has ended well.
 */
export class Proof {
  #state: 'open' | 'proved' | 'tainted' = 'open';
  #dependents: Dependent[] = [];

  /** Nobody knows yet. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Some answer of the stretch belongs to another request. */
  get isTainted(): boolean {
    return this.#state === 'tainted';
  }

  /** Tells it when the answers turn out to be mixed up; at once where that is known. */
  add(dependent: Dependent): void {
    if (this.#state === 'tainted') dependent.onTaint();
    else if (this.#state === 'open') this.#dependents.push(dependent);
  }

  prove(): void {
    if (this.#state === 'open') this.#end('proved');
  }

  taint(): void {
    if (this.#state !== 'open') return;
    for (const dependent of this.#end('tainted')) dependent.onTaint();
  }

  #end(state: 'proved' | 'tainted'): readonly Dependent[] {
    const dependents = this.#dependents;
    this.#state = state;
    this.#dependents = [];
    return dependents;
  }
}
