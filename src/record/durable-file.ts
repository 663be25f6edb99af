import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fchmodSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { orStateError, StateError } from '../core/state-error.js';

const datasync = promisify(fdatasync);

/** Only the user who runs the job may read what it writes. */
const MODE = 0o600;

/**
 * How long those who wait for a sync gather, in ms: a busy run makes half as many of them then, and its rows wait for
 * their slots longer than that.
 */
const GATHERING_MS = 2;

export interface DurableFileOptions<Entry> {
  readonly toText: (entries: readonly Entry[]) => string;
  /** The file is cut to this many bytes first, else all of it stays. */
  readonly length?: number;
  /** What has to be written before the first entry. */
  readonly head?: string;
  /** A write failed, told before who waits for its sync hears of it; true when that is mended, and it goes on. */
  readonly onFailure?: (failure: StateError) => boolean;
}

/**
 * A file that entries are only ever appended to. Those of one turn of the event loop are written together at its end:
 * from then on they are with the kernel, and outlive this process. What is synced has reached the disk. Syncs are
 * grouped: all that wait while one is under way share the next. After a failed one the kernel may have dropped the pages,
 * so it is never repeated.
 */
export class DurableFile<Entry> {
  readonly #path: string;
  readonly #fd: number;
  readonly #toText: (entries: readonly Entry[]) => string;
  readonly #onFailure: (failure: StateError) => boolean;
  #entries: Entry[] = [];
  /** The end of this turn, when entries wait for it. */
  #writing: Promise<void> | undefined;
  /** The sync that is under way, or was last. */
  #syncing: Promise<void> | undefined;
  /** The next one, for all who wait. */
  #gathering: Promise<void> | undefined;
  #failed: StateError | undefined;

  /** @throws {StateError} */
  constructor(path: string, { toText, length, head = '', onFailure = () => false }: DurableFileOptions<Entry>) {
    this.#path = path;
    this.#toText = toText;
    this.#onFailure = onFailure;
    this.#fd = orStateError(path, () => {
      const fd = openSync(path, 'a', MODE);
      fchmodSync(fd, MODE);
      if (length !== undefined) ftruncateSync(fd, length);
      syncFolder(path);
      return fd;
    });
    this.#write(head);
    if (this.#failed !== undefined) throw this.#failed;
  }

  /** @throws {StateError} when an earlier one could not be written: whether this one can, the next sync tells */
  append(entry: Entry): void {
    if (this.#failed !== undefined) throw this.#failed;
    this.#entries.push(entry);
    this.#writing ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#flush();
        resolve();
      });
    });
  }

  /** Resolves when all that was appended before this call is on the disk; rejects with a {@link StateError}. */
  sync(): Promise<void> {
    this.#gathering ??= this.#syncGroup();
    return this.#gathering;
  }

  close(): void {
    this.#flush();
    closeSync(this.#fd);
  }

  #flush(): void {
    const entries = this.#entries;
    this.#entries = [];
    this.#writing = undefined;
    if (entries.length > 0 && this.#failed === undefined) this.#write(this.#toText(entries));
  }

  #write(text: string): void {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length;) {
      try {
        at += writeSync(this.#fd, bytes, at);
      } catch (error) {
        const failure = new StateError(this.#path, error);
        if (this.#onFailure(failure)) continue;
        this.#failed = failure;
        return;
      }
    }
  }

  async #syncGroup(): Promise<void> {
    // The one under way may have begun before the last entry.
    await this.#syncing?.catch(() => undefined);
    await setTimeout(GATHERING_MS);
    // Whoever joins this group between two of these looks has appended, and is waited for too.
    while (this.#writing !== undefined) await this.#writing;
    this.#gathering = undefined;
    if (this.#failed !== undefined) throw this.#failed;
    this.#syncing = this.#datasync();
    await this.#syncing;
  }

  async #datasync(): Promise<void> {
    try {
      await datasync(this.#fd);
    } catch (error) {
      this.#failed = new StateError(this.#path, error);
      throw this.#failed;
    }
  }
}

/** Where a file is written before it gets its name. */
function temporaryOf(path: string): string {
  return `${path}.tmp`;
}

/** A file that nobody sees before it is whole: written under a temporary name, then synced and renamed. */
export class ReplacedFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #fd: number;
  readonly #hash = createHash('sha256');
  #open = true;

  constructor(path: string) {
    this.#path = path;
    this.#temporary = temporaryOf(path);
    this.#fd = orStateError(path, () => {
      // What a killed run left there may have another mode, or be a link.
      rmSync(this.#temporary, { force: true });
      const fd = openSync(this.#temporary, 'wx', MODE);
      fchmodSync(fd, MODE);
      return fd;
    });
  }

  /** @throws {StateError} when it can't be written */
  write(text: string): void {
    this.writeBytes(Buffer.from(text));
  }

  writeBytes(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    orStateError(this.#path, () => {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    });
  }

  /** All of it is on the disk, under its temporary name. @returns the SHA-256 of it, hex */
  finish(): string {
    orStateError(this.#path, () => {
      fsyncSync(this.#fd);
      this.#close();
      syncFolder(this.#path);
    });
    return this.#hash.digest('hex');
  }

  /** Puts the finished file in its place: from now on it is there, also after a power cut. */
  place(): void {
    orStateError(this.#path, () => place(this.#path));
  }

  replace(): void {
    this.finish();
    this.place();
  }

  /** Leaves what was there before as it is. */
  discard(): void {
    this.#close();
    rmSync(this.#temporary, { force: true });
  }

  #close(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
  }
}

/** Puts a file in its place that was finished before a kill, if it is not there already. @throws {StateError} */
export function placeFinished(path: string): void {
  orStateError(path, () => {
    if (existsSync(temporaryOf(path))) place(path);
  });
}

/** Size and time of a file of ours; nothing when it is not as we leave one: a link, of another mode, half written anew. */
export function statOwn(path: string): { readonly bytes: number; readonly changedAt: Date } | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile() || (stats.mode & 0o7777) !== MODE || existsSync(temporaryOf(path))) return undefined;
  return { bytes: stats.size, changedAt: stats.mtime };
}

/** Brings what an earlier run wrote to the disk, before anybody relies on it. @throws {StateError} */
export function syncWritten(path: string): void {
  orStateError(path, () => {
    if (existsSync(path)) sync(path);
  });
}

function place(path: string): void {
  renameSync(temporaryOf(path), path);
  syncFolder(path);
}

/** A rename or a new file is durable when its folder is. */
function syncFolder(path: string): void {
  sync(dirname(path));
}

function sync(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
