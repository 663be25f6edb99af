import { createHash } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, lstatSync, rmSync, writeSync } from 'node:fs';
import { orStateError } from '../core/state-error.js';
import { isPrivate, keepPrivate, syncFolder } from '../disk/file-system.js';
import { checkReplaceable, foreignProblem, openOwn, orNothing, removeOwn, renameOwn } from '../disk/own-file.js';

export function temporaryOf(path: string): string {
  return `${path}.tmp`;
}

/** A file that nobody sees before it is whole: written under a temporary name, then synced and renamed. */
export class ReplacedFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #fd: number;
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #isOpen = true;

  constructor(path: string) {
    this.#path = path;
    this.#temporary = temporaryOf(path);
    // What a killed run left there may have another mode, or be a link.
    orStateError(this.#temporary, () => removeOwn(this.#temporary));
    this.#fd = orStateError(path, () => {
      checkReplaceable(path);
      const fd = openOwn(this.#temporary, 'create');
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
    this.#bytes += bytes.length;
    orStateError(this.#path, () => {
      for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    });
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** All of it is on the disk, under its temporary name. @returns the SHA-256 of it, hex */
  finish(): string {
    orStateError(this.#path, () => {
      fsyncSync(this.#fd);
      syncFolder(this.#path);
    });
    return this.#hash.digest('hex');
  }

  /** Puts the finished file in its place: from now on it is there, also after a power cut. */
  place(): void {
    this.#isOpen = false;
    orStateError(this.#path, () => place(this.#path, this.#fd));
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
    if (this.#isOpen) closeSync(this.#fd);
    this.#isOpen = false;
  }
}

/** Puts a file in its place that was finished before a kill, if it is not there already. @throws {StateError} */
export function placeFinished(path: string): void {
  orStateError(path, () => {
    const fd = orNothing(() => openOwn(temporaryOf(path), 'read'));
    if (fd !== undefined) place(path, fd);
  });
}

/** Size and time of a file of ours; nothing when it is not as we leave one: a link, another's, of another mode, half written anew. */
export function statOwn(path: string): { readonly bytes: number; readonly changedAt: Date } | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile() || !isPrivate(stats.mode) || existsSync(temporaryOf(path))) return undefined;
  if (foreignProblem(path) !== undefined) return undefined;
  return { bytes: stats.size, changedAt: stats.mtime };
}

function place(path: string, fd: number): void {
  renameOwn(fd, temporaryOf(path), path);
  syncFolder(path);
}
