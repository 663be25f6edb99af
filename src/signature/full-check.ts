import type { X509Certificate } from 'node:crypto';
import type { AttachedSignature } from './attached-signature.js';
import { chainProblem, readCertificate, validityProblem } from './certificate.js';
import { UNREADABLE_CERTIFICATE } from './problem.js';
import type { Problem } from './problem.js';
import { CERTIFICATES, fieldsOf, onlyPart, partsOf } from './spans.js';
import { verifySignature } from './verify-signature.js';

/** What a signature is judged by beside its own bytes. */
export interface FullCheckRules {
  readonly nowMs: number;
  /** Where certificates must lead to; empty: anywhere. */
  readonly trust: readonly X509Certificate[];
}

/** What a signature that may be sent was made with. */
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
): CheckedSignature | { readonly problem: Problem } {
  const fields = fieldsOf(bytes);
  const cameAlong = partsOf(fields[CERTIFICATES]);
  const certificate = readCertificate(cameAlong[signature.certificateAt]);
  if (certificate === undefined) return { problem: UNREADABLE_CERTIFICATE };
  const [, , , attributes] = partsOf(onlyPart(fields.at(-1)));
  const verdict = verifySignature(signature, certificate, attributes);
  if (typeof verdict !== 'string') return verdict;
  const problem =
    validityProblem(certificate, rules.nowMs) ??
    (rules.trust.length === 0 ? undefined : chainProblem(certificate, cameAlong, rules));
  return problem === undefined ? { certificate, isVerified: verdict === 'valid' } : { problem };
}
