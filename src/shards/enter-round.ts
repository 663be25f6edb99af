import { basename } from 'node:path';
import { existsSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { sleep } from '../core/clock.js';
import type { Clock } from '../core/clock.js';
import { LockedError } from '../core/locked-error.js';
import { showName } from '../core/safe-text.js';
import { toUsageError } from '../core/state-error.js';
import { UsageError } from '../core/usage-error.js';
import { readInputBytes } from '../input/input-bytes.js';
import { sumUp } from '../manifest/control-totals.js';
import { readLastManifest } from '../manifest/manifest-file.js';
import { makeRound, readRound } from '../manifest/round-file.js';
import { roundProblems } from '../manifest/round.js';
import type { Round } from '../manifest/round.js';
import { describeShard } from '../plan/shard.js';
import { readSavedKeys } from '../record/keys-file.js';
import { readSummary } from '../record/summary-file.js';
import { checkFree, takeLock } from '../record/lock.js';
import type { LockTaking } from '../record/lock.js';
import type { StemFiles } from '../core/stem.js';
import type { Settings } from '../settings/settings.js';
import { otherInput, refusePart, unsentText } from '../wiring/job.js';
import type { Job, JobPart } from '../wiring/job.js';
import { openStem } from '../wiring/stem-state.js';
import { digestOf, historyOf } from './history.js';
import { restoreText } from './join-shards.js';

export interface RoundWorld {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly holder: Pick<LockTaking, 'self' | 'isRunning'>;
}

/** How long a shard waits for another one that is just making the round, or for a run that is about to end. */
const PATIENCE_MS = 20_000;
const SOON_MS = 500;

/**
 * Makes the shard one of those that run side by side: the first one says what all hold to, and the others hold to it. While
 * a run of the whole input is under way, or its merge, none begins. The lock of the shard's own files is held by then.
 * @throws {UsageError, InputError, LockedError} when the shard must not run; nothing was sent
 */
export async function enterRound(job: Job & { readonly part: JobPart }, world: RoundWorld): Promise<void> {
  const { clock, holder } = world;
  const { whole } = job.part;
  refusePart({ input: job.input, files: whole });
  const since = clock.monotonic();
  let made: Round | undefined;
  let isMet = false;
  for (;;) {
    try {
      isMet ||= existsSync(whole.shards);
      if (isMet) {
        // Whoever merges looks for locks of shards when it has this one, and takes the round away before it gives it up.
        await checkFree(whole.lock, clock, holder);
        const round = roundOf(whole);
        await checkRound(round, job, world);
        await checkOwnFiles(round, job);
        return;
      }
      made ??= await describeRound(job, world);
      await make(whole, made, world);
    } catch (error) {
      if (!(error instanceof LockedError) || clock.monotonic() - since >= PATIENCE_MS) throw toUsageError(error);
      await sleep(clock, SOON_MS, new AbortController().signal);
    }
  }
}

async function make(whole: StemFiles, round: Round, { clock, holder }: RoundWorld): Promise<void> {
  const lock = await takeLock(whole.lock, clock, { ...holder, force: false });
  try {
    // A run of the whole may have come between.
    makeRound(whole.shards, { ...round, history: await historyOf(whole), keys: await keysOf(whole) });
  } finally {
    lock.release();
  }
}

/** Its rows are read to their end: an input that breaks would keep the shards from ever coming to one whole. */
async function describeRound(job: Job & { readonly part: JobPart }, { settings, clock }: RoundWorld): Promise<Round> {
  const { input: path, part } = job;
  const { sha256, size } = await readInputBytes(path);
  const { input } = await openStem({ input: path, files: part.whole, isSpooled: false }, settings);
  const { rows, hash_total } = await sumUp(input, sha256, () => clock.random());
  return {
    version: 1,
    run_id: randomUUID(),
    made_at: new Date(clock.now()).toISOString(),
    shards: part.shard.count,
    server: settings.server,
    input: { file: basename(path), bytes: size, sha256, rows, hash_total },
    history: await historyOf(part.whole),
    keys: await keysOf(part.whole),
  };
}

async function keysOf({ keys }: StemFiles): Promise<Round['keys']> {
  const { length, missing } = await readSavedKeys(keys, () => undefined);
  return { bytes: length, missing };
}

/** A shard that goes on is one of the round that it met: to begin another one, alone, is not for a repetition to decide. */
function roundOf({ shards, failed }: StemFiles): Round {
  const round = readRound(shards);
  if (round !== undefined) return round;
  throw new UsageError([
    `${showName(shards)} was there, and is not any more: the shards were merged meanwhile; run what is left (${showName(failed)}), or begin shards anew`,
  ]);
}

async function checkRound(
  round: Round,
  { input, part }: Job & { readonly part: JobPart },
  { settings }: RoundWorld,
): Promise<void> {
  const { whole, shard } = part;
  const name = showName(whole.shards);
  if (readSummary(whole.summary)?.run_id === round.run_id)
    throw new UsageError([`${name} is there, and its shards are merged but for their files: repeat that merge`]);
  const { sha256 } = await readInputBytes(input);
  const sight = { file: basename(input), sha256 };
  const history = await historyOf(whole);
  const problems = roundProblems(round, { shards: shard.count, server: settings.server, input: sight, history });
  if (problems.length === 0) return;
  throw new UsageError([...problems.map((problem) => `${name} ${problem}`), unsentText(whole)]);
}

/** What the shard's earlier runs left is what its rows go on from. */
async function checkOwnFiles({ input }: Round, { files, part }: Job & { readonly part: JobPart }): Promise<void> {
  const last = readLastManifest(files.manifest);
  if (last !== undefined && last.input.sha256 !== input.sha256)
    throw otherInput(files.manifest, part.whole, last.input.sha256);
  // Of a run that was cut off, the journal knows which of the files are in their places.
  if (existsSync(files.journal)) return;
  if ((await digestOf(files.results)) === (last?.results.sha256 ?? null)) return;
  const { shard } = part;
  throw new UsageError([
    `${showName(files.results)} is not as a run of ${describeShard(shard)} left it: ${restoreText(shard)}`,
  ]);
}
