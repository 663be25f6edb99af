import { createHmac } from 'node:crypto';

/** Who we are to the server: one object is one session, and another one another. */
export interface Session {
  readonly admin: string;
  /** Bearer credential of every call: it must never reach a log, a result or an error. */
  readonly cenToken: string;
  /** All that a reply to a call of this session must not bring into a result, in every form that it could quote. */
  readonly secrets: readonly string[];
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

const MIN_SECRET_LENGTH = 8;

/** cenToken: lower-case hex HMAC-SHA256 over admin and authToken, keyed with the secret code (both seeds). */
export function makeSession(
  admin: string,
  { authToken, secretCode }: Tokens,
  otherSecrets: readonly string[] = [],
): Session {
  const cenToken = createHmac('sha256', secretCode).update(`${admin}${authToken}`).digest('hex');
  return { admin, cenToken, secrets: quotable([cenToken, authToken, secretCode, ...otherSecrets]) };
}

/** As they are, and as JSON writes them. A short one would be found where nobody put it, in the reply's own words. */
function quotable(secrets: readonly string[]): readonly string[] {
  const hidden = secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH);
  return [...new Set(hidden.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))];
}
