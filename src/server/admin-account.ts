import { createHmac } from 'node:crypto';
import { toAuthTimestamp, toLoginBody, toLogoutBody } from './auth-body.js';
import type { AuthBody } from './auth-body.js';
import { CALLS, toPath } from './call.js';
import type { Call } from './call.js';
import type { Clock } from '../core/clock.js';
import type { Exchange, HttpRequest } from './exchange.js';
import { readLogin } from './login-reply.js';
import type { Secrets } from './secrets.js';
import type { Login, Session, Tokens } from './session.js';

export const LOGOUT_MS = 5_000;

export interface AccountSettings {
  readonly admin: string;
  readonly password: string;
  readonly integrationKey: string;
  /** The key of every HMAC; it is never sent. */
  readonly integrationSecret: string;
  /** Stands before `/CentagateWS` in the address of the authentication API. */
  readonly authBase: string;
  /** Those above are among them. */
  readonly secrets: Secrets;
  readonly exchange: (request: HttpRequest, signal: AbortSignal) => Promise<Exchange>;
  readonly openSession: (tokens: Tokens) => Session;
}

/**
 * The administrator's own login. Its HMAC covers the timestamp, and a login that is too old is refused: both are made when
 * the connection is ready and the bytes are about to leave.
 */
export class AdminAccount {
  readonly #settings: AccountSettings;
  readonly #clock: Clock;
  readonly #authTokens = new WeakMap<Session, string>();

  constructor(settings: AccountSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  async logIn(signal: AbortSignal): Promise<Login<Session>> {
    const { admin, password, integrationKey, secrets, openSession } = this.#settings;
    const body = toLoginBody({ username: admin, password, integrationKey });
    const { exchange, hasLeft } = await this.#post(CALLS.login, body, signal);
    const login = readLogin(exchange, { hasLeft, nowMs: this.#clock.now(), secrets });
    if (login.kind !== 'opened') return login;
    const session = openSession(login.session);
    this.#authTokens.set(session, login.session.authToken);
    return { kind: 'opened', session };
  }

  /** Best effort, and not for long: a session that stays ends by itself. */
  async logOut(session: Session): Promise<void> {
    const authToken = this.#authTokens.get(session);
    if (authToken === undefined) return;
    const { admin, integrationKey } = this.#settings;
    const tooLong = new AbortController();
    const cancel = this.#clock.after(LOGOUT_MS, () => tooLong.abort());
    await this.#post(CALLS.logout, toLogoutBody({ username: admin, integrationKey, authToken }), tooLong.signal);
    cancel();
  }

  async #post(
    call: Call<never>,
    body: AuthBody,
    signal: AbortSignal,
  ): Promise<{ exchange: Exchange; hasLeft: boolean }> {
    const { authBase, integrationSecret } = this.#settings;
    const bytes = Buffer.from(body.text);
    let hasLeft = false;
    const onDeparture = (): void => {
      hasLeft = true;
      const timestamp = toAuthTimestamp(this.#clock.now());
      bytes.write(timestamp, body.timestampAt, 'latin1');
      const hmac = createHmac('sha256', integrationSecret).update(body.signedText(timestamp));
      bytes.write(hmac.digest('hex'), body.hmacAt, 'latin1');
    };
    const way = { method: call.method, base: authBase, path: toPath(call, {}) };
    const request = { ...way, body: bytes, onDeparture };
    return { exchange: await this.#settings.exchange(request, signal), hasLeft };
  }
}
