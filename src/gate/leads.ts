import { Change } from '../core/change.js';
import type { RunStop } from '../core/run-stop.js';
import type { TokenType } from '../row/token-type.js';
import type { Sender } from './admin-session.js';
import { ROWS } from './outage.js';

/**
 * Is that CENTAGATE? Until an endpoint has answered with a return code, one row of it leads and the others wait, as behind a
 * circuit breaker that starts half open: whatever else is there has seen our credential once. A row that may be blocked before
 * the server leads last: else it would end each run, and say nothing of the server.
 */
export class Leads {
  readonly #stop: RunStop;
  readonly #proved = new Set<TokenType>();
  readonly #leaders = new Map<TokenType, Sender>();
  /** Those that wait, and are not to lead last. */
  readonly #waiting = new Set<Sender>();
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

  /**
   * Resolves when the row leads, its endpoint is proved, or the run has stopped. It must end its lead.
   * @param untilLast for a row that is to lead last: resolves when no others come
   */
  async untilFree(sender: Sender, untilLast?: () => Promise<void>): Promise<void> {
    const { tokenType } = sender.registration;
    if (this.#leaders.get(tokenType) === sender) return;
    let isLast = untilLast === undefined;
    void untilLast?.().then(() => {
      isLast = true;
      this.#change.tell();
    });
    const mayLead = (): boolean => untilLast === undefined || (isLast && !this.#isAwaited(tokenType));
    if (untilLast === undefined) this.#waiting.add(sender);
    while (!this.isProved(tokenType) && this.#stop.reason === undefined) {
      if (!this.#leaders.has(tokenType) && mayLead()) {
        this.#leaders.set(tokenType, sender);
        break;
      }
      await this.#change.next();
    }
    this.#waiting.delete(sender);
  }

  #isAwaited(tokenType: TokenType): boolean {
    return [...this.#waiting].some(({ registration }) => registration.tokenType === tokenType);
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
