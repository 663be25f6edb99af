import { hash } from 'node:crypto';
import { Differences, skip } from '../checks/audit.js';
import type { Audited } from '../checks/audit.js';
import { sentBy, toSentRuns } from '../checks/sent-runs.js';
import type { SentRun } from '../checks/sent-runs.js';
import { readCertificateFile } from '../core/small-file.js';
import { showName } from '../core/safe-text.js';
import { UsageError } from '../core/usage-error.js';
import type { Manifest } from '../manifest/manifest.js';
import type { SignedSend } from '../manifest/signature-digest.js';
import { nameText } from '../signature/certificate.js';
import { checkSignatureOver } from '../signature/detached-signature.js';
import { openSignatureFolder } from '../signature/signature-file.js';
import { decodeFile } from '../signature/text-form.js';
import { readBytes } from './audit-files.js';

/** Reads again what was sent, run by run. What the results no longer have as a run left it nobody can prove. */
export class SentAgain {
  readonly #folder: string;
  readonly #runs: readonly SentRun[];
  readonly #read: (path: string) => Buffer | undefined;
  readonly #missing = new Differences();
  #rows = 0;

  constructor(folder: string, manifests: readonly Manifest[]) {
    this.#folder = folder;
    this.#runs = toSentRuns(manifests);
    this.#read = openSentReader(folder);
  }

  add(row: SignedSend, username: string): void {
    this.#rows += 1;
    const run = sentBy(this.#runs, row, username);
    if (run === undefined || run.said === null) return;
    const bytes = this.#read(row.path);
    if (bytes === undefined) this.#missing.add(showName(row.path));
    run.add(row, bytes && hash('sha256', bytes, 'hex'));
  }

  judge(): Audited {
    const differences = new Differences();
    let proved = 0;
    for (const run of this.#runs) {
      if (run.isLast && run.said !== null) differences.addFigure('signatures sent', run.count, run.said.count);
      const { verdict, count } = run.judge();
      if (verdict === 'same') proved += count;
      if (verdict === 'changed')
        differences.add(`some signature in ${showName(this.#folder)} is not the one that ${run.by} sent`);
    }
    if (!differences.isNone) return differences.judge('');
    if (this.#rows === 0) return skip('none of the results was sent');
    if (proved === this.#rows) return { verdict: 'good', says: `${proved} were sent, and are as they were` };
    const left = this.#rows - proved;
    const missing = this.#missing.isNone ? '' : `; not to be read any more: ${this.#missing.judge('').says}`;
    const runs = left === 1 ? 'was sent by a run' : 'were sent by runs';
    const why = `${left} ${runs} that the results tell too little of by now: not looked at${missing}`;
    return skip(proved === 0 ? why : `${proved} are as they were; ${why}`);
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
