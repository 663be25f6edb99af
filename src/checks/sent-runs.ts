import type { Manifest, ShardSends, SignatureFigures } from '../manifest/manifest.js';
import { SignatureDigest } from '../manifest/signature-digest.js';
import type { SignedSend } from '../manifest/signature-digest.js';
import { describeShard, parseShard, shardOf } from '../plan/shard.js';
import type { Shard } from '../plan/shard.js';

/** What the files of a run's signatures are by now: `untold` where its manifest and the results tell too little of its rows. */
export type SentFiles = 'same' | 'changed' | 'untold';

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
}

/** What one run sent of the signatures, held to what is read again of them in the order of the results. */
export class SentRun {
  readonly by: string;
  readonly isLast: boolean;
  readonly said: SignatureFigures | null;
  readonly #startedAt: number;
  readonly #shard: Shard | undefined;
  readonly #digest = new SignatureDigest();

  constructor({ by, startedAt, shard, said, isLast }: Sends) {
    this.by = by;
    this.said = said;
    this.isLast = isLast;
    this.#startedAt = startedAt;
    this.#shard = shard;
  }

  /** Had it begun by then, and has it the rows of this user? */
  mayHaveSent(sentAt: number, username: string): boolean {
    const shard = this.#shard;
    return this.#startedAt <= sentAt && (shard === undefined || shardOf(username, shard.count) === shard.index);
  }

  /** @param sha256 of what is sent of the file, hex; undefined where that can't be read */
  add(row: SignedSend, sha256: string | undefined): void {
    this.#digest.add(row, sha256);
  }

  get count(): number {
    return this.#digest.all.count;
  }

  /** All that it sent; or those whose rows no later run sent again. */
  judge(): { readonly verdict: SentFiles; readonly count: number } {
    const { said } = this;
    const { all, done } = this.#digest;
    for (const [sums, wanted] of [[all, said ?? undefined] as const, [done, said?.done] as const]) {
      const found = sums.result();
      if (found === undefined || !sums.isOf(wanted)) continue;
      return { verdict: found.sha256 === wanted?.sha256 ? 'same' : 'changed', count: found.count };
    }
    return { verdict: 'untold', count: 0 };
  }
}

/** Those runs that sent some signatures, and those of merged shards, in their order; the last run in any case. */
export function toSentRuns(manifests: readonly Manifest[]): readonly SentRun[] {
  return manifests.flatMap(({ number, started_at, signatures, shards = [] }, at) => {
    const isLast = at === manifests.length - 1;
    const toRun = (by: string, sent: ShardSends, shard?: Shard): SentRun =>
      new SentRun({
        by,
        startedAt: Date.parse(sent.started_at),
        shard,
        said: sent.signatures,
        isLast: isLast && shard === undefined,
      });
    const ofShards = shards.flatMap(({ shard: name, sent = [] }) => {
      const shard = parseShard(name);
      return typeof shard === 'object' ? sent.map((run) => toRun(describeShard(shard), run, shard)) : [];
    });
    const own = toRun(`run ${number}`, { started_at, signatures });
    return isLast || signatures?.count !== 0 ? [...ofShards, own] : ofShards;
  });
}

/** A row's last send is of the last run that had begun by then, or of the one of its shard. */
export function sentBy(runs: readonly SentRun[], { sentAt }: SignedSend, username: string): SentRun | undefined {
  return runs.findLast((run) => run.mayHaveSent(sentAt, username));
}
