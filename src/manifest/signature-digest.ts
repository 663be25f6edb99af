import { createHash, hash } from 'node:crypto';
import { usedCell } from '../input/header.js';
import type { Header } from '../input/header.js';
import { parseKey } from '../row/registration.js';
import type { Registration } from '../row/registration.js';
import { describeTokenType } from '../row/token-type.js';
import type { RegistrationRequest } from '../server/endpoint.js';
import type { SignatureFigures } from './manifest.js';

/**
 * One digest over the signatures that a run sent: the SHA-256 of a line for each of its rows, in the order of the results,
 * as sha256sum writes it: the digest of the bytes as they were sent (the DER of a PEM), two blanks, the path in the row.
 */
export class SignatureDigest {
  readonly #hash = createHash('sha256');
  #count = 0;
  #isWhole = true;

  /** @param sha256 hex; undefined: not known, and then nothing is */
  add(path: string, sha256: string | undefined): void {
    if (sha256 === undefined) this.#isWhole = false;
    this.#hash.update(`${sha256}  ${path}\n`);
    this.#count += 1;
  }

  result(): SignatureFigures | null {
    return this.#isWhole ? { count: this.#count, sha256: this.#hash.digest('hex') } : null;
  }
}

/** The path of the signature that went with a row; undefined where none did. */
export function signaturePathOf(header: Header, cells: readonly string[]): string | undefined {
  const key = parseKey(header, cells);
  const isSigned = key !== undefined && describeTokenType(key.tokenType).columns.includes('signature_path');
  return isSigned ? usedCell(header, cells, 'signature_path') : undefined;
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
