import { isCount, isText, isTimeText, objectOf, orNull } from '../record/shape.js';

/** What the shards of an input hold to until they are merged, as in the shards file. Nothing in it is secret. */
export interface Round {
  readonly version: 1;
  /** The run that the merge of it will be. */
  readonly run_id: string;
  /** ISO 8601. */
  readonly made_at: string;
  readonly shards: number;
  readonly server: string;
  readonly input: RoundInput;
  readonly history: RoundHistory;
  readonly keys: RoundKeys;
}

export interface RoundInput {
  /** Without its folder. */
  readonly file: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly rows: number;
  readonly hash_total: number;
}

/** SHA-256 of what earlier runs over the whole left, hex; null where there was none. */
export interface RoundHistory {
  readonly results: string | null;
  readonly summary: string | null;
}

/** The keys file of the whole, before the keys of the shards come into it. */
export interface RoundKeys {
  /** As far as it is whole. */
  readonly bytes: number;
  /** What comes first behind that. */
  readonly missing: string;
}

/** How one shard finds what all of them hold to. */
export interface ShardSight {
  readonly shards: number;
  readonly server: string;
  readonly input: Pick<RoundInput, 'file' | 'sha256'>;
  readonly history: RoundHistory;
}

/** Why this shard is none of the round; each with its remedy. */
export function roundProblems(round: Round, { shards, server, input, history }: ShardSight): readonly string[] {
  const problems: string[] = [];
  if (round.shards !== shards)
    problems.push(
      `is for ${round.shards} shards, and this is one of ${shards}: run all with the same number; it may change when they are merged`,
    );
  if (round.server !== server)
    problems.push(`is for ${round.server}, and this shard is to run against ${server}: run it against that one`);
  if (round.input.sha256 !== input.sha256)
    problems.push(
      `is for another file than ${input.file} is now (SHA-256 ${round.input.sha256}): put that one back, and run the changed one when the shards are merged`,
    );
  for (const name of ['results', 'summary'] as const) {
    if (round.history[name] === history[name]) continue;
    problems.push(`was made before the ${name} of the earlier runs changed: put them back as they were`);
  }
  return problems;
}

const isInput = objectOf<RoundInput>({
  file: isText,
  bytes: isCount,
  sha256: isText,
  rows: isCount,
  hash_total: isCount,
});
const isHistory = objectOf<RoundHistory>({ results: orNull(isText), summary: orNull(isText) });
const isKeys = objectOf<RoundKeys>({ bytes: isCount, missing: isText });
const hasMembers = objectOf<Round>({
  version: (found) => found === 1,
  run_id: isText,
  made_at: isTimeText,
  shards: (found) => isCount(found) && Number(found) > 0,
  server: isText,
  input: isInput,
  history: isHistory,
  keys: isKeys,
});

export function isRound(found: unknown): found is Round {
  return hasMembers(found);
}
