import { createHmac, timingSafeEqual } from 'node:crypto';

/** The one session this server knows: who may call, until it ends. */
export interface Session {
  /** Whether these are this administrator and the cenToken of this session, which has not ended. */
  permits(admin: string | undefined, cenToken: string | undefined): boolean;
  permitsUser(username: string): boolean;
  end(): void;
  denyUser(username: string): void;
}

export function openSession(secrets: { admin: string; authToken: string; secretCode: string }): Session {
  const { admin, authToken, secretCode } = secrets;
  const expected = createHmac('sha256', secretCode)
    .update(admin + authToken)
    .digest('hex');
  const deniedUsers = new Set<string>();
  let ended = false;
  return {
    permits: (caller, cenToken = '') => isSame(cenToken, expected) && caller === admin && !ended,
    permitsUser: (username) => !deniedUsers.has(username),
    end: () => (ended = true),
    denyUser: (username) => deniedUsers.add(username),
  };
}

/** Compares without telling by its duration where the first difference is. */
function isSame(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
