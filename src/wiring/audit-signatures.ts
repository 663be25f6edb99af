import { hash } from 'node:crypto';
import { Differences, skip } from '../checks/audit.js';
import type { Audited } from '../checks/audit.js';
import { readCertificateFile } from '../core/small-file.js';
import { showName } from '../core/safe-text.js';
import { UsageError } from '../core/usage-error.js';
import type { SignatureFigures } from '../manifest/manifest.js';
import { SignatureDigest } from '../manifest/signature-digest.js';
import { nameText } from '../signature/certificate.js';
import { checkSignatureOver } from '../signature/detached-signature.js';
import { openSignatureFolder } from '../signature/signature-file.js';
import { decodeFile } from '../signature/text-form.js';
import { readBytes } from './audit-files.js';

/** Reads again what the last run sent, in the order of its results. */
export class SentAgain {
  readonly #folder: string;
  readonly #said: SignatureFigures | null;
  readonly #read: (path: string) => Buffer | undefined;
  readonly #digest = new SignatureDigest();
  readonly #missing = new Differences();

  constructor(folder: string, said: SignatureFigures | null) {
    this.#folder = folder;
    this.#said = said;
    this.#read = openSentReader(folder);
  }

  add(path: string): void {
    if (this.#said === null) return;
    const bytes = this.#read(path);
    if (bytes === undefined) this.#missing.add(showName(path));
    this.#digest.add(path, bytes && hash('sha256', bytes, 'hex'));
  }

  judge(): Audited {
    const said = this.#said;
    if (said === null) return skip('the run was cut off: what it sent of them is not known');
    if (!this.#missing.isNone) return skip(`not to be read any more: ${this.#missing.judge('').says}`);
    const found = this.#digest.result();
    const differences = new Differences();
    differences.addFigure('signatures sent', found?.count ?? 0, said.count);
    if (differences.isNone && found?.sha256 !== said.sha256)
      differences.add(`some signature in ${showName(this.#folder)} is not the one that was sent`);
    return differences.judge(`${said.count} were sent by the last run, and are as they were`);
  }
}

/** Reads what is sent of a signature file; nothing where it can't be read. */
export function openSentReader(folder: string): (path: string) => Buffer | undefined {
  const signatures = openSignatureFolder(folder);
  return (path) => {
    const file = signatures.read(path);
    if (!Buffer.isBuffer(file)) return undefined;
    const bytes = decodeFile(file);
    // What was sent could be decoded.
    return typeof bytes === 'string' ? file : bytes;
  };
}

/** Is the list of digests signed by somebody whose certificate leads to `trust`? @throws {UsageError} */
export function auditSignature(
  digests: string,
  { signature, trust }: { readonly signature: string; readonly trust: string | undefined },
  nowMs: number,
): Audited {
  if (trust === undefined) throw new UsageError(['--signature needs --trust with it']);
  const rules = { nowMs, trust: readCertificateFile(trust, '--trust') };
  const [content, file] = [readBytes(digests), readBytes(signature)];
  if (file === undefined) throw new UsageError([`--signature: ${showName(signature)} can't be read`]);
  if (content === undefined) return skip('there is nothing that it could be over');
  const checked = checkSignatureOver(content, file, rules);
  const name = showName(signature);
  if ('flaw' in checked) return { verdict: 'bad', says: `${name} ${checked.flaw}` };
  if (!checked.isVerified) return { verdict: 'bad', says: `${name} is made in a way that can't be checked here` };
  return { verdict: 'good', says: `signed by ${nameText(checked.certificate.subject)}` };
}
