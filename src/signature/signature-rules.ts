import { readCertificateFile } from '../core/certificate-file.js';
import type { SignatureChecks } from './signature.js';
import type { SignatureRules } from './read-signature.js';

/** What an operator says of signatures: absent where nothing is said. */
export interface SignatureSettings {
  readonly checkSignatures: SignatureChecks | undefined;
  /** PEM file of authorities. */
  readonly trust: string | undefined;
}

/**
 * What a command judges signatures by: `unlessSaid`, but in full where authorities are given.
 * @throws {UsageError} when a certificate of --trust can't be read
 */
export function openSignatureRules(
  settings: SignatureSettings,
  unlessSaid: SignatureChecks,
): Omit<SignatureRules, 'nowMs'> {
  if (settings.trust === undefined) return { checks: settings.checkSignatures ?? unlessSaid, trust: [] };
  return { checks: 'full', trust: readCertificateFile(settings.trust, '--trust') };
}

/** Does a run check signatures in full? */
export function checksInFull({ checkSignatures, trust }: SignatureSettings): boolean {
  return trust !== undefined || checkSignatures === 'full';
}
