export class Change {
  #wake: (() => void)[] = [];

  tell(): void {
    const waiting = this.#wake;
    if (waiting.length === 0) return;
    this.#wake = [];
    for (const wake of waiting) wake();
  }

  next(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }
}
