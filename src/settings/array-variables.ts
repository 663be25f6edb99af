import { showText } from '../core/safe-text.js';
import { UsageError } from '../core/usage-error.js';
import { MOST_SHARDS, toShard } from '../plan/shard.js';
import type { Shard } from '../plan/shard.js';

/** The variables by which a scheduler tells a task of an array which one it is, and of how many. */
interface ArrayVariables {
  readonly scheduler: string;
  readonly index: string;
  readonly count: string;
  /** The index of the first task, where that need not be 0, and of the last. */
  readonly first?: string;
  readonly last?: string;
}

/**
 * Kubernetes tells a task of an Indexed Job its index alone. Sources: kubernetes.io/docs/concepts/workloads/controllers/job,
 * slurm.schedmd.com/job_array.html, docs.aws.amazon.com/batch (array jobs), cloud.google.com/run/docs/container-contract.
 */
export const ARRAYS: readonly ArrayVariables[] = [
  { scheduler: 'Kubernetes', index: 'JOB_COMPLETION_INDEX', count: 'CENTAGATE_SHARDS' },
  {
    scheduler: 'Slurm',
    index: 'SLURM_ARRAY_TASK_ID',
    count: 'SLURM_ARRAY_TASK_COUNT',
    first: 'SLURM_ARRAY_TASK_MIN',
    last: 'SLURM_ARRAY_TASK_MAX',
  },
  { scheduler: 'AWS Batch', index: 'AWS_BATCH_JOB_ARRAY_INDEX', count: 'AWS_BATCH_JOB_ARRAY_SIZE' },
  { scheduler: 'Cloud Run', index: 'CLOUD_RUN_TASK_INDEX', count: 'CLOUD_RUN_TASK_COUNT' },
];

/** Which shard the task of an array is. @throws {UsageError} where its variables don't say it, or two arrays do */
export function shardOfArray(env: NodeJS.ProcessEnv): Shard {
  const found = ARRAYS.filter(({ index }) => (env[index] ?? '') !== '');
  const [array, other] = found;
  if (array === undefined) {
    const names = ARRAYS.map(({ scheduler, index }) => `${index} (${scheduler})`).join(', ');
    throw problem(`this is no task of an array: none of ${names} is set; give --shard k/n`);
  }
  if (other !== undefined)
    throw problem(`${array.index} and ${other.index} are both set: give --shard k/n, as the one that is meant says`);
  return toOwnShard(array, env);
}

function toOwnShard({ scheduler, index, count, first, last }: ArrayVariables, env: NodeJS.ProcessEnv): Shard {
  const read = (name: string): number => {
    const text = env[name] ?? '';
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw problem(
      `${name} is ${text === '' ? 'not set' : `"${showText(text, 40)}"`}, and ${scheduler} needs a number there`,
    );
  };
  const [at, all] = [read(index), read(count)];
  const start = first === undefined ? 0 : read(first);
  const shard = toShard(at - start, all);
  const hasGaps = last !== undefined && read(last) - start + 1 !== all;
  if (shard === undefined || hasGaps) {
    const said = [first, index, last, count].flatMap((name) => (name === undefined ? [] : [`${name}=${read(name)}`]));
    throw problem(`${said.join(' ')} is no array of 1 to ${MOST_SHARDS} tasks without gaps: give --shard k/n`);
  }
  return shard;
}

function problem(text: string): UsageError {
  return new UsageError([`--shard auto: ${text}`]);
}
