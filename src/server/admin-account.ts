import { createHmac } from 'node:crypto';
import { toAuthTimestamp, toLoginBody, toLogoutBody } from './auth-body.js';
import type { AuthBody } from './auth-body.js';
import { CALLS, toPath } from './call.js';
import type { Call } from './call.js';
import type { Clock } from '../core/clock.js';
import type { Exchange, HttpRequest } from './exchange.js';
import { readLogin, readLogout } from './auth-reply.js';
import type { Secrets } from './secrets.js';
import type { Login, Logout, Session, Tokens } from './session.js';

export const LOGOUT_MS = 5_000;

/** What every call of the authentication API is made with. */
export interface AuthSettings {
  readonly admin: string;
  readonly integrationKey: string;
  /** The key of every HMAC; it is never sent. */
  readonly integrationSecret: string;
  /** Stands before `/CentagateWS` in the address of the authentication API. */
  readonly authBase: string;
  /** Those above are among them. */
  readonly secrets: Secrets;
  readonly exchange: (request: HttpRequest, signal: AbortSignal) => Promise<Exchange>;
}

export interface AccountSettings extends AuthSettings {
  readonly password: string;
  readonly openSession: (tokens: Tokens) => Session;
}

/** HMAC and timestamp of a login are made when its bytes are about to leave: one that is too old is refused. */
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
    const { exchange, hasLeft } = await post(CALLS.login, body, { auth: this.#settings, clock: this.#clock, signal });
    const login = readLogin(exchange, { hasLeft, now: this.#clock.now, secrets });
    if (login.kind !== 'opened') return login;
    const session = openSession(login.session);
    this.#authTokens.set(session, login.session.authToken);
    return { kind: 'opened', session };
  }

  /** Best effort, and not for long: a session that stays ends by itself. */
  async logOut(session: Session): Promise<void> {
    const authToken = this.#authTokens.get(session);
    if (authToken === undefined) return;
    const tooLong = new AbortController();
    const cancel = this.#clock.after(LOGOUT_MS, () => tooLong.abort());
    await endSession(authToken, { auth: this.#settings, clock: this.#clock, signal: tooLong.signal });
    cancel();
  }
}

interface AuthWorld {
  readonly auth: AuthSettings;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Logs out of any session of this administrator. */
export async function endSession(authToken: string, world: AuthWorld): Promise<Logout> {
  const { admin, integrationKey, secrets } = world.auth;
  const body = toLogoutBody({ username: admin, integrationKey, authToken });
  const { exchange } = await post(CALLS.logout, body, world);
  return readLogout(exchange, secrets);
}

async function post(
  call: Call<never>,
  body: AuthBody,
  { auth, clock, signal }: AuthWorld,
): Promise<{ exchange: Exchange; hasLeft: boolean }> {
  const { authBase, integrationSecret, exchange } = auth;
  const bytes = Buffer.from(body.text);
  let hasLeft = false;
  const onDeparture = (): void => {
    hasLeft = true;
    const timestamp = toAuthTimestamp(clock.now());
    bytes.write(timestamp, body.timestampAt, 'latin1');
    const hmac = createHmac('sha256', integrationSecret).update(body.signedText(timestamp));
    bytes.write(hmac.digest('hex'), body.hmacAt, 'latin1');
  };
  const way = { method: call.method, base: authBase, path: toPath(call, {}) };
  return { exchange: await exchange({ ...way, body: bytes, onDeparture }, signal), hasLeft };
}
