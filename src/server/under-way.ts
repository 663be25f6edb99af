import type { Clock } from '../core/clock.js';

export interface Cuttable {
  /** Monotonic ms. */
  readonly beganAt: number;
}

export interface UnderWayEdges<Item> {
  readonly clock: Clock;
  /** How long each may take. */
  readonly timeoutMs: number;
  /** Cuts off all of them. */
  readonly signal: AbortSignal | undefined;
  readonly cut: (item: Item, by: 'deadline' | 'signal') => void;
}

/** In the order of their beginning: one timer serves all deadlines, one listener the signal, at thousands a second. */
export class UnderWay<Item extends Cuttable> {
  readonly #edges: UnderWayEdges<Item>;
  readonly #items = new Set<Item>();
  #cancelTimer: (() => void) | undefined;

  constructor(edges: UnderWayEdges<Item>) {
    this.#edges = edges;
  }

  get isEmpty(): boolean {
    return this.#items.size === 0;
  }

  add(item: Item): void {
    if (this.isEmpty) this.#edges.signal?.addEventListener('abort', this.#cutAll);
    this.#items.add(item);
    if (this.#cancelTimer === undefined) this.#wait(item, this.#edges.timeoutMs);
  }

  delete(item: Item): void {
    this.#items.delete(item);
    if (!this.isEmpty) return;
    this.#edges.signal?.removeEventListener('abort', this.#cutAll);
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** For the one that began first when this is set; mostly it has ended by then. */
  #wait(item: Item, leftMs: number): void {
    this.#cancelTimer = this.#edges.clock.after(leftMs, () => {
      this.#cancelTimer = undefined;
      if (this.#items.has(item)) this.#edges.cut(item, 'deadline');
      this.#waitForNext();
    });
  }

  #waitForNext(): void {
    const { clock, timeoutMs } = this.#edges;
    const [next] = this.#items;
    if (next === undefined || this.#cancelTimer !== undefined) return;
    this.#wait(next, Math.max(0, next.beganAt + timeoutMs - clock.monotonic()));
  }

  readonly #cutAll = (): void => {
    for (const item of [...this.#items]) this.#edges.cut(item, 'signal');
  };
}
