import { readCertificateFile } from '../core/small-file.js';
import type { Clock } from '../core/clock.js';
import type { PkiRegistration } from '../row/registration.js';
import { blameMachine, rejectFile } from './signature.js';
import type { SignatureChecks, SignatureReading } from './signature.js';
import { openSignatureFolder } from './signature-file.js';
import type { KnownFolders, SignatureFolder } from './signature-file.js';
import { readSignature } from './read-signature.js';
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

export interface ReaderSettings {
  readonly folder: string;
  readonly settings: SignatureSettings;
}

export interface ThreadSettings extends ReaderSettings {
  readonly known: KnownFolders;
}

export function openSignatureReader(
  folder: string | SignatureFolder,
  rules: Omit<SignatureRules, 'nowMs'>,
  { now }: Pick<Clock, 'now'>,
): (registration: PkiRegistration) => SignatureReading {
  const signatures = typeof folder === 'string' ? openSignatureFolder(folder) : folder;
  return (registration) => {
    const file = signatures.read(registration.signaturePath);
    if (typeof file === 'string') return rejectFile(registration, file);
    if ('fault' in file) return blameMachine(registration, file);
    return readSignature(file, registration, { ...rules, nowMs: now() });
  };
}
