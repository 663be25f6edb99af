import { describeBlock, isMostlyOfRow } from '../row/block.js';
import type { Reply } from '../row/reply.js';
import type { TokenType } from '../row/token-type.js';
import type { Sender } from './admin-session.js';
import { ROWS } from './outage.js';

interface Seen {
  answers: number;
  /** Rows that were blocked since the last answer, and not known to be for themselves; some of them, where there are many. */
  readonly blocked: Set<Sender>;
}

/**
 * Is a block about its row, or does something block us all from now on? It is the row's own when others were answered since it
 * was blocked first; or, by a status that is mostly about the row, when hardly another one was blocked since the last answer
 * of which that is not known.
 */
export class Blocks {
  readonly #seen = new Map<TokenType, Seen>();
  /** The answers that there were when the row was blocked first. */
  readonly #before = new Map<Sender, number>();

  /** A reply came for the row. @returns whether it is a block for this row alone */
  note(sender: Sender, reply: Reply): boolean {
    const seen = this.#seenOf(sender.registration.tokenType);
    if (reply.kind === 'answer') {
      seen.answers += 1;
      seen.blocked.clear();
    }
    if (describeBlock(reply) === undefined) return false;
    const before = this.#before.get(sender);
    if (before === undefined) this.#before.set(sender, seen.answers);
    // What is known to be its own says nothing of the rows that come after it.
    if (seen.answers > (before ?? seen.answers)) return true;
    if (seen.blocked.size < ROWS) seen.blocked.add(sender);
    const isMostly = 'httpStatus' in reply && isMostlyOfRow(reply.httpStatus);
    return isMostly && seen.answers > 0 && seen.blocked.size < ROWS;
  }

  end(sender: Sender): void {
    this.#before.delete(sender);
  }

  #seenOf(tokenType: TokenType): Seen {
    const seen = this.#seen.get(tokenType) ?? { answers: 0, blocked: new Set() };
    this.#seen.set(tokenType, seen);
    return seen;
  }
}
