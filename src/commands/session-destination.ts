import { sep } from 'node:path';
import { shellOf, toShellText } from '../cli/shell-text.js';
import type { Clock } from '../core/clock.js';
import { errnoOf } from '../core/errno.js';
import type { Process } from '../core/process.js';
import { showName, showText } from '../core/safe-text.js';
import { StateError } from '../core/state-error.js';
import { UsageError } from '../core/usage-error.js';
import { sharedFolderProblem } from '../disk/shared-folder.js';
import { NAME } from '../help/command-words.js';
import { takeLock } from '../record/lock.js';
import type { Lock } from '../record/lock.js';
import type { LockHolder } from '../record/lock-holder.js';
import { isRunning } from '../record/process-identity.js';
import type { Tokens } from '../server/session.js';
import { toKubernetesSecret } from '../session/kubernetes-secret.js';
import {
  guardedSession,
  makeSessionFolder,
  removeSessionFiles,
  SessionFiles,
  sessionPaths,
} from '../session/session-files.js';
import { parseSecret } from '../settings/secret.js';
import type { SettingValues } from '../settings/settings.js';

export interface Destination {
  /** @throws {NotHandedOverError} */
  readonly give: (tokens: Tokens) => Promise<void>;
  /** Whether there was a session or not. */
  readonly close: () => void;
}

/** Nobody has the session, and why. */
export class NotHandedOverError extends Error {
  override readonly name = 'NotHandedOverError';
}

interface DestinationWorld {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: Process['stdout'];
  readonly clock: Clock;
  readonly self: LockHolder;
}

/** @throws {UsageError} when nothing can go there; {LockedError} when another login is under way for the same folder */
export async function openDestination(values: SettingValues<'login'>, world: DestinationWorld): Promise<Destination> {
  const { sessionOut: folder, kubernetesSecret: name } = values;
  if (folder !== undefined && name === undefined) return openFolder(folder, values, world);
  if (name !== undefined && folder === undefined) return openManifest(name, world.stdout);
  throw new UsageError(['where is the session to go? Give either --out, a folder, or --kubernetes-secret, a name']);
}

function openManifest(name: string, stdout: Process['stdout']): Destination {
  if (stdout.isTTY) {
    const remedy = `pipe it on, as in ${NAME} login --kubernetes-secret ${name} | kubectl create -f -`;
    throw new UsageError([`--kubernetes-secret: standard output is a terminal, which keeps the session: ${remedy}`]);
  }
  const give = (tokens: Tokens): Promise<void> =>
    new Promise((resolve, reject) => {
      stdout.write(toKubernetesSecret(name, tokens), (error) => {
        if (error)
          reject(new NotHandedOverError(`standard output could not be written (${errnoOf(error) ?? 'closed'})`));
        else resolve();
      });
    });
  return { give, close: () => undefined };
}

async function openFolder(
  folder: string,
  { admin, allowed }: SettingValues<'login'>,
  { env, stdout, clock, self }: DestinationWorld,
): Promise<Destination> {
  makeSessionFolder(folder);
  const problem = sharedFolderProblem(folder, allowed, 'name another folder');
  if (problem !== undefined) throw new UsageError([`--out: ${problem}`]);
  const paths = sessionPaths(folder);
  const guarded = guardedSession(folder);
  let lock: Lock | undefined;
  let files: SessionFiles;
  try {
    lock = await takeLock(paths.lock, clock, { self, isRunning, force: false, guarded });
    files = new SessionFiles(paths);
  } catch (error) {
    lock?.release();
    throw error instanceof StateError ? new UsageError([ofFolder(error)]) : error;
  }
  const give = (tokens: Tokens): Promise<void> => {
    for (const token of [tokens.authToken, tokens.secretCode]) {
      const parsed = parseSecret(token);
      if ('problem' in parsed) throw new NotHandedOverError(`the session can't be kept in files: ${parsed.problem}`);
    }
    try {
      files.write(tokens);
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      removeSessionFiles(paths);
      throw new NotHandedOverError(ofFolder(error), { cause: error });
    }
    const use = ['--auth-token-file', paths.authToken, '--secret-code-file', paths.secretCode];
    const typed = (words: readonly string[]): string =>
      toShellText(words, shellOf(sep, env)) ?? showText(words.join(' '), 1000);
    stdout.write(
      [
        `logged in as ${admin}: the session is in ${showName(folder)}`,
        `to use it: ${typed(use)}`,
        `to end it: ${typed([NAME, 'logout', '--session', folder])}`,
        '',
      ].join('\n'),
    );
    return Promise.resolve();
  };
  return {
    give,
    close: () => {
      files.discard();
      lock.release();
    },
  };
}

/** Where a run's files go is set by another flag. */
function ofFolder({ message }: StateError): string {
  return message.replaceAll('--out-dir', '--out');
}
