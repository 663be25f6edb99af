import { createHash } from 'node:crypto';
import type { Signature } from './signature.js';
import { readAttached } from './attached-signature.js';
import { CERTIFICATES, fieldsOf, partsOf } from './spans.js';

/** SHA-1 of the signer's certificate, lower-case hex, as the server knows it; nothing where the signature has none. */
export function signerFingerprint(sent: Pick<Signature, 'bytes'>): string | undefined {
  const bytes = Buffer.from(sent.bytes);
  const signature = readAttached(bytes);
  // What can't be read was not sent, or is for the server to judge.
  if (typeof signature === 'string') return undefined;
  const certificate = partsOf(fieldsOf(bytes)[CERTIFICATES])[signature.certificateAt];
  return certificate && createHash('sha1').update(certificate).digest('hex');
}
