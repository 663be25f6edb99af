import { Change } from '../core/change.js';
import type { RunStop } from '../core/run-stop.js';
import type { TokenType } from '../row/token-type.js';
import type { Sender } from './admin-session.js';
import { ROWS } from './outage.js';

/**
 * Is that CENTAGATE? Until an endpoint has answered with a return code, one row of it leads and the others wait, as behind a
 * circuit breaker that starts half open: whatever else is there has seen our credential once.
 */
export class Leads {
  readonly #stop: RunStop;
  readonly #proved = new Set<TokenType>();
  readonly #leaders = new Map<TokenType, Sender>();
  readonly #change = new Change();
  #handovers = 0;

  constructor(stop: RunStop) {
    this.#stop = stop;
    stop.signal.addEventListener('abort', () => this.#change.tell());
  }

  /** Has the endpoint of these tokens answered with a return code? */
  isProved(tokenType: TokenType): boolean {
    return this.#proved.has(tokenType);
  }

  /** Resolves when the row leads, its endpoint is proved, or the run has stopped. It must end its lead. */
  async untilFree(sender: Sender): Promise<void> {
    const { tokenType } = sender.registration;
    while (!this.isProved(tokenType) && this.#stop.reason === undefined) {
      const leader = this.#leaders.get(tokenType);
      if (leader === undefined) this.#leaders.set(tokenType, sender);
      if (leader === undefined || leader === sender) return;
      await this.#change.next();
    }
  }

  prove(tokenType: TokenType): void {
    if (this.isProved(tokenType)) return;
    this.#proved.add(tokenType);
    this.#leaders.delete(tokenType);
    this.#change.tell();
  }

  /** Its send never left. An outage is known by several rows; the one that leads by then tries on. */
  handOver(sender: Sender): void {
    if (this.#handovers >= ROWS) return;
    this.#handovers += 1;
    this.end(sender);
  }

  /** The row's life is over, or another one is to tell of it: if it led, another one does. */
  end(sender: Sender): void {
    const { tokenType } = sender.registration;
    if (this.#leaders.get(tokenType) !== sender) return;
    this.#leaders.delete(tokenType);
    this.#change.tell();
  }
}
