import { describe, expect, it } from 'vitest';
import { sentBy, toSentRuns } from '../../src/checks/sent-runs.js';
import type { SentFiles } from '../../src/checks/sent-runs.js';
import type { Manifest, ShardSends } from '../../src/manifest/manifest.js';
import { SignatureDigest } from '../../src/manifest/signature-digest.js';
import type { SignedSend } from '../../src/manifest/signature-digest.js';
import { shardOf } from '../../src/plan/shard.js';
import { NOON } from '../support/builders.js';
import { aManifest } from '../support/manifests.js';

const at = (sentAt: number): SignedSend => ({ path: `${sentAt}.p7s`, sentAt, isDone: true });
const [FIRST, SECOND] = [at(NOON + 1), at(NOON + 1001)];

function sendsOf(startedAt: number, sent: readonly SignedSend[]): ShardSends {
  const digest = new SignatureDigest();
  for (const row of sent) digest.add(row, row.path);
  return { started_at: new Date(startedAt).toISOString(), signatures: digest.result() };
}

const run = (number: number, ...[startedAt, sent]: Parameters<typeof sendsOf>): Manifest => ({
  ...aManifest(),
  version: 1,
  number,
  previous: null,
  ...sendsOf(startedAt, sent),
});
const nameOf = (manifests: readonly Manifest[], sent: SignedSend, username = 'ann') =>
  sentBy(toSentRuns(manifests), sent, username)?.by;

describe('whose send a row has', () => {
  const manifests = [run(1, NOON, [FIRST]), run(2, NOON + 1000, [SECOND])];

  it('is the last run that had begun by then', () => {
    expect(nameOf(manifests, FIRST)).toBe('run 1');
    expect(nameOf(manifests, SECOND)).toBe('run 2');
    expect(nameOf(manifests, at(NOON - 1))).toBeUndefined();
  });

  it('is not a run that sent no signature, unless it is the last', () => {
    const later = [...manifests, run(3, NOON + 2000, []), run(4, NOON + 3000, [])];
    expect(nameOf(later, at(NOON + 2001))).toBe('run 2');
    expect(nameOf(later, at(NOON + 3001))).toBe('run 4');
  });

  it('is a shard that has this user, where shards were merged', () => {
    const shards = ['0/2', '1/2'].map((shard) => ({
      shard,
      rows: 1,
      hash_total: 0,
      run_id: shard,
      manifest: '',
      results: '',
      sent: [sendsOf(NOON, [FIRST])],
    }));
    const merged = [{ ...run(1, NOON + 500, []), shards }];
    const users = ['ann', 'ben', 'carol', 'dan'];
    expect(users.map((user) => nameOf(merged, FIRST, user))).toEqual(
      users.map((user) => `shard ${shardOf(user, 2)}/2`),
    );
  });
});

describe('the files of a run', () => {
  const filesOf = (now: readonly (readonly [SignedSend, string?])[]): SentFiles => {
    const [only] = toSentRuns([run(1, NOON, [FIRST, SECOND])]);
    for (const [row, sha256] of now) only?.add(row, sha256);
    return only?.judge().verdict ?? 'untold';
  };

  it('are the same while each is what its row sent', () => {
    expect(
      filesOf([
        [FIRST, FIRST.path],
        [SECOND, SECOND.path],
      ]),
    ).toBe('same');
  });

  it('are changed where one of them is another', () => {
    expect(
      filesOf([
        [FIRST, FIRST.path],
        [SECOND, FIRST.path],
      ]),
    ).toBe('changed');
  });

  it('tell nothing where a row was sent again, or a file is gone', () => {
    expect(filesOf([[FIRST, FIRST.path]])).toBe('untold');
    expect(filesOf([[FIRST, FIRST.path], [SECOND]])).toBe('untold');
  });
});

it('rows that no later run sent again are proved alone, where others were', () => {
  const open = { ...SECOND, isDone: false };
  const [first] = toSentRuns([run(1, NOON, [FIRST, open]), run(2, NOON + 5000, [{ ...open, sentAt: NOON + 5001 }])]);
  first?.add(FIRST, FIRST.path);
  expect(first?.judge()).toEqual({ verdict: 'same', count: 1 });
});
