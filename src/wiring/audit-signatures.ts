import { hash } from 'node:crypto';
import { Differences, skip } from '../checks/audit.js';
import type { Audited } from '../checks/audit.js';
import { readCertificateFile } from '../core/small-file.js';
import { showName } from '../core/safe-text.js';
import { UsageError } from '../core/usage-error.js';
import type { Manifest, ShardSends, SignatureFigures } from '../manifest/manifest.js';
import { SignatureDigest } from '../manifest/signature-digest.js';
import type { SignedSend } from '../manifest/signature-digest.js';
import { describeShard, parseShard, shardOf } from '../plan/shard.js';
import type { Shard } from '../plan/shard.js';
import { nameText } from '../signature/certificate.js';
import { checkSignatureOver } from '../signature/detached-signature.js';
import { openSignatureFolder } from '../signature/signature-file.js';
import { decodeFile } from '../signature/text-form.js';
import { readBytes } from './audit-files.js';

/** What one run sent of the signatures, and what the files say of these rows now. */
interface Sends {
  /** As in texts: the one that sent them. */
  readonly by: string;
  /** Epoch ms. */
  readonly startedAt: number;
  /** One that has the rows of its users alone. */
  readonly shard: Shard | undefined;
  /** Null where its manifest does not know. */
  readonly said: SignatureFigures | null;
  /** No run came after it: the results are as it left them. */
  readonly isLast: boolean;
  readonly digest: SignatureDigest;
}

/**
 * Reads again what was sent, in the order of the results, run by run: a row's last send is of the last run that had begun by
 * then, or of the one of its shard. What the results no longer have as that run left it nobody can prove.
 */
export class SentAgain {
  readonly #folder: string;
  readonly #runs: readonly Sends[];
  readonly #read: (path: string) => Buffer | undefined;
  readonly #missing = new Differences();
  #rows = 0;

  constructor(folder: string, manifests: readonly Manifest[]) {
    this.#folder = folder;
    this.#runs = sendsOf(manifests);
    this.#read = openSentReader(folder);
  }

  add(row: SignedSend, username: string): void {
    this.#rows += 1;
    const run = this.#runs.findLast(
      ({ startedAt, shard }) => startedAt <= row.sentAt && (shard === undefined || isOf(shard, username)),
    );
    if (run === undefined || run.said === null) return;
    const bytes = this.#read(row.path);
    if (bytes === undefined) this.#missing.add(showName(row.path));
    run.digest.add(row, bytes && hash('sha256', bytes, 'hex'));
  }

  judge(): Audited {
    const differences = new Differences();
    let proved = 0;
    for (const run of this.#runs) proved += this.#prove(run, differences);
    if (!differences.isNone) return differences.judge('');
    if (this.#rows === 0) return skip('none of the results was sent');
    if (proved === this.#rows) return { verdict: 'good', says: `${proved} were sent, and are as they were` };
    const left = this.#rows - proved;
    const missing = this.#missing.isNone ? '' : `; not to be read any more: ${this.#missing.judge('').says}`;
    const runs = left === 1 ? 'was sent by a run' : 'were sent by runs';
    const why = `${left} ${runs} that the results tell too little of by now: not looked at${missing}`;
    return skip(proved === 0 ? why : `${proved} are as they were; ${why}`);
  }

  /** @returns how many are as they were sent */
  #prove({ by, said, isLast, digest }: Sends, differences: Differences): number {
    if (said === null) return 0;
    if (isLast) differences.addFigure('signatures sent', digest.all.count, said.count);
    for (const [sums, wanted] of [[digest.all, said] as const, [digest.done, said.done] as const]) {
      const found = sums.result();
      if (found === undefined || !sums.isOf(wanted)) continue;
      if (found.sha256 === wanted?.sha256) return found.count;
      differences.add(`some signature in ${showName(this.#folder)} is not the one that ${by} sent`);
      return 0;
    }
    return 0;
  }
}

function isOf({ index, count }: Shard, username: string): boolean {
  return shardOf(username, count) === index;
}

/** Those runs that sent some, in their order; the last one in any case. */
function sendsOf(manifests: readonly Manifest[]): readonly Sends[] {
  return manifests.flatMap(({ number, started_at, signatures, shards = [] }, at) => {
    const isLast = at === manifests.length - 1;
    const toSends = (by: string, sent: ShardSends, shard?: Shard): Sends => ({
      by,
      startedAt: Date.parse(sent.started_at),
      shard,
      said: sent.signatures,
      isLast: isLast && shard === undefined,
      digest: new SignatureDigest(),
    });
    const ofShards = shards.flatMap(({ shard: name, sent = [] }) => {
      const shard = parseShard(name);
      return typeof shard === 'object' ? sent.map((run) => toSends(describeShard(shard), run, shard)) : [];
    });
    const own = toSends(`run ${number}`, { started_at, signatures });
    return isLast || signatures?.count !== 0 ? [...ofShards, own] : ofShards;
  });
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
