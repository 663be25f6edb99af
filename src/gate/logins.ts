import type { Login, Session } from '../server/session.js';
import { ServerWait } from './server-wait.js';
import type { ServerWaitEdges } from './server-wait.js';

/** As whom we log in, and from where; both for a person. */
export interface Administrator {
  readonly name: string;
  /** Such as `process 4711 on batch-1`. */
  readonly from: string;
  /** Keeps the other runs of this machine from logging in as well; the word of the one that was first, if so. */
  readonly reserve: () => Promise<string | undefined>;
}

export interface LoginEdges extends ServerWaitEdges {
  readonly administrator: Administrator;
  readonly logIn: () => Promise<Login<Session>>;
}

/** Logins that the server may have seen without an accepted registration between: one more could lock the account. */
export const MAX_LOGINS = 2;
const NO_THIRD = '. A third login could lock the account: see that the server is well, then rerun';

/**
 * Makes sessions, and few of them. A login that never left is tried again for as long as an outage may last; one that the
 * server may have seen counts, whatever came of it, and before the next one the server must have shown that it is at work.
 */
export class Logins {
  readonly #edges: LoginEdges;
  #seen = 0;

  constructor(edges: LoginEdges) {
    this.#edges = edges;
  }

  get areLeft(): boolean {
    return this.#seen < MAX_LOGINS;
  }

  noteAccepted(): void {
    this.#seen = 0;
  }

  /** A new session; when none is to be had, the run stops. */
  async open(): Promise<Session | undefined> {
    const { administrator, logIn, stop } = this.#edges;
    const taken = await administrator.reserve();
    if (taken !== undefined) {
      stop.stop({ kind: 'locked', reason: taken });
      return undefined;
    }
    const wait = new ServerWait(this.#edges);
    for (;;) {
      const login = await logIn();
      if (login.kind !== 'failed' || login.hasLeft) this.#seen += 1;
      if (login.kind === 'opened') return login.session;
      if (login.kind === 'refused' || !this.areLeft) {
        const remedy = login.kind === 'refused' ? '' : NO_THIRD;
        stop.stop({ kind: 'person', reason: `${login.reason}${remedy}` });
        return undefined;
      }
      if (!(await wait.untilAtWork(login.reason, login.retryAfterMs))) return undefined;
    }
  }
}
