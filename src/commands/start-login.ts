import { randomUUID } from 'node:crypto';
import type { Command } from '../cli/arguments.js';
import type { Clock } from '../core/clock.js';
import { EXIT_CODES } from '../core/exit-code.js';
import type { ExitCode } from '../core/exit-code.js';
import type { Process } from '../core/process.js';
import { Logins } from '../gate/logins.js';
import type { LockHolder } from '../record/lock-holder.js';
import { describeSelf } from '../record/process-identity.js';
import { makeSession } from '../server/session.js';
import type { Tokens } from '../server/session.js';
import { resolveValues } from '../settings/settings.js';
import type { SettingValues } from '../settings/settings.js';
import { openAdministratorLock, toAdministrator } from '../wiring/open-administrator.js';
import { openAccount } from '../wiring/open-session.js';
import { NotHandedOverError, openDestination } from './session-destination.js';
import type { Destination } from './session-destination.js';
import { notingOn, tellStop, withServer } from './session-server.js';
import type { SessionWork } from './session-server.js';

/** The `login` command: a session for runs that share it. What it is made of goes to its destination and nowhere else. */
export async function startLogin(
  { flags }: Extract<Command, { name: 'login' }>,
  { env, stdout, stderr }: Process,
  clock: Clock,
): Promise<ExitCode> {
  const values = await resolveValues('login', { flags, env });
  const note = notingOn(stderr);
  values.warnings.forEach(note);
  const self = describeSelf(randomUUID(), clock);
  const destination = await openDestination(values, { env, stdout, clock, self });
  try {
    return await withServer(values, sessionOf(values), {
      ...{ clock, env, note, abandon: destination.close },
      work: (work) => logIn(values, destination, { ...work, self, note }),
    });
  } finally {
    destination.close();
  }
}

function sessionOf({ admin, password, integrationKey, integrationSecret, authBase }: SettingValues<'login'>) {
  if (!password || !integrationKey || !integrationSecret) throw new Error('settings of a login have its secrets');
  const secrets = { password, integrationKey, integrationSecret };
  return { admin, tokens: undefined, login: { secrets, authBase: authBase ?? '' } };
}

type LoginWork = SessionWork & { readonly self: LockHolder; readonly note: (text: string) => void };

async function logIn(
  values: SettingValues<'login'>,
  destination: Destination,
  { server: { time, secrets }, stop, cut, self, note }: LoginWork,
): Promise<ExitCode> {
  const { clock } = time;
  const settings = sessionOf(values);
  let tokens: Tokens | undefined;
  const account = openAccount({ settings, clock, time, secrets }, (made) => {
    tokens = made;
    const session = makeSession(values.admin, made);
    secrets.add(session.cenToken, made.authToken, made.secretCode);
    return session;
  });
  if (account === undefined) throw new Error('a login has an account');
  const lock = openAdministratorLock({ ...values, session: settings }, { self, clock, warn: note });
  try {
    const logins = new Logins({
      ...{ clock, stop, note },
      maxOutageMs: Math.round(values.maxOutage * 1000),
      look: () => time.look(cut),
      administrator: toAdministrator(values.admin, lock),
      logIn: () => account.logIn(cut),
    });
    const session = await logins.open();
    if (session === undefined || tokens === undefined) return tellStop(stop, note);
    try {
      if (stop.reason !== undefined) throw new NotHandedOverError(stop.reason.reason);
      await destination.give(tokens);
      return EXIT_CODES.done.code;
    } catch (error) {
      await account.logOut(session);
      if (!(error instanceof NotHandedOverError)) throw error;
      note(`${error.message}: nobody has the session, and it was logged out of`);
      return EXIT_CODES[stop.reason?.kind ?? 'stopped'].code;
    }
  } finally {
    lock.release();
  }
}
