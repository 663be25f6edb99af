import { createReadStream } from 'node:fs';
import type { ReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { InputError } from '../core/input-error.js';
import { parseSavedAt } from '../record/keys-file.js';
import { openOwn, orNothing, whyUnreadable } from '../disk/own-file.js';
import { ReplacedFile } from '../record/replaced-file.js';
import { LEDGER_HEADER, toLedgerCells, toLedgerText } from './ledger.js';
import type { HandOut, LedgerEntry } from './ledger.js';

/** What a ledger tells beside its entries. */
export interface LedgerEnd {
  readonly handOuts: number;
  readonly last: HandOut | undefined;
}

/**
 * @param note takes each entry's user, and when the key was saved (epoch ms; 0 for none), in their order
 * @throws {InputError} when it is damaged: what was handed out must not be guessed
 */
export async function readLedger(path: string, note: (username: string, savedAt: number) => void): Promise<LedgerEnd> {
  let [handOuts, line] = [0, 1];
  let last: HandOut | undefined;
  const bytes = openThere(path);
  if (bytes === undefined) return { handOuts, last };
  try {
    await pipeline(
      bytes,
      parse({ bom: true, max_record_size: MAX_LINE_BYTES }),
      async (records: AsyncIterable<readonly string[]>) => {
        for await (const [username = '', savedAt = '', at = '', by = '', file = '', sha256 = ''] of records) {
          if (line === 1 && username !== LEDGER_HEADER[0]) throw new InputError(path, 1, NO_LEDGER);
          if (line > 1) {
            note(username, parseSavedAt(savedAt));
            if (at !== last?.at || sha256 !== last.sha256) handOuts += 1;
            last = { at, by, file, sha256 };
          }
          line += 1;
        }
      },
    );
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new InputError(path, line, `this line of the ledger can't be read (${error.code}): mend it by hand`);
  }
  return { handOuts, last };
}

/** Nothing where there is none yet. */
function openThere(path: string): ReadStream | undefined {
  try {
    const fd = orNothing(() => openOwn(path, 'read'));
    return fd === undefined ? undefined : createReadStream(path, { fd, start: 0 });
  } catch (error) {
    const remedy = 'give this user the right to, or move it away';
    throw new InputError(path, 1, `the ledger of keys can't be read ${whyUnreadable(error, remedy)}`);
  }
}

/** More than a username of a row has, in the longest spelling, with all that stands beside it. */
const MAX_LINE_BYTES = 2 * 1024 * 1024;

const NO_LEDGER = `this is no ledger of keys: its first line is ${LEDGER_HEADER.join()}`;

const BATCH = 256;

/** A ledger that takes its place as a whole: what was in it, and what is added. */
export class ExtendedLedger {
  readonly #file: ReplacedFile;
  #batch: string[][] = [];

  private constructor(path: string) {
    this.#file = new ReplacedFile(path);
  }

  /** @throws {StateError} as the others */
  static async open(path: string): Promise<ExtendedLedger> {
    const ledger = new ExtendedLedger(path);
    try {
      await ledger.#copy(path);
    } catch (error) {
      ledger.discard();
      throw error;
    }
    return ledger;
  }

  add(entry: LedgerEntry): void {
    this.#batch.push(toLedgerCells(entry));
    if (this.#batch.length >= BATCH) this.#flush();
  }

  finish(): void {
    this.#flush();
    this.#file.finish();
  }

  place(): void {
    this.#file.place();
  }

  discard(): void {
    this.#file.discard();
  }

  async #copy(path: string): Promise<void> {
    const bytes = openThere(path);
    if (bytes === undefined) {
      this.#file.write(toLedgerText([LEDGER_HEADER]));
      return;
    }
    let last = 0x0a;
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      this.#file.writeBytes(chunk);
      last = chunk.at(-1) ?? last;
    }
    if (last !== 0x0a) this.#file.write('\n');
  }

  #flush(): void {
    this.#file.write(toLedgerText(this.#batch));
    this.#batch = [];
  }
}
