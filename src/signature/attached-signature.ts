import type { Algorithm } from '../row/registration.js';
import type { Element } from './asn1.js';
import { digestOf } from './scheme.js';
import { DETACHED, manySigners, NO_SIGNER, UNKNOWN_DIGEST, WITHOUT_CERTIFICATE } from './flaw.js';
import type { Flaw } from './flaw.js';
import { readSignedData } from './signed-data.js';
import type { SignedData } from './signed-data.js';
import { findCertificate, readSigner } from './signer.js';
import type { Signer } from './signer.js';

/** What a server can take: one signer, whose certificate and content came along, and a digest that has a number. */
export interface AttachedSignature extends Pick<SignedData, 'version' | 'digests'> {
  readonly contentType: Element;
  readonly content: Element;
  readonly signer: Signer;
  readonly certificate: Element;
  readonly certificateAt: number;
  readonly algorithm: Algorithm;
}

/** Judges the structure alone: whether the signature is valid is for whoever has the time. */
export function readAttached(bytes: Buffer): AttachedSignature | Flaw {
  const data = readSignedData(bytes);
  return typeof data === 'string' ? data : toAttached(data);
}

export function toAttached(data: SignedData): AttachedSignature | Flaw {
  const { version, digests, contentType, content, certificates, signers } = data;
  const [only, ...others] = signers;
  if (only === undefined) return NO_SIGNER;
  if (content === undefined) return DETACHED;
  if (others.length > 0) return manySigners(signers.length);
  const signer = readSigner(only);
  const algorithm = digestOf(signer.digest);
  if (algorithm === undefined) return UNKNOWN_DIGEST;
  const certificateAt = findCertificate(certificates, signer);
  const certificate = certificates[certificateAt];
  if (certificate === undefined) return WITHOUT_CERTIFICATE;
  return { version, digests, contentType, content, signer, certificate, certificateAt, algorithm };
}
