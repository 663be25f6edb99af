import * as fs from 'node:fs';
import { constants as operatingSystem } from 'node:os';
import { join, posix, resolve, sep } from 'node:path';
import { NO_MORE_FILES } from '../core/errno.js';
import { showText } from '../core/safe-text.js';
import type { Flaw, MachineFault } from './flaw.js';
import { NOT_A_FILE, readRegularFile } from './regular-file.js';

/*
 * Synchronous because of test/bench/signature.mjs: 7 µs for a file of 2 KB, against 60-180 by fs/promises, and 4 more to ask
 * where it lies. Nothing waits: a FIFO opened with O_NONBLOCK returns at once and fstat tells what it is.
 * A path is confined three times: its text may not climb out, its real path must lie under the folder's real path, and so
 * must the file that was opened, which a path may not lead to any more that was judged before.
 */

const READ_WITHOUT_WAITING = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOFOLLOW;
/** On Windows there is no such flag, whatever its type says: only a real path may be opened there. */
const { O_NOFOLLOW }: Partial<typeof fs.constants> = fs.constants;
/** That are known again; of others, what is missing is their rows' own fault. */
const MOST_FOLDERS = 1000;
const HAS_NUL = 'has a NUL character in its path; remove it';
const OUTSIDE = 'leaves the signature folder; name a file inside it';
const MISSING = 'does not exist; correct the path or add it';
const FORBIDDEN = 'may not be read by this user; give permission to read it and to pass the folders above it';

/** What the disk says of one path; all else is a fault of the machine. */
const DISK_FLAWS: Readonly<Partial<Record<string, Flaw>>> = {
  ENOENT: MISSING,
  ENOTDIR: 'goes through a file as if it were a folder; correct the path',
  ENXIO: NOT_A_FILE,
  EACCES: FORBIDDEN,
  ELOOP: 'goes through symbolic links that lead in a circle; repair the links',
  ENAMETOOLONG: 'has a name that is too long for the disk; correct the path',
};
const quoted = (text: string) => `"${showText(text, 300)}"`;
const toNothing = () => undefined;
const diskFlaw = (errorName: string): Flaw | MachineFault => DISK_FLAWS[errorName] ?? diskFault(errorName);
const diskFault = (errorName: string): MachineFault => ({
  fault: `could not be read (${errorName}); ${NO_MORE_FILES[errorName] ?? 'check the disk or network share and run again'}`,
});
const withoutCase = (name: string) => name.normalize('NFC').toLowerCase();

/** The folder that signature paths are confined to; its real path is resolved at the first use that finds it. */
export function openSignatureFolder(folder: string, known?: KnownFolders): SignatureFolder {
  return new SignatureFolder(folder, known);
}

/** By its path within the signature folder, that itself being '', which folder it was when a file was read from it. */
export type KnownFolders = ReadonlyMap<string, string>;

export class SignatureFolder {
  readonly #folder: string;
  readonly #listings = new Map<string, ReadonlyMap<string, string>>();
  /** How many names may still be kept, in this run, to find files that differ in letter case only. */
  #namesLeft = 100_000;
  /** The real path, with a separator at its end; empty until it is found. */
  #root = '';
  /** The same as the system tells it of an open handle, where it does. */
  #rootByHandle: string | undefined;
  /** A share that went away leaves another folder in its place. */
  readonly #folderIds: Map<string, string>;
  /** Files of one folder come one after the other, and its real path takes as long to find as a file to read. */
  #last: { readonly folder: string; readonly realPath: string | undefined } = { folder: '', realPath: undefined };

  constructor(folder: string, known: KnownFolders = new Map()) {
    this.#folder = resolve(folder);
    this.#folderIds = new Map(known);
  }

  /** For another thread, which may come when all of it has gone. */
  get known(): KnownFolders {
    return this.#folderIds;
  }

