import { describe, expect, test } from 'vitest';
import { Pace } from '../../src/gate/pace.js';
import type { PaceLimits, Permit } from '../../src/gate/pace.js';
import { Turnstile } from '../../src/gate/turnstile.js';
import { RunStop } from '../../src/core/run-stop.js';
import { anUnsent, aReply } from '../support/builders.js';
import { idle, TestClock } from '../support/test-clock.js';

function aTurnstile(changes: Partial<PaceLimits> = {}) {
  const clock = new TestClock();
  const pace = new Pace({ concurrency: 2, rate: undefined, maxOutageMs: 600_000, ...changes });
  const [stop, notes] = [new RunStop(), [] as string[]];
  const turnstile = new Turnstile({ clock, pace, stop, note: (text) => notes.push(text) });
  const passed: string[] = [];
  const permits = new Map<string, Permit>();
  const enter = (row: string): void => {
    void Promise.resolve(turnstile.enter(row)).then((permit) => {
      passed.push(permit === undefined ? `${row} not` : `${row} at ${Math.round(clock.elapsedMs)}`);
      if (permit !== undefined) permits.set(row, permit);
    });
  };
  return { clock, stop, notes, turnstile, passed, permits, enter };
}

describe('the turnstile', () => {
  test('lets through in order, as those before leave', async () => {
    const { turnstile, passed, permits, enter } = aTurnstile();
    for (const row of ['ann', 'ben', 'cid', 'dee']) enter(row);
    await idle();
    expect(passed).toEqual(['ann at 0', 'ben at 0']);
    turnstile.leave(permits.get('ben')!, aReply());
    await idle();
    expect(passed.slice(2)).toEqual(['cid at 0']);
    turnstile.giveBack(permits.get('cid')!);
    await idle();
    expect(passed.slice(3)).toEqual(['dee at 0']);
  });

  test('spreads sends by the rate, with one timer', async () => {
    const { clock, passed, enter } = aTurnstile({ concurrency: 100, rate: 10 });
    for (let row = 0; row < 50; row += 1) enter(`${row}`);
    await idle();
    expect(clock.pending).toBe(1);
    await clock.advance(1000);
    expect(passed.length).toBeGreaterThanOrEqual(10);
    expect(passed.length).toBeLessThanOrEqual(12);
  });

  test('holds everybody back for a pause that comes while they wait', async () => {
    const { clock, turnstile, passed, enter } = aTurnstile({ concurrency: 100, rate: 10 });
    for (const row of ['ann', 'ben', 'cid']) enter(row);
    await idle();
    const before = passed.length;
    turnstile.pause(5_000);
    await clock.advance(4_999);
    expect(passed).toHaveLength(before);
    await clock.advance(1_000);
    expect(passed).toHaveLength(3);
  });

  test('sends one probe at a time while the server is away', async () => {
    const { clock, turnstile, passed, permits, enter } = aTurnstile({ concurrency: 4 });
    for (const row of ['1', '2', '3', '4']) enter(row);
    await idle();
    for (const row of ['1', '2', '3', '4']) turnstile.leave(permits.get(row)!, anUnsent());
    for (const row of ['5', '6']) enter(row);
    await clock.advance(60_000);
    expect(passed.slice(4)).toEqual(['5 at 1000']);
    turnstile.leave(permits.get('5')!, anUnsent());
    await clock.advance(60_000);
    expect(passed.slice(5)).toEqual(['6 at 62000']);
  });

  test('lets nobody wait once the run has stopped', async () => {
    const { clock, stop, turnstile, passed, enter } = aTurnstile({ concurrency: 1 });
    turnstile.pause(5_000);
    enter('ann');
    stop.stop({ kind: 'interrupted', reason: 'by a signal' });
    enter('ben');
    await idle();
    expect(passed).toEqual(['ann not', 'ben not']);
    expect(clock.pending).toBe(0);
  });
});

test('what a reply changes is told; a server that is away for too long stops the run', async () => {
  const { clock, stop, notes, turnstile, permits, enter } = aTurnstile({ concurrency: 4, maxOutageMs: 1_000 });
  for (const row of ['1', '2', '3']) enter(row);
  await idle();
  for (const row of ['1', '2', '3']) turnstile.leave(permits.get(row)!, anUnsent());
  expect(notes).toEqual([expect.stringContaining('the server is away')]);
  enter('4');
  await clock.advance(1_000);
  turnstile.leave(permits.get('4')!, anUnsent());
  expect(stop.reason).toMatchObject({ kind: 'stopped', reason: expect.stringContaining('away for 1 s') as string });
});
