import { createHmac } from 'node:crypto';
import type { Session, Tokens } from '../core/session.js';

/**
 * cenToken: lower-case hex HMAC-SHA256 over admin and authToken, keyed with the secret code (both seeds).
 * @param otherSecrets what replies must not bring into a result either
 */
export function makeSession(
  admin: string,
  { authToken, secretCode }: Tokens,
  otherSecrets: readonly string[] = [],
): Session {
  const cenToken = createHmac('sha256', secretCode).update(`${admin}${authToken}`).digest('hex');
  return { admin, cenToken, secrets: [cenToken, authToken, secretCode, ...otherSecrets] };
}
