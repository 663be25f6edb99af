import { randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, rmSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errnoOf } from '../core/errno.js';
import { isWindows, MODE, replace } from './file-system.js';

/** What stands under a name of ours and is no file that a run of this user left there: nobody relies on it or writes to it. */
export class NotOursError extends Error {
  override readonly name = 'NotOursError';
}

export interface OwnRules {
  /** It gets its name by a link, and may have another one for a moment. */
  readonly isLinked?: boolean;
  /** Words pass through it: a pipe or a device does as well, and what root has made for that. */
  readonly isOutlet?: boolean;
  /** It has a place where nobody else could put it. */
  readonly isAnybodys?: boolean;
}

const ROOT = 0;

/** Windows knows none of these, and no users by number: there only what is no file is found. */
const CAREFULLY = isWindows ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A link is not followed, and a pipe that nobody writes to is not waited for. */
const FLAGS = {
  read: constants.O_RDONLY,
  change: constants.O_RDWR,
  append: constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT,
  create: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
} as const;

/** The opened file is asked what it is: none can take its place. @throws {NotOursError}; what the system says */
export function openOwn(path: string, way: keyof typeof FLAGS, rules: OwnRules = {}): number {
  const fd = orNotOurs(path, () => openSync(path, FLAGS[way] | CAREFULLY, MODE), rules);
  if (way === 'create') return fd;
  const problem = problemOf(fstatSync(fd), path, rules);
  if (problem === undefined) return fd;
  closeSync(fd);
  throw new NotOursError(problem);
}

/** What whoever starts us has opened is theirs to choose. */
const INHERITED = /^\/(?:dev\/(?:stdout|stderr|fd\/\d+)|proc\/self\/fd\/\d+)$/;

/** Opens to append: a file as for {@link openOwn}, a pipe, which is not waited for, or a device. @throws as that */
export function openOutlet(path: string, rules: Pick<OwnRules, 'isAnybodys'> = {}): number {
  return INHERITED.test(path)
    ? openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK)
    : openOwn(path, 'append', { ...rules, isOutlet: true });
}

/** Takes away what stands under a name of ours, if something does. @throws {NotOursError} where it is another user's to do so */
export function removeOwn(path: string): void {
  orNotOurs(path, () => rmSync(path, { force: true }));
}

/** Nothing for a file that is not there. */
export function orNothing<Result>(open: () => Result): Result | undefined {
  try {
    return open();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** All of a file of ours. @throws as {@link openOwn}; {NotOursError} for more than we write */
export function readOwn(path: string, { maxBytes, ...rules }: OwnRules & { readonly maxBytes: number }): Buffer {
  const fd = openOwn(path, 'read', rules);
  try {
    return readAll(fd, maxBytes);
  } finally {
    closeSync(fd);
  }
}

function readAll(fd: number, maxBytes: number): Buffer {
  const { size } = fstatSync(fd);
  if (size > maxBytes) throw new NotOursError(`it has ${size} bytes, more than any that a run left: move it away`);
  const room = Buffer.alloc(size);
  let filled = 0;
  while (filled < size) {
    const length = readSync(fd, room, filled, size - filled, filled);
    if (length === 0) break;
    filled += length;
  }
  return room.subarray(0, filled);
}

/** Why what stands under a name of ours is not ours; nothing where it is, or where nothing is there. */
export function foreignProblem(path: string, rules: OwnRules = {}): string | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats && problemOf(stats, path, rules);
}

/** A rename replaces even `/dev/null`. @throws {NotOursError} unless the name is free or a file's */
export function checkReplaceable(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  const kind = stats && kindOf(stats);
  if (kind !== undefined) throw new NotOursError(`it is ${kind}, and only a file is replaced: give another name`);
}

/** The rest of a sentence, with what to do; `remedy` is for what the system says. */
export function whyUnreadable(error: unknown, remedy: string): string {
  return error instanceof NotOursError ? `as ${error.message}` : `(${errnoOf(error) ?? String(error)}): ${remedy}`;
}

/** @throws {NotOursError} when a name does not lead to this open file any more */
export function checkStill(path: string, fd: number): void {
  const [named, opened] = [lstatSync(path, { throwIfNoEntry: false }), fstatSync(fd)];
  if (named?.dev === opened.dev && named.ino === opened.ino) return;
  throw new NotOursError(`${basename(path)} was taken away or replaced meanwhile: see who may write to its folder`);
}

/**
 * Gives a file of ours its name, and closes it. Whoever may write to the folder could put another one under the temporary
 * name: what comes into its place is the open one, whose number no other file gets meanwhile. Windows has no such numbers,
 * and renames best what nobody has open.
 */
export function renameOwn(fd: number, from: string, to: string): void {
  if (isWindows) closeSync(fd);
  try {
    if (!isWindows) checkStill(from, fd);
    replace(from, to);
    if (!isWindows) checkStill(to, fd);
  } finally {
    if (!isWindows) closeSync(fd);
  }
}

/** What can't be opened says why by what it is, where it is none of ours. */
function orNotOurs<Result>(path: string, open: () => Result, rules: OwnRules = {}): Result {
  try {
    return open();
  } catch (error) {
    const problem = errnoOf(error) === 'EEXIST' ? undefined : foreignProblem(path, rules);
    if (problem !== undefined) throw new NotOursError(problem, { cause: error });
    throw error;
  }
}

const KINDS = [
  ['isSymbolicLink', 'a symbolic link'],
  ['isDirectory', 'a folder'],
  ['isFIFO', 'a pipe'],
  ['isSocket', 'a socket'],
  ['isCharacterDevice', 'a device'],
  ['isBlockDevice', 'a device'],
] as const;

function kindOf(stats: Stats): string | undefined {
  return KINDS.find(([is]) => stats[is]())?.[1];
}

/** The rest of a message, with what to do. */
function problemOf(stats: Stats, path: string, rules: OwnRules): string | undefined {
  const { isLinked = false, isOutlet = false, isAnybodys = false } = rules;
  // Root alone makes devices.
  if (isOutlet && stats.isCharacterDevice()) return undefined;
  const kind = isOutlet && stats.isFIFO() ? undefined : kindOf(stats);
  if (kind !== undefined) return `it is ${kind}, which no run leaves there: move it away`;
  const isTrusted = isAnybodys || (isOutlet && stats.uid === ROOT);
  return (isTrusted ? undefined : ownerProblem(stats, path)) ?? (isLinked ? undefined : linksProblem(stats));
}

function ownerProblem({ uid }: Stats, path: string): string | undefined {
  const us = process.geteuid?.();
  if (us === undefined || uid === us || uid === ownerGivenIn(dirname(path))) return undefined;
  return `it belongs to user ${uid}, and this run to user ${us}: run as that user, or move it away`;
}

function linksProblem({ nlink }: Stats): string | undefined {
  if (process.geteuid === undefined || nlink <= 1) return undefined;
  return 'it is a file that has another name as well (a hard link): move it away, or put a copy in its place';
}

/** Some mounts give all files one owner, whoever makes them: whose a file is can't be told there. */
function ownerGivenIn(folder: string): number | undefined {
  const path = join(folder, `.centagate-provision-${randomUUID()}`);
  try {
    const fd = openOwn(path, 'create');
    try {
      return fstatSync(fd).uid;
    } finally {
      closeSync(fd);
      rmSync(path, { force: true });
    }
  } catch {
    return undefined;
  }
}
