import type { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseCertificates } from './pem.js';
import { UsageError } from './usage-error.js';

/**
 * The certificates of a file that a setting names.
 * @param flag the setting, as in `--ca`
 * @throws {UsageError} when one can't be read
 */
export function readCertificateFile(path: string, flag: string): readonly X509Certificate[] {
  const parsed = parseCertificates(readFileSync(path), path);
  if ('problem' in parsed) throw new UsageError([`${flag}: ${parsed.problem}`]);
  return parsed.certificates;
}
