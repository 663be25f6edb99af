import { describe, expect, it } from 'vitest';
import { shardOfArray } from '../../src/settings/array-variables.js';

const SLURM = {
  SLURM_ARRAY_TASK_ID: '7',
  SLURM_ARRAY_TASK_COUNT: '4',
  SLURM_ARRAY_TASK_MIN: '5',
  SLURM_ARRAY_TASK_MAX: '8',
};

describe('which shard the task of an array is', () => {
  it.each([
    ['Kubernetes', { JOB_COMPLETION_INDEX: '3', CENTAGATE_SHARDS: '8' }, { index: 3, count: 8 }],
    ['Slurm, from whatever number on', SLURM, { index: 2, count: 4 }],
    ['AWS Batch', { AWS_BATCH_JOB_ARRAY_INDEX: '0', AWS_BATCH_JOB_ARRAY_SIZE: '2' }, { index: 0, count: 2 }],
    ['Cloud Run', { CLOUD_RUN_TASK_INDEX: '9', CLOUD_RUN_TASK_COUNT: '10' }, { index: 9, count: 10 }],
    ['one whose others are empty', { ...SLURM, CLOUD_RUN_TASK_INDEX: '' }, { index: 2, count: 4 }],
  ])('%s', (_, env, shard) => {
    expect(shardOfArray(env)).toEqual(shard);
  });

  it.each([
    [
      'none',
      {},
      /no task of an array: none of JOB_COMPLETION_INDEX \(Kubernetes\), SLURM_ARRAY_TASK_ID \(Slurm\),.*give --shard k\/n/,
    ],
    ['a count alone', { CENTAGATE_SHARDS: '8' }, /no task of an array/],
    [
      'an index alone',
      { JOB_COMPLETION_INDEX: '3' },
      /CENTAGATE_SHARDS is not set, and Kubernetes needs a number there/,
    ],
    ['no number', { ...SLURM, SLURM_ARRAY_TASK_COUNT: 'x' }, /SLURM_ARRAY_TASK_COUNT is "x"/],
    [
      'two arrays',
      { ...SLURM, JOB_COMPLETION_INDEX: '3' },
      /JOB_COMPLETION_INDEX and SLURM_ARRAY_TASK_ID are both set/,
    ],
    [
      'more than there are',
      { JOB_COMPLETION_INDEX: '8', CENTAGATE_SHARDS: '8' },
      /JOB_COMPLETION_INDEX=8 CENTAGATE_SHARDS=8 is no array/,
    ],
    ['too many', { JOB_COMPLETION_INDEX: '8', CENTAGATE_SHARDS: '257' }, /no array of 1 to 256 tasks without gaps/],
    // What `sbatch --array=3,5` gives: two tasks of a larger whole.
    [
      'gaps',
      { ...SLURM, SLURM_ARRAY_TASK_MAX: '9' },
      /SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MAX=9 SLURM_ARRAY_TASK_COUNT=4 is no array/,
    ],
  ])('not by %s', (_, env, problem) => {
    expect(() => shardOfArray(env)).toThrow(problem);
  });
});
