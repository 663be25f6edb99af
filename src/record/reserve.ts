import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { StateError } from '../core/state-error.js';
import { tryTo } from './lock-file.js';

/** Given up when the disk is full, to note what is in flight. Random, as a file system may compress zeros away. */
export class Reserve {
  readonly #path: string;
  #isHeld = true;

  /** @throws {StateError} when the disk has not even this much room */
  constructor(path: string, bytes: number) {
    this.#path = path;
    try {
      rmSync(path, { force: true });
      writeFileSync(path, randomBytes(bytes), { mode: 0o600, flag: 'wx', flush: true });
    } catch (error) {
      tryTo(() => rmSync(path, { force: true }));
      throw new StateError(path, error);
    }
  }

  /** Gives the room up; false when that has been done before. */
  release(): boolean {
    const wasHeld = this.#isHeld;
    this.#isHeld = false;
    return tryTo(() => rmSync(this.#path, { force: true })) && wasHeld;
  }
}
