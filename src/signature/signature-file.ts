import * as fs from 'node:fs';
import { constants as operatingSystem } from 'node:os';
import { join, posix, resolve, sep } from 'node:path';
import { showText } from '../core/safe-text.js';
import { EMPTY } from './flaw.js';
import type { Flaw } from './flaw.js';

/*
 * Synchronous because of test/bench/signature.mjs: 7 µs for a file of 2 KB, against 60-180 by fs/promises. Nothing
 * waits: a FIFO opened with O_NONBLOCK returns at once and fstat tells what it is.
 * A path is confined twice: its text may not climb out, and its real path must lie under the folder's real path.
 */

const MAX_BYTES = 1024 * 1024;
const READ_WITHOUT_WAITING = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOFOLLOW;
/** On Windows there is no such flag, whatever its type says: only a real path may be opened there. */
const { O_NOFOLLOW }: Partial<typeof fs.constants> = fs.constants;
const HAS_NUL = 'has a NUL character in its path; remove it';
const OUTSIDE = 'leaves the signature folder; name a file inside it';
const MISSING = 'does not exist; correct the path or add it';
const NOT_A_FILE = 'is not a regular file; name the PKCS#7 file itself';

const DISK_FLAWS: Readonly<Partial<Record<string, Flaw>>> = {
  ENOENT: MISSING,
  ENOTDIR: 'goes through a file as if it were a folder; correct the path',
  ENXIO: NOT_A_FILE,
  EACCES: 'may not be read by this user; give permission to read it and to pass the folders above it',
  ELOOP: 'goes through symbolic links that lead in a circle; repair the links',
  ENAMETOOLONG: 'has a name that is too long for the disk; correct the path',
};
const quoted = (text: string) => `"${showText(text, 300)}"`;
const toNothing = () => undefined;
const diskFlaw = (errorName: string): Flaw =>
  DISK_FLAWS[errorName] ?? `could not be read (${errorName}); check the disk or network share and run again`;
const withoutCase = (name: string) => name.normalize('NFC').toLowerCase();

/** The folder that signature paths are confined to; its real path is resolved at the first use that finds it. */
export function openSignatureFolder(folder: string): SignatureFolder {
  return new SignatureFolder(folder);
}

export class SignatureFolder {
  readonly #folder: string;
  readonly #listings = new Map<string, ReadonlyMap<string, string>>();
  /** How many names may still be kept, in this run, to find files that differ in letter case only. */
  #namesLeft = 100_000;
  /** The real path, with a separator at its end; empty until it is found. */
  #root = '';
  /** Files of one folder come one after the other, and its real path takes as long to find as a file to read. */
  #last: { readonly folder: string; readonly realPath: string | undefined } = { folder: '', realPath: undefined };

  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  #flaw(): Flaw | undefined {
    if (this.#root !== '') return undefined;
    if (this.#folder.includes('\0')) return `the signature folder ${quoted(this.#folder)} ${HAS_NUL}`;
    const flaw = askDisk(() => {
      const root = fs.realpathSync.native(this.#folder + sep);
      this.#root = root.endsWith(sep) ? root : root + sep;
      return undefined;
    }, diskFlaw);
    return flaw === undefined ? undefined : `the signature folder ${quoted(this.#folder)} ${flaw}`;
  }

  /** The bytes of the file that a row names, relative to the folder; or what is wrong with it. */
  read(signaturePath: string): Buffer | Flaw {
    const path = signaturePath.replaceAll('\\', '/');
    if (path.includes('\0')) return HAS_NUL;
    if (/^(?:\/|[a-z]:)/i.test(path)) return 'is an absolute path; write it relative to the signature folder';
    const relative = posix.normalize(path);
    if (/^\.\.(?:\/|$)/.test(relative)) return OUTSIDE;
    const folderFlaw = this.#flaw();
    if (folderFlaw !== undefined) return `cannot be read: ${folderFlaw}`;
    const read = () => this.#readDirectly(relative) ?? this.#readByRealPath(relative);
    return askDisk(read, (name) => (name === 'ENOENT' ? this.#explainMissing(relative) : diskFlaw(name)));
  }

  /** Without a link in its place; nothing for what can't be read so, which the long way explains. */
  #readDirectly(relative: string): Buffer | Flaw | undefined {
    if (O_NOFOLLOW === undefined) return undefined;
    const folder = posix.dirname(relative);
    if (folder !== this.#last.folder) {
      const realPath = askDisk(() => fs.realpathSync.native(this.#root + folder), toNothing);
      this.#last = { folder, realPath: realPath !== undefined && this.#holds(realPath) ? realPath : undefined };
    }
    const { realPath } = this.#last;
    if (realPath === undefined || relative.endsWith('/')) return undefined;
    return askDisk(() => readRegularFile(join(realPath, posix.basename(relative))), toNothing);
  }

  #readByRealPath(relative: string): Buffer | Flaw {
    const realPath = fs.realpathSync.native(this.#root + relative);
    return this.#holds(realPath) ? readRegularFile(realPath) : OUTSIDE;
  }

  #holds(realPath: string): boolean {
    return (realPath + sep).startsWith(this.#root);
  }

  /** Follows the path name by name to where it ends, and to what it may have meant. */
  #explainMissing(relative: string): Flaw {
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
    return `does not exist; did you mean ${quoted(meant.join('/'))}?`;
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

function readRegularFile(realPath: string): Buffer | Flaw {
  const file = fs.openSync(realPath, READ_WITHOUT_WAITING);
  try {
    const stat = fs.fstatSync(file);
    if (stat.isDirectory()) return 'is a folder; name the PKCS#7 file itself';
    if (!stat.isFile()) return NOT_A_FILE;
    if (stat.size === 0) return EMPTY;
    if (stat.size > MAX_BYTES) return 'is over 1 MiB, which no signature is; name the PKCS#7 file';
    const bytes = Buffer.allocUnsafe(stat.size + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < stat.size; length += read)
      read = fs.readSync(file, bytes, { offset: length });
    return length === stat.size
      ? bytes.subarray(0, length)
      : 'changed while it was read; run again when nothing writes to it';
  } finally {
    fs.closeSync(file);
  }
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
