import type { Settings } from '../cli/settings.js';
import type { Clock } from '../core/clock.js';
import type { PkiRegistration } from '../core/registration.js';
import { rejectFile } from '../core/signature.js';
import type { SignatureReading } from '../core/signature.js';
import { openSignatureFolder } from '../io/signature-file.js';
import { readSignature } from '../pkcs7/read-signature.js';
import type { SignatureRules } from '../pkcs7/read-signature.js';

/** What signatures are read and judged by, as a thread can be given it. */
export interface ReaderSettings {
  readonly folder: string;
  readonly settings: Pick<Settings, 'checkSignatures' | 'trust'>;
}

/** Reads the signature that a row names, and judges it by these rules. */
export function openSignatureReader(
  folder: string,
  rules: Omit<SignatureRules, 'nowMs'>,
  { now }: Pick<Clock, 'now'>,
): (registration: PkiRegistration) => SignatureReading {
  const signatures = openSignatureFolder(folder);
  return (registration) => {
    const file = signatures.read(registration.signaturePath);
    if (typeof file === 'string') return rejectFile(registration, file);
    return readSignature(file, registration, { ...rules, nowMs: now() });
  };
}
