import { InputError } from '../core/input-error.js';
import { allowText } from '../core/allowance.js';
import type { Allowance } from '../core/allowance.js';
import { showText } from '../core/safe-text.js';
import { eachRow } from '../input/file-row.js';
import type { RowFile } from '../input/file-row.js';
import { usedCell } from '../input/header.js';
import { addressKey, nameKey } from '../signature/likeness.js';
import { rejectFile } from '../signature/signature.js';
import type { ReadSignature } from '../signature/signature.js';
import { RowIndex } from './row-index.js';
import type { IndexEntry } from './row-index.js';

/** An address tells two people apart whom one name would make the same. */
const LEVELS = [addressKey, nameKey] as const;

/**
 * Knows whose a certificate is by the usernames of the whole input, of which it keeps 32 bytes each: it is read for that
 * when a certificate is met first that names its row's user in no way.
 */
export class CertificateOwners {
  readonly #input: RowFile;
  #reading: Promise<RowIndex> | undefined;

  constructor(input: RowFile) {
    this.#input = input;
  }

  /** @param names that the certificate gives its owner */
  async find(username: string, names: readonly string[]): Promise<IndexEntry | undefined> {
    for (const keyOf of LEVELS) {
      const own = keyOf(username);
      if (own === undefined) continue;
      const theirs = names.map(keyOf).filter((key) => key !== undefined);
      if (theirs.includes(own)) return undefined;
      if (theirs.length === 0) continue;
      const users = await (this.#reading ??= this.#read());
      const other = theirs.map((key) => users.get(key)).find((entry) => entry !== undefined);
      if (other !== undefined) return other;
    }
    return undefined;
  }

  /** A file that breaks is for the one that reads its rows to tell of. */
  async #read(): Promise<RowIndex> {
    const users = new RowIndex();
    const { header } = this.#input;
    try {
      for await (const { line, cells } of eachRow(this.#input)) {
        const username = usedCell(header, cells, 'username');
        for (const keyOf of LEVELS) {
          const key = keyOf(username);
          if (key !== undefined) users.add(key, line, { content: username });
        }
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
    return users;
  }
}

/** Keeps back rows whose signatures got exchanged: one shared word would be alike enough for them to pass. */
export function refusingExchanged(
  read: ReadSignature,
  { input, allowed }: { readonly input: RowFile; readonly allowed: readonly Allowance[] },
): ReadSignature {
  if (allowed.includes('other-signers')) return read;
  const owners = new CertificateOwners(input);
  return async (registration) => {
    const reading = await read(registration);
    const names = 'signature' in reading ? (reading.remarks?.names ?? []) : [];
    const other = await owners.find(registration.username, names);
    if (other === undefined) return reading;
    const shown = showText(names.join(', '), 80);
    const flaw = `is signed by "${shown}", who is the user of line ${other.line}; name the right file, or ${allowText('other-signers')}`;
    return rejectFile(registration, flaw);
  };
}
