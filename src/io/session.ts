import { createHmac } from 'node:crypto';
import type { Session } from '../core/session.js';

/** cenToken: lower-case hex HMAC-SHA256 over admin and authToken, keyed with the secret code (both seeds). */
export function makeSession(credentials: { admin: string; authToken: string; secretCode: string }): Session {
  const { admin, authToken, secretCode } = credentials;
  return { admin, cenToken: createHmac('sha256', secretCode).update(`${admin}${authToken}`).digest('hex') };
}
