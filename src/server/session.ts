import { createHmac } from 'node:crypto';

/** Who we are to the server: one object is one session, and another one another. */
export interface Session {
  readonly admin: string;
  /** Bearer credential of every call: it must never reach a log, a result or an error. */
  readonly cenToken: string;
}

export interface Tokens {
  readonly authToken: string;
  readonly secretCode: string;
}

/** What `auth/sessioncheck` says: `missing` when the server has no such endpoint, `unclear` without a usable answer. */
export type SessionCheck = 'good' | 'over' | 'missing' | 'unclear';

/** What came of one login. `refused`: it would be refused again, and trying could lock the account. */
export type Login<Opened> =
  | { readonly kind: 'opened'; readonly session: Opened }
  | { readonly kind: 'refused'; readonly reason: string }
  /** No usable answer, and why. `hasLeft`: the server may have seen it. */
  | {
      readonly kind: 'failed';
      readonly hasLeft: boolean;
      readonly reason: string;
      readonly retryAfterMs?: number | undefined;
    };

/** What came of one logout. `over`: there was no session left to end. `failed`: the server gave no usable answer. */
export type Logout =
  { readonly kind: 'ended' | 'over' } | { readonly kind: 'refused' | 'failed'; readonly reason: string };

/** cenToken: lower-case hex HMAC-SHA256 over admin and authToken, keyed with the secret code (both seeds). */
export function makeSession(admin: string, { authToken, secretCode }: Tokens): Session {
  const cenToken = createHmac('sha256', secretCode).update(`${admin}${authToken}`).digest('hex');
  return { admin, cenToken };
}
