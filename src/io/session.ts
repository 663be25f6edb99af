import { createHmac } from 'node:crypto';

/** Who we are to the server. */
export interface Session {
  readonly admin: string;
  /** Bearer credential of every call: it must never reach a log, a result or an error. */
  readonly cenToken: string;
}

/** cenToken: lower-case hex HMAC-SHA256 over admin and authToken, keyed with the secret code (both seeds). */
export function makeSession(credentials: { admin: string; authToken: string; secretCode: string }): Session {
  const { admin, authToken, secretCode } = credentials;
  return { admin, cenToken: createHmac('sha256', secretCode).update(`${admin}${authToken}`).digest('hex') };
}
