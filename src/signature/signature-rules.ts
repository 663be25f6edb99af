import { readCertificateFile } from '../core/small-file.js';
import type { SignatureChecks } from './signature.js';
import type { SignatureRules } from './read-signature.js';

export interface SignatureSettings {
  readonly checkSignatures: SignatureChecks | undefined;
  readonly trust: string | undefined;
}

/** In full, unless the operator says something else. @throws {UsageError} when one of --trust can't be read */
export function openSignatureRules({ checkSignatures, trust }: SignatureSettings): Omit<SignatureRules, 'nowMs'> {
  if (trust === undefined) return { checks: checkSignatures ?? 'full', trust: [] };
  return { checks: 'full', trust: readCertificateFile(trust, '--trust') };
}
