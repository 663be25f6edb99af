import { expect, test } from 'vitest';
import { RunStop } from '../../src/core/run-stop.js';

const STOP = { kind: 'interrupted', reason: 'interrupted by SIGINT' } as const;

test('a run goes on until something stops it', () => {
  const stop = new RunStop();
  expect([stop.reason, stop.signal.aborted]).toEqual([undefined, false]);
  stop.stop(STOP);
  expect([stop.reason, stop.signal.aborted]).toEqual([STOP, true]);
});

test('the first reason counts', () => {
  const stop = new RunStop();
  stop.stop(STOP);
  stop.stop({ kind: 'stopped', reason: 'licence' });
  expect(stop.reason).toEqual(STOP);
});

test('a bug always counts, with its stack', () => {
  const stop = new RunStop();
  stop.stop(STOP);
  stop.stopForBug(new Error('oops'));
  expect(stop.reason).toMatchObject({ kind: 'bug', reason: expect.stringContaining('oops') as string });
  expect(stop.reason?.reason).toContain('run-stop.test.ts');
  stop.stop(STOP);
  expect(stop.reason?.kind).toBe('bug');
});

test('a bug that is no error is told as well', () => {
  const stop = new RunStop();
  stop.stopForBug('just a text');
  expect(stop.reason).toEqual({ kind: 'bug', reason: 'just a text' });
});
