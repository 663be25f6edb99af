import type { AdministratorLock } from '../record/administrator-lock.js';
import { toAdministrator } from './open-administrator.js';
import { AdminSession } from '../gate/admin-session.js';
import type { SessionSettings } from '../settings/settings.js';
import type { Clock } from '../core/clock.js';
import type { Secrets } from '../server/secrets.js';
import type { Session, Tokens } from '../server/session.js';
import { AdminAccount } from '../server/admin-account.js';
import type { Endpoint } from '../server/endpoint.js';
import { makeSession } from '../server/session.js';
import type { RunStop } from '../core/run-stop.js';
import type { ServerTime } from '../server/server-time.js';

export interface SessionWorld {
  readonly settings: SessionSettings;
  readonly clock: Clock;
  readonly stop: RunStop;
  readonly note: (text: string) => void;
  readonly time: Pick<ServerTime, 'exchange' | 'look'>;
  /** Gets those of each session. */
  readonly secrets: Secrets;
  readonly maxOutageMs: number;
  readonly endpoint: Pick<Endpoint, 'checkSession'>;
  /** Held by whoever opened it, until the session has ended. */
  readonly administratorLock: AdministratorLock;
  readonly cut: AbortSignal;
}

export interface OpenedSession {
  readonly session: AdminSession;
  /** Logs out of a session that we made ourselves; one that was given is not ours to end. */
  readonly end: () => Promise<void>;
}

/** The session of a run: one that was made elsewhere, or our own login, or the one and then the other. */
export function openSession(world: SessionWorld): OpenedSession {
  const { settings, clock, stop, maxOutageMs, note, endpoint, time, secrets, cut } = world;
  const { admin } = settings;
  const open = (tokens: Tokens): Session => {
    const opened = makeSession(admin, tokens);
    secrets.add(opened.cenToken, tokens.authToken, tokens.secretCode);
    return opened;
  };
  const account = openAccount(world, open);
  const given = settings.tokens && {
    authToken: settings.tokens.authToken.reveal(),
    secretCode: settings.tokens.secretCode.reveal(),
  };
  const logIn = async (from: AdminAccount) => {
    const result = await from.logIn(cut);
    if (result.kind === 'opened') note(`logged in as ${admin}`);
    return result;
  };
  const session = new AdminSession({
    clock,
    stop,
    maxOutageMs,
    look: () => time.look(cut),
    note,
    given: given && open(given),
    checkSession: (asked) => endpoint.checkSession(asked, cut),
    administrator: toAdministrator(admin, world.administratorLock),
    logIn: account && (() => logIn(account)),
  });
  const end = async (): Promise<void> => {
    const ours = await session.end();
    if (ours !== undefined) await account?.logOut(ours);
  };
  return { session, end };
}

/** The account that a session is made from; nothing where no login is set. */
export function openAccount(
  {
    settings: { admin, login },
    clock,
    time,
    secrets: known,
  }: Pick<SessionWorld, 'settings' | 'clock' | 'secrets'> & { readonly time: Pick<ServerTime, 'exchange'> },
  openSession: (tokens: Tokens) => Session,
): AdminAccount | undefined {
  if (login === undefined) return undefined;
  const { secrets, authBase } = login;
  return new AdminAccount(
    {
      admin,
      password: secrets.password.reveal(),
      integrationKey: secrets.integrationKey.reveal(),
      integrationSecret: secrets.integrationSecret.reveal(),
      authBase,
      secrets: known,
      exchange: time.exchange,
      openSession,
    },
    clock,
  );
}
