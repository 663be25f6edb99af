import type { HttpReply } from './exchange.js';
import { isPassing } from '../row/http-status.js';
import { parseBody } from './parse-reply.js';

/**
 * What the answer to a look says of the connection that it came over:
 * - `own`: the look's own kind of answer; all answers before it are in step
 * - `foreign`: one that only a row gets
 * - `odd`: another one, as of a server in trouble: it says nothing
 * - `again`: the first answer was as a row's; another look on the same connection tells whether this server's always are
 */
export type LookSense = 'own' | 'foreign' | 'odd' | 'again';

/** A look is a GET where rows are PUT, without a secret: where no row is answered like it, it proves its connection. */
export class Sentinel {
  #status: number | undefined;
  #isMute = false;

  /** Looks are answered as rows are: they tell nothing of what came before. */
  get isMute(): boolean {
    return this.#isMute;
  }

  /** @param isSecond the look before, on the same connection, was to be asked `again` */
  judge({ status, body }: Pick<HttpReply, 'status' | 'body'>, isSecond = false): LookSense {
    if (this.#isMute) return 'odd';
    if (status === 200 && parseBody(body).kind === 'answer') {
      if (this.#status !== undefined) return 'foreign';
      if (!isSecond) return 'again';
      this.#isMute = true;
      return 'odd';
    }
    if (status !== this.#status && isPassing(status)) return 'odd';
    // The first of the two was another one's.
    if (isSecond) return 'foreign';
    this.#status ??= status;
    return status === this.#status ? 'own' : 'odd';
  }
}
