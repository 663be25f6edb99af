import type { Algorithm } from './registration.js';

/** A PKCS#7 signature as the server takes it; no algorithm when the first signer's digest is none of the four. */
export interface Signature {
  /** The very DER or BER bytes: one line, standard alphabet, padded. */
  readonly base64: string;
  readonly algorithm: Algorithm | undefined;
  /** By this the journal knows it: the first 16 hex digits of the SHA-256 of its bytes. */
  readonly digest: string;
}

/** A problem is one sentence: what is wrong with the file and what to do. */
export type SignatureReading = { readonly signature: Signature } | { readonly problem: string };
