import { closeSync, linkSync, lstatSync, rmSync, writeSync } from 'node:fs';
import { errnoOf } from '../core/errno.js';
import { StateError } from '../core/state-error.js';
import { isHolder } from './lock-holder.js';
import type { LockHolder } from './lock-holder.js';
import { foreignProblem, NotOursError, openOwn, readOwn } from '../disk/own-file.js';

/** What a file system says that knows no second name for a file; EISDIR on Windows, where libuv has no other name for it. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EISDIR'];

/** Named when it is whole: no kill leaves a half one. @returns false when it is there already @throws {StateError} */
export function createLockFile(path: string, holder: LockHolder): boolean {
  const whole = `${path}.${holder.runId}`;
  try {
    writeNew(whole, holder);
    return link(whole, path) ?? writeNew(path, holder);
  } finally {
    tryTo(() => rmSync(whole, { force: true }));
  }
}

/** False when there is such a name already; nothing where the file system knows no links. */
export function link(from: string, to: string): boolean | undefined {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    // Whoever holds the lock may have swept ours away.
    if (errnoOf(error) === 'EEXIST' || errnoOf(error) === 'ENOENT') return false;
    if (NO_LINKS.includes(errnoOf(error) ?? '')) return undefined;
    throw new StateError(to, error);
  }
}

function writeNew(path: string, holder: LockHolder): boolean {
  try {
    const fd = openOwn(path, 'create');
    try {
      writeSync(fd, `${JSON.stringify(holder)}\n`);
    } finally {
      closeSync(fd);
    }
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw new StateError(path, error);
  }
}

const LOCK = { maxBytes: 64 * 1024, isLinked: true };

/** Who holds it; nobody where the file does not say so, is none of this user's, or is gone. */
export function readHolder(path: string): LockHolder | undefined {
  try {
    // A half-written one is no JSON.
    const found: unknown = JSON.parse(readOwn(path, LOCK).toString('utf8'));
    return isHolder(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Somebody else's is not ours to judge, nor is what no run made. @throws {StateError} */
export function checkLockFile(path: string): void {
  const problem = foreignProblem(path, LOCK);
  if (problem !== undefined) throw new StateError(path, new NotOursError(problem));
}

/** Epoch ms; nothing for a file that is gone. */
export function modifiedAt(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

/** For what may fail, and then the next run does it. */
export function tryTo(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
