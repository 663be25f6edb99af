import { createHash, hash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { usedCell } from '../input/header.js';
import type { Header } from '../input/header.js';
import type { SentContent } from '../record/journal-entry.js';
import { retryOf } from '../row/outcome.js';
import { keyOf, parseKey } from '../row/registration.js';
import type { Registration } from '../row/registration.js';
import type { Settlement } from '../row/settlement.js';
import { describeTokenType } from '../row/token-type.js';
import type { RegistrationRequest } from '../server/endpoint.js';
import type { SignatureFigures, SignatureSum } from './manifest.js';

/** A signature that was sent, by a row of the results. */
export interface SignedSend {
  /** As in the row. */
  readonly path: string;
  /** Epoch ms. */
  readonly sentAt: number;
  /** No later run sends it again. */
  readonly isDone: boolean;
}

export function isSentNoMore(settlement: Settlement): boolean {
  return retryOf(settlement) === 'no' || settlement.outcome === 'undone';
}

/**
 * Digests over the signatures that a run sent: the SHA-256 of a line for each of its rows, in the order of the results, as
 * sha256sum writes it: the digest of the bytes as they were sent (the DER of a PEM), two blanks, the path in the row. Beside it
 * one over the rows, with the time of the send for the digest: whether the results still have these rows as they were.
 */
export class SignatureDigest {
  readonly all = new SignatureSums();
  /** Later runs leave these rows alone, and send some of the others again. */
  readonly done = new SignatureSums();

  /** @param sha256 hex; undefined: not known, and then nothing is */
  add(row: SignedSend, sha256: string | undefined): void {
    this.all.add(row, sha256);
    if (row.isDone) this.done.add(row, sha256);
  }

  result(): SignatureFigures | null {
    const [all, done] = [this.all.result(), this.done.result()];
    return all === undefined || done === undefined ? null : { ...all, done };
  }
}

class SignatureSums {
  readonly #signatures = createHash('sha256');
  readonly #rows = createHash('sha256');
  #count = 0;
  #isWhole = true;

  add({ path, sentAt }: SignedSend, sha256: string | undefined): void {
    if (sha256 === undefined) this.#isWhole = false;
    this.#signatures.update(`${sha256}  ${path}\n`);
    this.#rows.update(`${new Date(sentAt).toISOString()}  ${path}\n`);
    this.#count += 1;
  }

  get count(): number {
    return this.#count;
  }

  /** Are the rows the same? */
  isOf(sum: SignatureSum | undefined): boolean {
    return sum?.count === this.#count && sum.rows === hexOf(this.#rows);
  }

  /** Undefined: some signature is not known. */
  result(): SignatureSum | undefined {
    if (!this.#isWhole) return undefined;
    return { count: this.#count, sha256: hexOf(this.#signatures), rows: hexOf(this.#rows) };
  }
}

/** So far. */
function hexOf(sum: Hash): string {
  return sum.copy().digest('hex');
}

/** The path of the signature that goes with a row, and its key; undefined where none does. */
export function signatureIn(
  header: Header,
  cells: readonly string[],
): { readonly key: string; readonly path: string } | undefined {
  const key = parseKey(header, cells);
  if (key === undefined || !describeTokenType(key.tokenType).columns.includes('signature_path')) return undefined;
  return { key: keyOf(key), path: usedCell(header, cells, 'signature_path') };
}

export interface SentDigests {
  /** Of what was sent last for a row, hex. @param key token type and username */
  readonly digestOf: (registration: Registration | undefined, key: string) => string | undefined;
}

/** What was sent for the rows that are under way, until they are in the results. */
export class SentSignatures {
  readonly #digests = new WeakMap<Registration, string>();

  /** The same send, which notes what it sends. */
  noting<More extends unknown[], Sent>(send: (request: RegistrationRequest, ...more: More) => Sent): typeof send {
    return (request, ...more) => {
      const { registration, signature } = request;
      if (signature !== undefined) this.#digests.set(registration, hash('sha256', signature.bytes, 'hex'));
      return send(request, ...more);
    };
  }

  digestOf(registration: Registration | undefined): string | undefined {
    return registration && this.#digests.get(registration);
  }
}

/** What a run that was killed sent, as its journal tells of it. */
export class JournaledSignatures {
  readonly #contentOf: (key: string) => SentContent | undefined;

  constructor(contentOf: (key: string) => SentContent | undefined) {
    this.#contentOf = contentOf;
  }

  digestOf(_: Registration | undefined, key: string): string | undefined {
    const digest = this.#contentOf(key)?.['signature'];
    return digest !== undefined && SHA256.test(digest) ? digest : undefined;
  }
}

/** Older versions noted a part of it. */
const SHA256 = /^[0-9a-f]{64}$/;
