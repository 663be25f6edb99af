import type { X509Certificate } from 'node:crypto';
import { inside, TAG, tagOf, valueOf } from './asn1.js';
import type { Element } from './asn1.js';
import type { AttachedSignature } from './attached-signature.js';
import { readCertificate, validityFlaw } from './certificate.js';
import type { Certificate } from './certificate.js';
import { chainFlaw } from './chain.js';
import { digestOf } from './scheme.js';
import { DAMAGED_LIST, UNREADABLE_CERTIFICATE } from './flaw.js';
import type { Flaw } from './flaw.js';
import { CERTIFICATES, fieldsOf, onlyPart, partsOf } from './spans.js';
import { verifySignature } from './verify-signature.js';

export interface FullCheckRules {
  readonly nowMs: number;
  /** Where certificates must lead to; empty: anywhere. */
  readonly trust: readonly X509Certificate[];
}

export interface CheckedSignature {
  readonly certificate: Certificate;
  /** As it came. */
  readonly certificateBytes: Buffer;
  /** False: made in a way that can't be checked here. */
  readonly isVerified: boolean;
}

/** Does the signature fit its content, and its signer's certificate this day? Some 60 µs, and 200 more where authorities are given. */
export function checkInFull(
  bytes: Buffer,
  signature: AttachedSignature,
  rules: FullCheckRules,
): CheckedSignature | { readonly flaw: Flaw } {
  if (!isListed(signature)) return { flaw: DAMAGED_LIST };
  const fields = fieldsOf(bytes);
  const cameAlong = partsOf(fields[CERTIFICATES]);
  const certificate = readCertificate(signature.certificate);
  const certificateBytes = cameAlong[signature.certificateAt];
  if (certificate === undefined || certificateBytes === undefined) return { flaw: UNREADABLE_CERTIFICATE };
  const [, , , attributes] = partsOf(onlyPart(fields.at(-1)));
  const validity = verifySignature(signature, certificate.publicKey, attributes);
  if (typeof validity !== 'string') return validity;
  const flaw =
    validityFlaw(certificate, rules.nowMs) ??
    (rules.trust.length === 0 ? undefined : chainFlaw({ ...certificate, bytes: certificateBytes }, cameAlong, rules));
  return flaw === undefined ? { certificate, certificateBytes, isVerified: validity === 'valid' } : { flaw };
}

/**
 * No signature is over what stands before the content: the versions, and the digests in use, each with no more than an empty
 * parameter. A list without any is allowed (RFC 5652, 5.1).
 */
function isListed({ version, digests, signer, algorithm }: AttachedSignature): boolean {
  const listed = inside(digests, TAG.set);
  const isWhole = listed.every((identifier) => {
    const [oid, parameter, ...more] = inside(identifier, TAG.sequence);
    const isEmpty = parameter === undefined || valueOf(parameter, TAG.null) === '';
    return valueOf(oid, TAG.oid) !== undefined && isEmpty && more.length === 0;
  });
  const isNamed = listed.length === 0 || listed.some((identifier) => digestOf(identifier) === algorithm);
  return tagOf(digests) === TAG.set && isWhole && isNamed && isVersion(version) && isVersion(signer.version);
}

/** One of those that RFC 5652 and what came before it know. */
function isVersion(element: Element | undefined): boolean {
  const octets = valueOf(element, TAG.integer);
  return octets?.length === 1 && octets.charCodeAt(0) <= 5;
}
