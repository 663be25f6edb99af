import { closeSync, writeSync } from 'node:fs';
import { orStateError, StateError } from '../core/state-error.js';
import { DurableFile } from './durable-file.js';
import type { JournalEntry } from './journal-entry.js';
import { openOwn } from '../disk/own-file.js';
import { LEFT, openJournalLines } from './journal.js';

const MARK = Buffer.from(LEFT);

/**
 * The journal of the run that is under way. Its entries are appended and synced; the mark of an intent is written over one
 * byte of its line, and is with the kernel at once: it outlives this process, though not the machine.
 */
export class RunJournal {
  readonly #path: string;
  readonly #file: DurableFile<JournalEntry>;
  /** Of its own: what is written through that of the file goes to the end, wherever it is meant for. */
  readonly #marksFd: number;
  readonly #onFailure: (failure: StateError) => boolean;
  /** Where in the file each open intent has its mark, by key. */
  readonly #markAt = new Map<string, number>();

  /** Begins anew. @param onFailure as the {@link DurableFile} has it @throws {StateError} */
  constructor(path: string, onFailure: (failure: StateError) => boolean) {
    this.#path = path;
    this.#onFailure = onFailure;
    const toBytes = openJournalLines((key, markAt) => this.#markAt.set(key, markAt));
    this.#file = new DurableFile(path, { toBytes, length: 0, onFailure });
    this.#marksFd = orStateError(path, () => openOwn(path, 'change'));
  }

  append(entry: JournalEntry): void {
    if (entry.type === 'settled') this.#markAt.delete(entry.key);
    this.#file.append(entry);
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  /** The bytes of the row's last intent are about to leave; false when that can't be noted, and they must not. */
  markLeft(key: string): boolean {
    const markAt = this.#markAt.get(key);
    if (markAt === undefined) throw new Error(`${key} has no intent in the journal`);
    for (;;) {
      try {
        writeSync(this.#marksFd, MARK, 0, MARK.length, markAt);
        return true;
      } catch (error) {
        if (!this.#onFailure(new StateError(this.#path, error))) return false;
      }
    }
  }

  close(): void {
    this.#file.close();
    closeSync(this.#marksFd);
  }
}
