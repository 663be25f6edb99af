import type { MachineFault } from './flaw.js';
import { isLike } from './likeness.js';
import { ALGORITHMS } from '../row/registration.js';
import type { Algorithm, PkiRegistration, Rejection } from '../row/registration.js';
import { showText } from '../core/safe-text.js';

export const SIGNATURE_CHECKS = ['full', 'basic', 'off'] as const;
export type SignatureChecks = (typeof SIGNATURE_CHECKS)[number];

/** A PKCS#7 signature as the server takes it; no algorithm when the signer's digest is none of the four. */
export interface Signature {
  /** DER or BER. As bytes until it leaves: text would be moved by every collection of garbage while its row waits. */
  readonly bytes: Uint8Array;
  readonly algorithm: Algorithm | undefined;
  /** By this the journal knows it: the SHA-256 of its bytes, hex. */
  readonly digest: string;
}

/** As a request has it: one line, standard alphabet, padded. */
export function toBase64({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

/** A rejection is one sentence: what is wrong with the row's signature and what to do. */
export type SignatureJudgement =
  { readonly signature: Signature; readonly remarks?: SignatureRemarks } | { readonly rejection: Rejection };

/** A fault is the same sentence where the machine is to blame, and nothing is known of the signature. */
export type SignatureReading = SignatureJudgement | { readonly fault: Rejection };

export type ReadSignature = (registration: PkiRegistration) => SignatureReading | Promise<SignatureReading>;

export interface SignatureRemarks {
  /** SHA-1 of the signer's certificate, lower-case hex: what the server knows it by. */
  readonly fingerprint: string;
  /** Each of what the certificate calls its owner by: names, addresses, numbers. */
  readonly names: readonly string[];
  readonly warnings: readonly SignatureWarning[];
}

export interface SignatureWarning {
  readonly kind: 'sha1' | 'other_subject' | 'unverified';
  readonly text: string;
  /** Such signatures come by the thousand, from one authority or one card's software: each kind is told once. */
  readonly once: SignatureWarning['kind'];
}

export function rejectFile({ signaturePath }: PkiRegistration, flaw: string): { readonly rejection: Rejection } {
  return { rejection: { column: 'signature_path', reason: `${fileOf(signaturePath)} ${flaw}` } };
}

export function blameMachine(registration: PkiRegistration, { fault }: MachineFault): { readonly fault: Rejection } {
  return { fault: rejectFile(registration, fault).rejection };
}

export function rejectAlgorithm(
  { signaturePath, algorithm }: PkiRegistration,
  found: Algorithm,
): { readonly rejection: Rejection } | undefined {
  if (algorithm === undefined || algorithm === found) return undefined;
  const made = `${fileOf(signaturePath)} is made with ${ALGORITHMS[found]}`;
  return {
    rejection: {
      column: 'algorithm',
      reason: `says ${ALGORITHMS[algorithm]}, but ${made}: correct it or leave it empty`,
    },
  };
}

function fileOf(signaturePath: string): string {
  return `signature file "${showText(signaturePath, 300)}"`;
}

/** What is odd about a signature, but no reason to keep it back. `names`: those of the signer's certificate. */
export function remarkOn(
  { signaturePath, username }: PkiRegistration,
  signed: { readonly algorithm: Algorithm; readonly isVerified: boolean; readonly names: string },
): SignatureWarning[] {
  const file = fileOf(signaturePath);
  const warnings: SignatureWarning[] = [];
  if (signed.algorithm === '0') {
    const text = `${file} is made with SHA-1, which can be forged: sign with SHA-256 where the card can`;
    warnings.push({ kind: 'sha1', text, once: 'sha1' });
  }
  if (!signed.isVerified) {
    const text = `${file} is made in a way that can't be checked here: the server will judge it`;
    warnings.push({ kind: 'unverified', text, once: 'unverified' });
  }
  if (!isLike(username, signed.names)) {
    const text = `${file} is signed by "${showText(signed.names, 80)}", which is unlike the username ${showText(username, 60)}: is it the right file?`;
    warnings.push({ kind: 'other_subject', text, once: 'other_subject' });
  }
  return warnings;
}
