import { describe, expect, it } from 'vitest';
import {
  DEAD_AFTER_MS,
  describeHolder,
  judgeHolder,
  LOST_AFTER_MS,
  RENEW_EVERY_MS,
  WATCH_MS,
} from '../../src/record/lock-holder.js';
import type { LockHolder, Liveness } from '../../src/record/lock-holder.js';

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

type Kind = Liveness['kind'];
const OLD = DEAD_AFTER_MS + 1;
const elsewhere = { host: 'node-2' };
const otherNamespace = { pidNamespace: 'pid:[2]' };
const cases: { rule: string; holder: Partial<LockHolder>; ageMs?: number; runs?: boolean; is: Kind }[] = [
  { rule: 'a process that runs holds its lock', holder: {}, runs: true, is: 'alive' },
  { rule: 'a process that is gone does not', holder: {}, is: 'dead' },
  { rule: 'one that is gone is dead at once, however old its lock', holder: {}, ageMs: OLD, is: 'dead' },
  { rule: 'one that runs and renews no more is watched', holder: {}, ageMs: OLD, runs: true, is: 'watch' },
  { rule: 'one of another machine holds its lock', holder: elsewhere, is: 'alive' },
  { rule: 'also with our pid, which means nothing there', holder: { ...elsewhere, pid: self.pid }, is: 'alive' },
  { rule: 'one of another machine that renews no more is watched', holder: elsewhere, ageMs: OLD, is: 'watch' },
  {
    rule: 'a machine that was started anew has lost its processes',
    holder: { bootId: 'boot-0' },
    runs: true,
    is: 'dead',
  },
  { rule: 'no other process has our pid', holder: { pid: self.pid }, runs: true, is: 'dead' },
  {
    rule: 'our pid in another container is the one before us, or a twin',
    holder: { ...otherNamespace, pid: self.pid },
    is: 'watch',
  },
  { rule: 'a process of another container can not be looked at', holder: otherNamespace, is: 'alive' },
];

describe('the holder of a lock', () => {
  it.each(cases)('$rule', ({ holder, ageMs = 0, runs = false, is }) => {
    expect(judgeHolder({ self, holder: holderLike(holder), ageMs, isRunning: () => runs }).kind).toBe(is);
  });

  it('that can not renew stops before anybody who watches takes it for dead, and a renewal comes in that time', () => {
    expect(LOST_AFTER_MS).toBeLessThan(WATCH_MS);
    expect(RENEW_EVERY_MS).toBeLessThan(LOST_AFTER_MS);
  });

  it('asks for the process by pid and start time: a pid is given out again', () => {
    const asked: unknown[] = [];
    const isRunning = (...question: [number, string]): boolean => asked.push(question) > 0;
    judgeHolder({ self, holder: holderLike({ startTime: '42' }), ageMs: 0, isRunning });
    expect(asked).toEqual([[200, '42']]);
  });

  it('names its holder by host, pid and time', () => {
    expect(describeHolder(self)).toBe('process 100 on node-1, since 2026-11-22T08:00:00.000Z');
    expect(describeHolder(undefined)).toBe('a process that has not said who it is');
  });
});

it('a lock that does not say whose it is is being written, or was left half written', () => {
  const sight = { self, holder: undefined, isRunning: () => true };
  expect(judgeHolder({ ...sight, ageMs: 10_000 })).toEqual({ kind: 'alive' });
  expect(judgeHolder({ ...sight, ageMs: 10_001 })).toEqual({ kind: 'dead', why: 'it was never written to its end' });
});
