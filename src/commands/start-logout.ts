import { randomUUID } from 'node:crypto';
import type { Command } from '../cli/arguments.js';
import type { Clock } from '../core/clock.js';
import { errnoOf } from '../core/errno.js';
import { EXIT_CODES } from '../core/exit-code.js';
import type { ExitCode } from '../core/exit-code.js';
import type { Process } from '../core/process.js';
import { showName, showText } from '../core/safe-text.js';
import { UsageError } from '../core/usage-error.js';
import { checkFree } from '../record/lock.js';
import { describeSelf, isRunning } from '../record/process-identity.js';
import { endSession } from '../server/admin-account.js';
import { findAuthToken, guardedSession, removeSessionFiles, sessionPaths } from '../session/session-files.js';
import type { SessionPaths } from '../session/session-files.js';
import { readSecretFile } from '../settings/secret.js';
import type { Secret } from '../settings/secret.js';
import { resolveValues } from '../settings/settings.js';
import type { SettingValues } from '../settings/settings.js';
import { notingOn, tellStop, withServer } from './session-server.js';
import type { SessionWork } from './session-server.js';

/** The `logout` command: ends a session that `login` made. Its files go when the server knows it no more. */
export async function startLogout(
  { flags }: Extract<Command, { name: 'logout' }>,
  { env, stdout, stderr }: Process,
  clock: Clock,
): Promise<ExitCode> {
  const values = await resolveValues('logout', { flags, env });
  const note = notingOn(stderr);
  values.warnings.forEach(note);
  const { sessionFolder: folder } = values;
  const paths = folder === undefined ? undefined : sessionPaths(folder);
  let { authToken } = values;
  if (folder !== undefined && paths !== undefined) {
    // What a login is about to write is not what a killed one left.
    const self = describeSelf(randomUUID(), clock);
    await checkFree(paths.lock, clock, { self, isRunning, guarded: guardedSession(folder) });
    const path = findAuthToken(folder);
    // A schedule may repeat it, after a kill too.
    if (path === undefined) {
      stdout.write(`there is no session in ${showName(folder)}\n`);
      return removeFiles(paths, note);
    }
    authToken = readAuthToken(path, note);
  }
  const { admin, integrationKey, integrationSecret } = values;
  if (!authToken || !integrationKey || !integrationSecret) throw new Error('settings of a logout have its secrets');
  const secrets = { integrationKey, integrationSecret };
  const session = { admin, tokens: { authToken }, login: { secrets } };
  return withServer(values, session, {
    ...{ clock, env, note, abandon: () => undefined },
    work: async (work) => {
      const ended = await logOut(values, { authToken, ...secrets }, work);
      if (work.stop.reason !== undefined) return tellStop(work.stop, note);
      if ('reason' in ended) {
        note(ended.reason);
        return EXIT_CODES[ended.kind === 'failed' ? 'stopped' : 'person'].code;
      }
      const was = ended.kind === 'ended' ? 'is ended' : 'was over';
      stdout.write(`the session of ${showText(admin)} ${was}\n`);
      return paths === undefined ? EXIT_CODES.done.code : removeFiles(paths, note);
    },
  });
}

/** @throws {UsageError} where there is none */
function readAuthToken(path: string, note: (text: string) => void): Secret {
  const said = (text: string): string => text.replaceAll('the file that it names', showName(path));
  const read = readSecretFile(path);
  if ('problem' in read) throw new UsageError([`--session: ${said(read.problem)}`]);
  if (read.warning !== undefined) note(`--session: ${said(read.warning)}`);
  return read.value;
}

function logOut(
  { admin, authBase }: SettingValues<'logout'>,
  {
    authToken,
    integrationKey,
    integrationSecret,
  }: Record<'authToken' | 'integrationKey' | 'integrationSecret', Secret>,
  { server: { time, secrets }, cut }: SessionWork,
): ReturnType<typeof endSession> {
  const auth = {
    admin,
    integrationKey: integrationKey.reveal(),
    integrationSecret: integrationSecret.reveal(),
    authBase: authBase ?? '',
    secrets,
    exchange: time.exchange,
  };
  return endSession(authToken.reveal(), { auth, clock: time.clock, signal: cut });
}

function removeFiles(paths: SessionPaths, note: (text: string) => void): ExitCode {
  try {
    removeSessionFiles(paths);
    return EXIT_CODES.done.code;
  } catch (error) {
    const code = errnoOf(error);
    if (code === undefined) throw error;
    note(
      `${showName(paths.authToken)} and ${showName(paths.secretCode)} can't be removed (${code}): remove them by hand`,
    );
    return EXIT_CODES.stopped.code;
  }
}
