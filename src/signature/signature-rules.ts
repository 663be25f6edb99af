import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SignatureChecks } from './signature.js';
import { UsageError } from '../core/usage-error.js';
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
  return { checks: 'full', trust: readCertificates(settings.trust) };
}

/** Does a run check signatures in full? */
export function checksInFull({ checkSignatures, trust }: SignatureSettings): boolean {
  return trust !== undefined || checkSignatures === 'full';
}

function readCertificates(path: string): X509Certificate[] {
  const blocks = readFileSync(path, 'latin1').match(/-----BEGIN [A-Z0-9 ]*CERTIFICATE-----[^-]*-----END [^-]*-----/g);
  return (blocks ?? []).map((block, at) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new UsageError([`--trust: certificate ${at + 1} of ${path} can't be read; export it again as PEM`]);
    }
  });
}
