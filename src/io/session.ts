import { createHmac } from 'node:crypto';
import type { Session, Tokens } from '../core/session.js';

const MIN_SECRET_LENGTH = 8;

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
  return { admin, cenToken, secrets: quotable([cenToken, authToken, secretCode, ...otherSecrets]) };
}

/** As they are, and as JSON writes them. A short one would be found where nobody put it, in the reply's own words. */
function quotable(secrets: readonly string[]): readonly string[] {
  const hidden = secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH);
  return [...new Set(hidden.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))];
}
