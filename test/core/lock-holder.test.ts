import { describe, expect, it } from 'vitest';
import { DEAD_AFTER_MS, describeHolder, whyDead } from '../../src/core/lock-holder.js';
import type { LockHolder } from '../../src/core/lock-holder.js';

const self: LockHolder = {
  runId: 'mine',
  host: 'node-1',
  pid: 100,
  bootId: 'boot-1',
  pidNamespace: 'pid:[1]',
  startTime: '5000',
  since: '2026-11-22T08:00:00.000Z',
};
const holderLike = (changes: Partial<LockHolder>): LockHolder => ({ ...self, runId: 'other', pid: 200, ...changes });

const cases: { rule: string; holder: Partial<LockHolder>; ageMs?: number; runs?: boolean; isDead: boolean }[] = [
  { rule: 'a process that runs holds its lock', holder: {}, runs: true, isDead: false },
  { rule: 'a process that is gone does not', holder: {}, runs: false, isDead: true },
  {
    rule: 'a lock that is renewed no more is free, even of a process that runs',
    holder: {},
    ageMs: DEAD_AFTER_MS + 1,
    runs: true,
    isDead: true,
  },
  {
    rule: 'a lock of another machine is held while it is renewed',
    holder: { host: 'node-2' },
    runs: false,
    isDead: false,
  },
  {
    rule: 'a lock of another machine is free when it is renewed no more',
    holder: { host: 'node-2' },
    ageMs: DEAD_AFTER_MS + 1,
    isDead: true,
  },
  {
    rule: 'a machine that was started anew has lost its processes',
    holder: { bootId: 'boot-0' },
    runs: true,
    isDead: true,
  },
  {
    rule: 'a restarted container has the pid of the one before',
    holder: { pid: 100, pidNamespace: 'pid:[2]' },
    runs: true,
    isDead: true,
  },
  {
    rule: 'a process of another container can not be looked at',
    holder: { pidNamespace: 'pid:[2]' },
    runs: false,
    isDead: false,
  },
];

describe('a lock', () => {
  it.each(cases)('$rule', ({ holder, ageMs = 0, runs = false, isDead }) => {
    const why = whyDead({ self, holder: holderLike(holder), ageMs, isRunning: () => runs });
    expect(why !== undefined).toBe(isDead);
  });

  it('asks for the process by pid and start time: a pid is given out again', () => {
    const asked: unknown[] = [];
    const isRunning = (...question: [number, string]): boolean => asked.push(question) > 0;
    whyDead({ self, holder: holderLike({ startTime: '42' }), ageMs: 0, isRunning });
    expect(asked).toEqual([[200, '42']]);
  });

  it('names its holder by host, pid and time', () => {
    expect(describeHolder(self)).toBe('process 100 on node-1, since 2026-11-22T08:00:00.000Z');
  });
});
