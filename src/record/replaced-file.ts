import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, lstatSync, openSync, rmSync, writeSync } from 'node:fs';
import { orStateError } from '../core/state-error.js';
import { isPrivate, keepPrivate, MODE, replace, syncFolder } from './file-system.js';

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
      keepPrivate(this.#temporary, fd);
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
  if (!stats?.isFile() || !isPrivate(stats.mode) || existsSync(temporaryOf(path))) return undefined;
  return { bytes: stats.size, changedAt: stats.mtime };
}

function place(path: string): void {
  replace(temporaryOf(path), path);
  syncFolder(path);
}
