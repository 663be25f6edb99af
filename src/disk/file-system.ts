import { spawnSync } from 'node:child_process';
import { closeSync, fchmodSync, fstatSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { errnoOf } from '../core/errno.js';
import { showName } from '../core/safe-text.js';

/** Only the user who runs the job may read what it writes. */
export const MODE = 0o600;

export const isWindows = process.platform === 'win32';

const listeners = new Set<(lack: string) => void>();

/** Tells what a file system does not give and what is not promised then, once each. @returns what ends the listening */
export function hearLacks(tell: (lack: string) => void): () => void {
  const told = new Set<string>();
  const listener = (lack: string): void => {
    if (!told.has(lack)) tell(lack);
    told.add(lack);
  };
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function lack(text: string): void {
  for (const listener of listeners) listener(text);
}

/** What a file system says that does not know what it is asked for. */
const UNKNOWN = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** A rename or a new file is durable when its folder is. Windows knows no such thing: NTFS writes its names down in order. */
export function syncFolder(path: string): void {
  if (isWindows) return;
  try {
    sync(dirname(path));
  } catch (error) {
    const code = errnoOf(error) ?? '';
    if (!UNKNOWN.includes(code)) throw error;
    lack(
      `${showName(dirname(path))} can't be synced (${code}): after a power cut a file there may have its old content once more, or be gone`,
    );
  }
}

function sync(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Keeps a file of ours from other users, whatever its folder hands down. */
export function keepPrivate(path: string, fd: number): void {
  const isKept = isWindows ? restrict(resolve(path)) : setMode(fd);
  if (isKept) return;
  const what = isWindows ? 'icacls' : 'chmod';
  lack(
    `${what} could not keep the files in ${showName(dirname(path))} from other users: they read what their rights to that folder let them`,
  );
}

/** False where files have the rights that their mount gives them. Of somebody else's file, refused is refused. */
function setMode(fd: number): boolean {
  try {
    fchmodSync(fd, MODE);
  } catch (error) {
    const isOurs = fstatSync(fd).uid === process.getuid?.();
    if (!isOurs || ![...UNKNOWN, 'EPERM'].includes(errnoOf(error) ?? '')) throw error;
  }
  return (fstatSync(fd).mode & 0o077) === 0;
}

/** Whether a file that is there has the mode that {@link keepPrivate} gave it, where there are modes. */
export function isPrivate(mode: number): boolean {
  return isWindows || (mode & 0o7777) === MODE;
}

/** For the user alone: nothing is inherited. The full paths keep a program of that name in the folder from being started. */
function restrict(path: string): boolean {
  const user = userOfWindows();
  return user !== undefined && runOfWindows('icacls', [path, '/inheritance:r', '/grant:r', `${user}:F`]) !== undefined;
}

let user: { readonly name: string | undefined } | undefined;

/** By the number that no language and no domain changes, or else by name. */
function userOfWindows(): string | undefined {
  if (user === undefined) {
    const said = runOfWindows('whoami', ['/user', '/fo', 'csv', '/nh'])?.trim();
    const [sid] = /\bS-1-[\d-]+/.exec(said ?? '') ?? [];
    user = { name: sid === undefined ? said : `*${sid}` };
  }
  return user.name;
}

const MOST_MS = 10_000;

/** @returns what the program said; nothing when it is not there or failed */
function runOfWindows(name: string, words: readonly string[]): string | undefined {
  const file = join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', `${name}.exe`);
  const { status, stdout } = spawnSync(file, words, { encoding: 'utf8', windowsHide: true, timeout: MOST_MS });
  return status === 0 ? stdout : undefined;
}

/** What Windows and its shares say while a scanner, an index or a spreadsheet holds a file. */
const HELD = ['EBUSY', 'EPERM', 'EACCES', 'ETXTBSY'];
/** In ms, between attempts: 2.5 s together, less than a lock goes without being renewed. */
const WAITS_MS = [10, 40, 150, 300, 500, 700, 800];

/** Renames over what is there. @throws with EBUSY when another program holds it too long */
export function replace(from: string, to: string, wait = sleepInPlace): void {
  whileHeld(() => renameSync(from, to), wait);
}

/** Removes a file that may be there, as {@link replace} renames one. */
export function remove(path: string): void {
  whileHeld(() => rmSync(path, { force: true }), sleepInPlace);
}

function whileHeld(act: () => void, wait: (ms: number) => void): void {
  for (let tries = 0; ; tries += 1) {
    try {
      act();
      return;
    } catch (error) {
      const code = errnoOf(error) ?? '';
      if (!HELD.includes(code)) throw error;
      const waitMs = WAITS_MS[tries];
      if (waitMs !== undefined) wait(waitMs);
      else if (isWindows)
        throw Object.assign(new Error('another program holds it', { cause: error }), { code: 'EBUSY' });
      else throw error;
    }
  }
}

/** Nothing else goes on by then: it is the end of a run. */
function sleepInPlace(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