  /** Without the folder itself, no row's path is to blame. */
  #fault(): MachineFault | undefined {
    if (this.#root !== '') return undefined;
    const toFault = (why: string): MachineFault => ({ fault: `the signature folder ${quoted(this.#folder)} ${why}` });
    if (this.#folder.includes('\0')) return toFault(HAS_NUL);
    return askDisk(
      () => {
        const root = fs.realpathSync.native(this.#folder + sep);
        this.#root = root.endsWith(sep) ? root : root + sep;
        this.#rootByHandle = askDisk(() => placeOfFolder(root), toNothing);
        this.#noteFolder('');
        return undefined;
      },
      (name) => toFault(DISK_FLAWS[name] ?? diskFault(name).fault),
    );
  }

  /** The bytes of the file that a row names, relative to the folder; what is wrong with it, or with the machine. */
  read(signaturePath: string): Buffer | Flaw | MachineFault {
    const path = signaturePath.replaceAll('\\', '/');
    if (path.includes('\0')) return HAS_NUL;
    if (/^(?:\/|[a-z]:)/i.test(path)) return 'is an absolute path; write it relative to the signature folder';
    const relative = posix.normalize(path);
    if (/^\.\.(?:\/|$)/.test(relative)) return OUTSIDE;
    const folderFault = this.#fault();
    if (folderFault !== undefined) return { fault: `cannot be read: ${folderFault.fault}` };
    const read = () => this.#readDirectly(relative) ?? this.#readByRealPath(relative);
    const reading = askDisk(read, (name) => {
      if (name === 'ENOENT') return this.#goneFault(relative) ?? this.#findOtherwise(relative);
      return name === 'EACCES' && !this.#isPassable(relative) ? { fault: FORBIDDEN } : diskFlaw(name);
    });
    if (reading instanceof Uint8Array) this.#noteFolder(posix.dirname(relative));
    return reading;
  }

  #noteFolder(folder: string): void {
    if (this.#folderIds.has(folder) || this.#folderIds.size >= MOST_FOLDERS) return;
    const id = this.#idOf(folder);
    if (id !== undefined) this.#folderIds.set(folder, id);
  }

  #idOf(folder: string): string | undefined {
    return askDisk(() => identityOf(fs.statSync(this.#root + folder)), toNothing);
  }

  /** A share is often a folder in that folder, and leaves an empty one in its place. */
  #goneFault(relative: string): MachineFault | undefined {
    const folder = posix.dirname(relative);
    const isGone = (which: string): boolean => {
      const was = this.#folderIds.get(which);
      return was !== undefined && this.#idOf(which) !== was;
    };
    const isRootGone = isGone('');
    if (!isRootGone && !isGone(folder)) return undefined;
    const what = isRootGone ? `signature folder ${quoted(this.#folder)}` : `folder ${quoted(folder)} of signatures`;
    return {
      fault: `cannot be read: the ${what} is not the one that it was; see that its disk or share is there, and run again`,
    };
  }

  /** May we go as far as the folder that a file lies in? */
  #isPassable(relative: string): boolean {
    return askDisk(() => fs.statSync(`${this.#root}${posix.dirname(relative)}/.`), toNothing) !== undefined;
  }

  /** Without a link in its place; nothing for what can't be read so, which the long way explains. */
  #readDirectly(relative: string): Buffer | Flaw | MachineFault | undefined {
    if (O_NOFOLLOW === undefined) return undefined;
    const folder = posix.dirname(relative);
    if (folder !== this.#last.folder) {
      const realPath = askDisk(() => fs.realpathSync.native(this.#root + folder), toNothing);
      this.#last = { folder, realPath: realPath !== undefined && this.#holds(realPath) ? realPath : undefined };
    }
    const { realPath } = this.#last;
    if (realPath === undefined || relative.endsWith('/')) return undefined;
    return askDisk(() => this.#readFile(join(realPath, posix.basename(relative))), toNothing);
  }

  #readByRealPath(relative: string): Buffer | Flaw | MachineFault {
    const realPath = fs.realpathSync.native(this.#root + relative);
    return this.#holds(realPath) ? this.#readFile(realPath) : OUTSIDE;
  }

  #readFile(realPath: string): Buffer | Flaw | MachineFault {
    const file = fs.openSync(realPath, READ_WITHOUT_WAITING);
    try {
      return this.#holdsOpened(file, realPath) ? readRegularFile(file) : OUTSIDE;
    } finally {
      fs.closeSync(file);
    }
  }

  /**
   * A folder above the file may have become a link since its path was judged, so the opened file itself is asked where it
   * lies. Where the system does not tell that (macOS, Windows), the path must lead to this very file once more: whoever
   * swaps a folder there and back again at the right moments is not noticed.
   */
  #holdsOpened(file: number, realPath: string): boolean {
    if (this.#rootByHandle !== undefined) return (placeOf(file) + sep).startsWith(this.#rootByHandle);
    const now = fs.realpathSync.native(realPath);
    return this.#holds(now) && identityOf(fs.lstatSync(now)) === identityOf(fs.fstatSync(file));
  }

  #holds(realPath: string): boolean {
    return (realPath + sep).startsWith(this.#root);
  }

  /** Follows the path name by name to where it ends, and to what it may have meant. */
  #findOtherwise(relative: string): Buffer | Flaw | MachineFault {
    let place = this.#root;
    const meant: string[] = [];
    for (const name of relative.split('/')) {
      const isThere = askDisk(() => fs.lstatSync(join(place, name)), toNothing) !== undefined;
      const similar = isThere ? name : this.#inOtherCase(place, name);
      if (similar === undefined) return MISSING;
      const realPath = askDisk(() => fs.realpathSync.native(join(place, similar)), toNothing);
      if (realPath === undefined) return 'goes through a symbolic link to something missing; repair the link';
      if (!this.#holds(realPath)) return OUTSIDE;
      place = realPath;
      meant.push(similar);
    }
    const found = meant.join('/');
    // Letters with marks may be stored in pieces, as macOS has them: nobody sees a difference.
    if (found.normalize('NFC') !== relative.normalize('NFC')) return `does not exist; did you mean ${quoted(found)}?`;
    return askDisk(() => this.#readByRealPath(found), diskFlaw);
  }

  #inOtherCase(folder: string, name: string): string | undefined {
    let names = this.#listings.get(folder);
    if (names === undefined && this.#namesLeft > 0) {
      const listed = askDisk(() => fs.readdirSync(folder), toNothing) ?? [];
      names = new Map(listed.slice(0, this.#namesLeft).map((name) => [withoutCase(name), name]));
      this.#listings.set(folder, names);
      this.#namesLeft -= names.size + 1;
    }
    return names?.get(withoutCase(name));
  }
}

function placeOfFolder(path: string): string {
  const folder = fs.openSync(path, READ_WITHOUT_WAITING | fs.constants.O_DIRECTORY);
  try {
    const place = placeOf(folder);
    return place.endsWith(sep) ? place : place + sep;
  } finally {
    fs.closeSync(folder);
  }
}

/** The real path of what is open, as Linux tells it (proc(5)). */
function placeOf(handle: number): string {
  return fs.readlinkSync(`/proc/self/fd/${handle}`);
}

function identityOf({ dev, ino }: fs.Stats): string {
  return `${dev} ${ino}`;
}

/** Runs what asks the disk; an error that is not the operating system's is a bug and goes on. */
function askDisk<Answer, Other>(question: () => Answer, otherwise: (errorName: string) => Other): Answer | Other {
  try {
    return question();
  } catch (error) {
    if (!(error instanceof Error && 'errno' in error && 'code' in error)) throw error;
    // By number first: libuv has no name for some (ESTALE).
    const known = Object.entries(operatingSystem.errno).find(([, number]) => -number === error.errno);
    return otherwise(known?.[0] ?? String(error.code));
  }
}
