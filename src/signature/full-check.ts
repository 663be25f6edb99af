import type { X509Certificate } from 'node:crypto';
import type { AttachedSignature } from './attached-signature.js';
import { chainFlaw, readCertificate, validityFlaw } from './certificate.js';
import { UNREADABLE_CERTIFICATE } from './flaw.js';
import type { Flaw } from './flaw.js';
import { CERTIFICATES, fieldsOf, onlyPart, partsOf } from './spans.js';
import { verifySignature } from './verify-signature.js';

export interface FullCheckRules {
  readonly nowMs: number;
  /** Where certificates must lead to; empty: anywhere. */
  readonly trust: readonly X509Certificate[];
}

export interface CheckedSignature {
  readonly certificate: X509Certificate;
  /** False: made in a way that can't be checked here. */
  readonly isVerified: boolean;
}

/** Does the signature fit its content, and its signer's certificate this day? Some 300 µs. */
export function checkInFull(
  bytes: Buffer,
  signature: AttachedSignature,
  rules: FullCheckRules,
): CheckedSignature | { readonly flaw: Flaw } {
  const fields = fieldsOf(bytes);
  const cameAlong = partsOf(fields[CERTIFICATES]);
  const certificate = readCertificate(cameAlong[signature.certificateAt]);
  if (certificate === undefined) return { flaw: UNREADABLE_CERTIFICATE };
  const [, , , attributes] = partsOf(onlyPart(fields.at(-1)));
  const validity = verifySignature(signature, certificate, attributes);
  if (typeof validity !== 'string') return validity;
  const flaw =
    validityFlaw(certificate, rules.nowMs) ??
    (rules.trust.length === 0 ? undefined : chainFlaw(certificate, cameAlong, rules));
  return flaw === undefined ? { certificate, isVerified: validity === 'valid' } : { flaw };
}
