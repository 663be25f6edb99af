/** Who we are to the server: one object is one session, and another one another. */
export interface Session {
  readonly admin: string;
  /** Bearer credential of every call: it must never reach a log, a result or an error. */
  readonly cenToken: string;
}

/** What `auth/sessioncheck` says: `missing` when the server has no such endpoint, `unclear` without a usable answer. */
export type SessionCheck = 'good' | 'over' | 'missing' | 'unclear';
