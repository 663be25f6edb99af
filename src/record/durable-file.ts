import { closeSync, fdatasync, fsyncSync, ftruncateSync, writeSync } from 'node:fs';
import { clearTimeout, setTimeout } from 'node:timers';
import { promisify } from 'node:util';
import { orStateError, StateError } from '../core/state-error.js';
import { keepPrivate, syncFolder } from '../disk/file-system.js';
import { openOwn, orNothing } from '../disk/own-file.js';

const datasync = promisify(fdatasync);

/** How long a sync waits for more entries, and for how many at most: all that waits for it stays in memory. */
export interface Gathering {
  readonly ms: number;
  readonly entries: number;
}

/** A busy run makes half as many syncs then, and its rows wait for their slots longer than that. */
const HURRIED: Gathering = { ms: 2, entries: Infinity };
/** Of what no send waits for. */
export const UNHURRIED: Gathering = { ms: 20, entries: 64 };

export interface DurableFileOptions<Entry> {
  /** Good until it is called again. */
  readonly toBytes: (entries: readonly Entry[]) => Uint8Array;
  readonly length?: number;
  readonly head?: string;
  /** {@link HURRIED} unless given. */
  readonly gathering?: Gathering;
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
  readonly #toBytes: (entries: readonly Entry[]) => Uint8Array;
  readonly #onFailure: (failure: StateError) => boolean;
  readonly #gather: Gathering;
  #entries: Entry[] = [];
  /** The end of this turn, when entries wait for it. */
  #writing: Promise<void> | undefined;
  /** The sync that is under way, or was last. */
  #syncing: Promise<void> | undefined;
  /** The next one, for all who wait. */
  #gathering: Promise<void> | undefined;
  /** Entries that no sync has begun for. */
  #unsynced = 0;
  #endGathering: () => void = () => undefined;
  #failed: StateError | undefined;

  /** @throws {StateError} */
  constructor(path: string, options: DurableFileOptions<Entry>) {
    const { toBytes, length, head = '', gathering = HURRIED, onFailure = () => false } = options;
    this.#path = path;
    this.#toBytes = toBytes;
    this.#gather = gathering;
    this.#onFailure = onFailure;
    this.#fd = orStateError(path, () => {
      const fd = openOwn(path, 'append');
      keepPrivate(path, fd);
      if (length !== undefined) ftruncateSync(fd, length);
      syncFolder(path);
      return fd;
    });
    this.#write(Buffer.from(head));
    if (this.#failed !== undefined) throw this.#failed;
  }

  /** @throws {StateError} when an earlier one could not be written: whether this one can, the next sync tells */
  append(entry: Entry): void {
    if (this.#failed !== undefined) throw this.#failed;
    this.#entries.push(entry);
    this.#unsynced += 1;
    if (this.#unsynced === this.#gather.entries) this.#endGathering();
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
    if (entries.length === 0 || this.#failed !== undefined) return;
    try {
      this.#write(this.#toBytes(entries));
    } catch (error) {
      // Whoever waits for its sync is to hear of it.
      this.#failed = new StateError(this.#path, error);
    }
  }

  #write(bytes: Uint8Array): void {
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
    await this.#untilGathered();
    // Whoever joins this group between two of these looks has appended, and is waited for too.
    while (this.#writing !== undefined) await this.#writing;
    this.#gathering = undefined;
    this.#unsynced = 0;
    if (this.#failed !== undefined) throw this.#failed;
    this.#syncing = this.#datasync();
    await this.#syncing;
  }

  #untilGathered(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#gather.ms);
      this.#endGathering = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#unsynced >= this.#gather.entries) this.#endGathering();
    });
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

/** Brings what an earlier run wrote to the disk, before anybody relies on it. @throws {StateError} */
export function syncWritten(path: string): void {
  orStateError(path, () => {
    // Windows syncs nothing that is only read.
    const fd = orNothing(() => openOwn(path, 'change'));
    if (fd === undefined) return;
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  });
}
