/**
 * Whether the answers of one stretch of a connection belong to the requests that they were taken for. HTTP/1.1 matches them
 * by their order alone: an answer is believed once its proof has ended well.
 */
export class Proof {
  #state: 'open' | 'proved' | 'tainted' = 'open';
  #onTaint: (() => void)[] = [];

  /** Nobody knows yet. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Some answer of the stretch belongs to another request. */
  get isTainted(): boolean {
    return this.#state === 'tainted';
  }

  /** Told when the answers turn out to be mixed up; at once where that is known. */
  onTaint(listener: () => void): void {
    if (this.#state === 'tainted') listener();
    else if (this.#state === 'open') this.#onTaint.push(listener);
  }

  prove(): void {
    if (this.#state === 'open') this.#end('proved');
  }

  taint(): void {
    if (this.#state !== 'open') return;
    for (const listener of this.#end('tainted')) listener();
  }

  #end(state: 'proved' | 'tainted'): readonly (() => void)[] {
    const listeners = this.#onTaint;
    this.#state = state;
    this.#onTaint = [];
    return listeners;
  }
}
