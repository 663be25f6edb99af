import { createHmac, timingSafeEqual } from 'node:crypto';

/** What makes a session: the cenToken is the HMAC of administrator and authToken under the secret code. */
export interface SessionSecrets {
  readonly authToken: string;
  readonly secretCode: string;
}

export interface SessionLimits {
  readonly ttlMs?: number;
  /** Calls that it is good for. */
  readonly requests?: number;
}

/** The sessions of the one administrator: a new one ends the one before. */
export class Sessions {
  deaths = 0;
  readonly #admin: string;
  readonly #limits: SessionLimits;
  readonly #now: () => number;
  readonly #deniedUsers = new Set<string>();
  #isRightRevoked = false;
  #current: LiveSession | undefined;

  /** @param now epoch ms */
  constructor(admin: string, limits: SessionLimits = {}, now: () => number = Date.now) {
    this.#admin = admin;
    this.#limits = limits;
    this.#now = now;
  }

  open({ authToken, secretCode }: SessionSecrets): void {
    const cenToken = createHmac('sha256', secretCode)
      .update(this.#admin + authToken)
      .digest('hex');
    this.#current = { authToken, cenToken, openedAt: this.#now(), requests: 0 };
  }

  /** Whether these are this administrator and the cenToken of the session, which has not ended: one call of it. */
  permits(admin: string | undefined, cenToken: string | undefined): boolean {
    const session = this.#current;
    if (session === undefined || admin !== this.#admin || !isSame(cenToken ?? '', session.cenToken)) return false;
    const { ttlMs = Infinity, requests = Infinity } = this.#limits;
    if (this.#now() - session.openedAt >= ttlMs || session.requests >= requests) {
      this.deaths += 1;
      this.end();
      return false;
    }
    session.requests += 1;
    return true;
  }

  permitsUser(username: string): boolean {
    return !this.#isRightRevoked && !this.#deniedUsers.has(username);
  }

  isOf(authToken: string): boolean {
    return this.#current !== undefined && isSame(authToken, this.#current.authToken);
  }

  end(): void {
    this.#current = undefined;
  }

  denyUser(username: string): void {
    this.#deniedUsers.add(username);
  }

  revokeRight(): void {
    this.#isRightRevoked = true;
  }
}

interface LiveSession {
  readonly authToken: string;
  readonly cenToken: string;
  readonly openedAt: number;
  requests: number;
}

/** Compares without telling by its duration where the first difference is. */
export function isSame(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
