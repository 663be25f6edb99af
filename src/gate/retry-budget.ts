/** Retries that may follow each other at once, and how much of one every first send adds. */
export const BURST = 50;
export const SHARE = 0.1;

/** Bounds what retries add to a server: a tenth of the first sends, after a burst; beyond it they go one at a time. */
export class RetryBudget {
  #balance = BURST;
  #isLaneTaken = false;

  earn(): void {
    this.#balance = Math.min(BURST, this.#balance + SHARE);
  }

  /** Takes a grant for one retry, if there is any: from the budget, or else as the only one of its time. */
  take(): RetryGrant | undefined {
    if (this.#balance >= 1) {
      this.#balance -= 1;
      return 'budget';
    }
    if (this.#isLaneTaken) return undefined;
    this.#isLaneTaken = true;
    return 'lane';
  }

  end(grant: RetryGrant): void {
    if (grant === 'lane') this.#isLaneTaken = false;
  }
}

/** `lane`: the one retry that may be under way when the budget is empty. */
export type RetryGrant = 'budget' | 'lane';
