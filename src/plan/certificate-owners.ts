import { InputError } from '../core/input-error.js';
import { allowText } from '../core/allowance.js';
import type { Allowance } from '../core/allowance.js';
import { showName, showText } from '../core/safe-text.js';
import { eachRow } from '../input/file-row.js';
import type { FileRow, RowFile } from '../input/file-row.js';
import { usedCell } from '../input/header.js';
import { addressKey, isAnother, nameKey, shortKeys } from '../signature/likeness.js';
import { rejectFile } from '../signature/signature.js';
import type { ReadSignature } from '../signature/signature.js';
import { RowIndex } from './row-index.js';

/** An address tells two people apart whom one name would make the same. */
const LEVELS = [addressKey, nameKey] as const;

export interface OwnerFiles {
  readonly input: RowFile;
  readonly results?: RowFile | undefined;
}

export interface Owner {
  readonly line: number;
  /** Where it is not the input. */
  readonly file?: string;
}

interface Users {
  readonly file?: string;
  readonly index: RowIndex;
}

/** Knows whose a certificate is by the usernames of the job, 32 bytes each, and of its results; read at first need. */
export class CertificateOwners {
  readonly #files: OwnerFiles;
  /** What several usernames come to. */
  readonly #shared = new RowIndex();
  #reading: Promise<readonly Users[]> | undefined;

  constructor(files: OwnerFiles) {
    this.#files = files;
  }

  /** @param names that the certificate gives its owner */
  async find(username: string, names: readonly string[]): Promise<Owner | undefined> {
    for (const keyOf of LEVELS) {
      const own = keyOf(username);
      if (own === undefined) continue;
      const theirs = names.map(keyOf).filter((key) => key !== undefined);
      if (theirs.includes(own)) return undefined;
      if (theirs.length === 0) continue;
      for (const users of await (this.#reading ??= this.#read())) {
        const [other] = ownersOf(users, theirs);
        if (other !== undefined) return other;
      }
    }
    return isAnother(username, names.join(', ')) ? this.#findShort(names) : undefined;
  }

  /** Whose username puts one of these names short: of one user alone, since such forms are many people's. */
  async #findShort(names: readonly string[]): Promise<Owner | undefined> {
    const keys = [...new Set(names.flatMap(shortKeys))];
    if (keys.length === 0) return undefined;
    const read = await (this.#reading ??= this.#read());
    const [only, ...more] = read.flatMap((users) => ownersOf(users, keys));
    const isSomeOnes = more.length === 0 && keys.every((key) => this.#shared.get(key) === undefined);
    return isSomeOnes ? only : undefined;
  }

  async #read(): Promise<readonly Users[]> {
    const { input, results } = this.#files;
    const given = await this.#index(input, { isMeant: () => true });
    if (results === undefined || results === input) return [{ index: given }];
    const done = await this.#index(results, { isMeant: ({ added }) => added?.retry.trim() === 'no', before: given });
    return [{ index: given }, { file: results.name, index: done }];
  }

  /** A file that breaks is for the one that reads its rows to tell of. @param before whose keys are known already */
  async #index(
    file: RowFile,
    { isMeant, before }: { readonly isMeant: (row: FileRow) => boolean; readonly before?: RowIndex },
  ): Promise<RowIndex> {
    const users = new RowIndex();
    try {
      for await (const row of eachRow(file)) {
        if (!isMeant(row)) continue;
        const username = usedCell(file.header, row.cells, 'username');
        for (const keyOf of LEVELS) {
          const key = keyOf(username);
          if (key === undefined) continue;
          const there = before?.get(key) ?? users.add(key, row.line, { content: username });
          if (there?.isSame(username) === false) this.#shared.add(key, row.line);
        }
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
    return users;
  }
}

function ownersOf({ file, index }: Users, keys: readonly string[]): Owner[] {
  return keys.flatMap((key) => {
    const entry = index.get(key);
    return entry === undefined ? [] : [{ line: entry.line, ...(file !== undefined && { file }) }];
  });
}

/** Keeps back rows whose signatures got exchanged: one shared word would be alike enough for them to pass. */
export function refusingExchanged(
  read: ReadSignature,
  { allowed, ...files }: OwnerFiles & { readonly allowed: readonly Allowance[] },
): ReadSignature {
  if (allowed.includes('other-signers')) return read;
  const owners = new CertificateOwners(files);
  return async (registration) => {
    const reading = await read(registration);
    const names = 'signature' in reading ? (reading.remarks?.names ?? []) : [];
    const other = await owners.find(registration.username, names);
    if (other === undefined) return reading;
    const shown = showText(names.join(', '), 80);
    const place = `line ${other.line}${other.file === undefined ? '' : ` of ${showName(other.file)}`}`;
    const flaw = `is signed by "${shown}", who is the user of ${place}; name the right file, or ${allowText('other-signers')}`;
    return rejectFile(registration, flaw);
  };
}
