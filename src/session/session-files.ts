import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../core/errno.js';
import { isThere } from '../core/same-file.js';
import { showName } from '../core/safe-text.js';
import { orUsageError } from '../core/state-error.js';
import { UsageError } from '../core/usage-error.js';
import { remove, syncFolder } from '../disk/file-system.js';
import { ReplacedFile, temporaryOf } from '../record/replaced-file.js';
import type { Tokens } from '../server/session.js';

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

/** Whether the folder is there, and neither of the two files in it. */
export function hasNoSession(folder: string): boolean {
  const { authToken, secretCode } = sessionPaths(folder);
  return isThere(folder) && !isThere(authToken) && !isThere(secretCode);
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

/**
 * The two files of a session that is about to be made: what could keep them from being written shows before the login, which
 * ends the session that the administrator had.
 */
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
