import { showText } from '../core/safe-text.js';

/** What is wrong with a signature and what to do: the rest of a sentence that begins with the file. */
export type Flaw = string;

/** What keeps a signature from being read that is no fault of its row: the disk, the share, a limit of this process. */
export interface MachineFault {
  /** The rest of a sentence that begins with the file. */
  readonly fault: string;
}

export const EMPTY: Flaw = 'is empty; export the signature again';
export const CUT_OFF: Flaw =
  'is no complete PKCS#7 structure: cut off, damaged or another kind of file; export the signature again';
export const TRAILING: Flaw = 'has more bytes after its PKCS#7 structure; export the signature again';
export const FOREIGN: Flaw =
  'is not a PKCS#7 signature as DER, PEM or base64 text; name the signature that the user made';
export const CERTIFICATE: Flaw =
  'is a certificate or a public key, not a signature; name the PKCS#7 file that the user signed';
export const PRIVATE_KEY: Flaw =
  'is a private key (or PKCS#12), not a signature; take it away from here and name the PKCS#7 file';
export const TIMESTAMP: Flaw =
  'is a timestamp request or reply, not a signature; name the PKCS#7 file that the user signed';
export const SMIME: Flaw =
  'is an S/MIME message; turn it into PEM with openssl smime -pk7out -in MESSAGE -out SIGNATURE.pem';
export const DETACHED: Flaw = 'is a detached signature, without the signed content; sign again with the content inside';
export const NO_SIGNER: Flaw = 'holds no signature, only certificates; name the PKCS#7 file that the user signed';
export const UNKNOWN_DIGEST: Flaw = 'is made with a digest that CENTAGATE has no number for; sign again with SHA-256';
export const WITHOUT_CERTIFICATE: Flaw = 'lacks the certificate of its signer; sign again with the certificate inside';

export function manySigners(count: number): Flaw {
  return `holds ${count} signers, and CENTAGATE takes one; let the user alone sign again`;
}

export const DAMAGED_LIST: Flaw = 'does not list the digest that it is made with, or is damaged there; sign again';
export const TWO_DIGESTS: Flaw = 'names one digest and is signed with another; sign again';
export const CONTENT_NOT_OCTETS: Flaw = 'holds a content that is no plain data; sign again, with plain data inside';
export const NOT_VALID: Flaw =
  'is not valid over its content: changed since, or signed with the key of another certificate; sign again';
export const UNREADABLE_CERTIFICATE: Flaw = 'holds a damaged certificate of its signer; export the signature again';

/** Both take epoch milliseconds. */
export function expired(atMs: number): Flaw {
  return `is signed with a certificate that expired on ${dayOf(atMs)}; renew it and sign again`;
}
export function notYetValid(fromMs: number): Flaw {
  return `is signed with a certificate that is not valid before ${dayOf(fromMs)}; wait, or look at this machine's clock`;
}

export function untrusted(issuer: string): Flaw {
  const shown = showText(issuer.replaceAll('\n', ', '), 100);
  return `is signed with a certificate of "${shown}", which leads to none of --trust; sign with the right card, or add its authority there`;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
