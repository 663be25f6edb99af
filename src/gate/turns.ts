import type { RetryBudget, RetryGrant } from './retry-budget.js';

export interface Turn {
  readonly username: string;
  /** A send after one that failed, by our own choice: not one that the server asked for. */
  readonly isRetry: boolean;
}

/** Who may try, before pace and slots, in order: one row of a username at a time, and retries within their budget. */
export class Turns {
  readonly #budget: RetryBudget;
  readonly #stopSignal: AbortSignal;
  /** Usernames that are tried now, each with those who wait for the same. */
  readonly #users = new Map<string, (() => void)[]>();
  readonly #retries: ((grant: RetryGrant | undefined) => void)[] = [];

  constructor(budget: RetryBudget, stopSignal: AbortSignal) {
    this.#budget = budget;
    this.#stopSignal = stopSignal;
    stopSignal.addEventListener('abort', () => this.#shut());
  }

  /** Gives what ends the turn; no retry waits any longer once the run has stopped. */
  take(turn: Turn): (() => void) | Promise<() => void> {
    const now = this.takeNow(turn);
    if (now !== undefined) return now;
    const waiting = this.#users.get(turn.username);
    if (waiting !== undefined) return this.#takeLater(turn, new Promise<void>((wake) => waiting.push(wake)));
    this.#users.set(turn.username, []);
    return this.#takeLater(turn, undefined);
  }

  /** As {@link Turns.take} where nobody is before us; a retry always waits for its word. */
  takeNow({ username, isRetry }: Turn): (() => void) | undefined {
    if (isRetry || this.#users.has(username)) return undefined;
    this.#users.set(username, []);
    this.#earn();
    return () => this.#letGo(username);
  }

  async #takeLater({ username, isRetry }: Turn, woken: Promise<void> | undefined): Promise<() => void> {
    await woken;
    if (!isRetry) this.#earn();
    const grant = isRetry ? await this.#takeRetry() : undefined;
    return () => {
      if (grant !== undefined) this.#budget.end(grant);
      this.#letGo(username);
    };
  }

  #shut(): void {
    for (const wake of this.#retries.splice(0)) wake(undefined);
  }

  #earn(): void {
    this.#budget.earn();
    this.#wakeRetry();
  }

  #takeRetry(): Promise<RetryGrant | undefined> | RetryGrant | undefined {
    if (this.#stopSignal.aborted) return undefined;
    const grant = this.#retries.length === 0 ? this.#budget.take() : undefined;
    return grant ?? new Promise((wake) => this.#retries.push(wake));
  }

  #letGo(username: string): void {
    const next = this.#users.get(username)?.shift();
    if (next === undefined) this.#users.delete(username);
    else next();
    this.#wakeRetry();
  }

  #wakeRetry(): void {
    if (this.#retries.length === 0) return;
    const grant = this.#budget.take();
    if (grant !== undefined) this.#retries.shift()?.(grant);
  }
}
