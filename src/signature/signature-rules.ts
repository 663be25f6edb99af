import { readCertificateFile } from '../core/certificate-file.js';
import type { SignatureChecks } from './signature.js';
import type { SignatureRules } from './read-signature.js';

export interface SignatureSettings {
  readonly checkSignatures: SignatureChecks | undefined;
  readonly trust: string | undefined;
}

/** By `unlessSaid`, but in full where authorities are given. @throws {UsageError} when one of --trust can't be read */
export function openSignatureRules(
  settings: SignatureSettings,
  unlessSaid: SignatureChecks,
): Omit<SignatureRules, 'nowMs'> {
  if (settings.trust === undefined) return { checks: settings.checkSignatures ?? unlessSaid, trust: [] };
  return { checks: 'full', trust: readCertificateFile(settings.trust, '--trust') };
}

export function checksInFull({ checkSignatures, trust }: SignatureSettings): boolean {
  return trust !== undefined || checkSignatures === 'full';
}
