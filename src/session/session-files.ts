import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../core/errno.js';
import { isThere } from '../core/same-file.js';
import { showName } from '../core/safe-text.js';
import { readSmallFile } from '../core/small-file.js';
import { orUsageError } from '../core/state-error.js';
import { UsageError } from '../core/usage-error.js';
import { remove, syncFolder } from '../disk/file-system.js';
import type { Guarded } from '../record/lock.js';
import { ReplacedFile, temporaryOf } from '../record/replaced-file.js';
import type { Tokens } from '../server/session.js';

/** As each of the two files ends. */
const LINE_FEED = 0x0a;
const MAX_TOKEN_BYTES = 64 * 1024;

/** What each part of a session is called: as a file, and as a key of a Secret. */
export const SESSION_NAMES = { authToken: 'auth-token', secretCode: 'secret-code' } as const;

export interface SessionPaths {
  readonly authToken: string;
  readonly secretCode: string;
  /** Held while the two are made. */
  readonly lock: string;
}

export function sessionPaths(folder: string): SessionPaths {
  const { authToken, secretCode } = SESSION_NAMES;
  return {
    authToken: join(folder, authToken),
    secretCode: join(folder, secretCode),
    lock: join(folder, 'session.lock'),
  };
}

export function guardedSession(folder: string): Guarded {
  const { lock } = sessionPaths(folder);
  return { name: `the session in ${showName(folder)}`, remedy: `if it is surely dead, remove ${lock}` };
}

/** What a session is ended by, also where a killed login left it. @throws {UsageError} where there is no folder */
export function findAuthToken(folder: string): string | undefined {
  if (!isThere(folder) || !statSync(folder).isDirectory())
    throw new UsageError([`--session: there is no folder ${showName(folder)}: name the one that login --out wrote`]);
  const { authToken, secretCode } = sessionPaths(folder);
  const left = temporaryOf(authToken);
  if (!isThere(authToken) && isWhole(left)) return left;
  return isThere(authToken) || isThere(secretCode) ? authToken : undefined;
}

function isWhole(path: string): boolean {
  const file = readSmallFile(path, MAX_TOKEN_BYTES);
  return 'bytes' in file && file.bytes.at(-1) === LINE_FEED;
}

/** Makes the folder for this user alone; one that is there is left as it is. @throws {UsageError} */
export function makeSessionFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const code = errnoOf(error);
    if (code === undefined) throw error;
    if (code !== 'EEXIST') throw new UsageError([`--out: ${showName(folder)} can't be made (${code}): name another`]);
  }
}

/** What keeps the two files from being written shows before the login, which ends the administrator's session. */
export class SessionFiles {
  readonly #authToken: ReplacedFile;
  readonly #secretCode: ReplacedFile;

  /** @throws {UsageError} where a session is already, or none can be written */
  constructor(paths: SessionPaths) {
    const there = [paths.authToken, paths.secretCode].filter(isThere).map((path) => showName(path));
    if (there.length > 0) {
      throw new UsageError([
        `--out: ${there.join(' and ')} is there already, and its session may be in use: end that one first (logout --session), or name another folder`,
      ]);
    }
    this.#authToken = orUsageError(() => new ReplacedFile(paths.authToken));
    try {
      this.#secretCode = orUsageError(() => new ReplacedFile(paths.secretCode));
    } catch (error) {
      this.#authToken.discard();
      throw error;
    }
  }

  /** What is left by a kill in the middle is enough to end the session with. @throws {StateError} */
  write({ authToken, secretCode }: Tokens): void {
    this.#authToken.write(`${authToken}\n`);
    this.#secretCode.write(`${secretCode}\n`);
    this.#authToken.finish();
    this.#secretCode.finish();
    this.#authToken.place();
    this.#secretCode.place();
  }

  /** Nothing that was not placed stays. */
  discard(): void {
    this.#authToken.discard();
    this.#secretCode.discard();
  }
}

/** Of a session that is over; the one that it can be ended by goes last. @throws what the system says */
export function removeSessionFiles({ authToken, secretCode }: SessionPaths): void {
  for (const path of [secretCode, authToken]) {
    remove(temporaryOf(path));
    remove(path);
  }
  syncFolder(authToken);
}
