import { describe, expect, test } from 'vitest';
import { Gate } from '../src/gate.js';
import type { SessionCheck } from '../src/gate.js';
import { defer } from './support/defer.js';
import { idle, TestClock } from './support/test-clock.js';

const STOP = { kind: 'interrupted', reason: 'interrupted by SIGINT' } as const;

/** A gate whose session checks say these in turn. */
function aGate(...answers: SessionCheck[]) {
  const clock = new TestClock();
  const asked: number[] = [];
  const gate = new Gate(clock, () => {
    asked.push(clock.elapsedMs);
    const answer = answers.shift();
    if (answer === undefined) throw new Error('nobody expected another session check');
    return Promise.resolve(answer);
  });
  return { gate, clock, asked };
}

/** A gate whose session checks wait for the test. */
function aSlowGate() {
  const checks: ReturnType<typeof defer<SessionCheck>>[] = [];
  const gate = new Gate(new TestClock(), () => {
    const check = defer<SessionCheck>();
    checks.push(check);
    return check.promise;
  });
  return { gate, checks };
}

/** What a promise has come to by now. */
function watch<Value>(promise: Promise<Value>): { value?: Value } {
  const seen: { value?: Value } = {};
  void promise.then((value) => (seen.value = value));
  return seen;
}

describe('passing', () => {
  test('is free when nothing is wrong', async () => {
    const { gate } = aGate();
    expect(await gate.pass()).toBe(true);
    expect(gate.stopReason).toBeUndefined();
    expect(gate.stopSignal.aborted).toBe(false);
  });

  test('waits until the pause is over, the longest that anybody asked for', async () => {
    const { gate, clock } = aGate();
    gate.pause(1000);
    gate.pause(3000);
    gate.pause(2000);
    const passed = watch(gate.pass());
    await clock.advance(2999);
    expect(passed.value).toBeUndefined();
    await clock.advance(1);
    expect(passed.value).toBe(true);
  });

  test('waits on when the pause grows meanwhile', async () => {
    const { gate, clock } = aGate();
    gate.pause(1000);
    const passed = watch(gate.pass());
    await clock.advance(500);
    gate.pause(1000);
    await clock.advance(999);
    expect(passed.value).toBeUndefined();
    await clock.advance(1);
    expect(passed.value).toBe(true);
  });

  test('ends at once, with a no, when the run stops', async () => {
    const { gate, clock } = aGate();
    gate.pause(60_000);
    const passed = watch(gate.pass());
    await idle();
    gate.stop(STOP);
    await idle();
    expect(passed.value).toBe(false);
    expect(clock.pending).toBe(0);
    expect(await gate.pass()).toBe(false);
  });

  test('a thousand rows may wait without a warning of Node', async () => {
    const warned: Error[] = [];
    const note = (warning: Error): void => void warned.push(warning);
    process.on('warning', note);
    const { gate, clock } = aGate();
    gate.pause(10);
    const all = Promise.all(Array.from({ length: 1000 }, () => gate.pass()));
    await clock.advance(10);
    expect(new Set(await all)).toEqual(new Set([true]));
    process.off('warning', note);
    expect(warned).toEqual([]);
  });
});

describe('stopping', () => {
  test('the first reason counts', () => {
    const { gate } = aGate();
    gate.stop(STOP);
    gate.stop({ kind: 'stopped', reason: 'licence' });
    expect(gate.stopReason).toEqual(STOP);
    expect(gate.stopSignal.aborted).toBe(true);
  });

  test('a bug always counts, with its stack', () => {
    const { gate } = aGate();
    gate.stop(STOP);
    gate.stopForBug(new Error('oops'));
    expect(gate.stopReason).toMatchObject({ kind: 'bug', reason: expect.stringContaining('oops') as string });
    expect(gate.stopReason?.reason).toContain('gate.test.ts');
    gate.stop(STOP);
    expect(gate.stopReason?.kind).toBe('bug');
  });

  test('a bug that is no error is told as well', () => {
    const { gate } = aGate();
    gate.stopForBug('just a text');
    expect(gate.stopReason).toEqual({ kind: 'bug', reason: 'just a text' });
  });
});

describe('a refusal that may mean the session', () => {
  test('session good: this row alone', async () => {
    const { gate, asked } = aGate('good');
    expect(await gate.judgeRefusal('403.')).toBe('row_alone');
    expect(asked).toEqual([0]);
    expect(await gate.pass()).toBe(true);
  });

  test('session good, for as many rows as it may be: one user after the other is alone', async () => {
    const { gate } = aGate('good', 'good', 'good');
    for (let row = 0; row < 3; row += 1) expect(await gate.judgeRefusal('403.')).toBe('row_alone');
    expect(gate.stopReason).toBeUndefined();
  });

  test.each([false, true])('session over: the run stops, an earlier success (%s) or not', async (hasSucceeded) => {
    const { gate, asked } = aGate('over');
    if (hasSucceeded) gate.noteAnswer();
    expect(await gate.judgeRefusal('Make a new session.')).toBe('stopped');
    expect(gate.stopReason).toEqual({
      kind: 'stopped',
      reason: 'the server refuses this administrator: the session check says the session is over. Make a new session.',
    });
    expect(asked).toHaveLength(1);
  });

  test('no session check and no success yet: the run stops', async () => {
    const { gate } = aGate('missing');
    expect(await gate.judgeRefusal('401.')).toBe('stopped');
    expect(gate.stopReason?.reason).toBe(
      'the server refuses this administrator: the session could not be checked. 401.',
    );
  });

  test('no session check after a success: one row may be alone, two in a row are not', async () => {
    const { gate } = aGate('missing', 'missing');
    gate.noteAnswer();
    expect(await gate.judgeRefusal('401.')).toBe('unexplained');
    expect(gate.stopReason).toBeUndefined();
    expect(await gate.judgeRefusal('401.')).toBe('stopped');
  });

  test('no session check: a success in between makes each refusal one of its own', async () => {
    const { gate } = aGate('missing', 'missing', 'missing');
    for (let row = 0; row < 3; row += 1) {
      gate.noteAnswer();
      expect(await gate.judgeRefusal('401.')).toBe('unexplained');
    }
  });

  test('a check that says good in between does as well', async () => {
    const { gate } = aGate('missing', 'good', 'missing');
    gate.noteAnswer();
    expect(await gate.judgeRefusal('401.')).toBe('unexplained');
    expect(await gate.judgeRefusal('401.')).toBe('row_alone');
    expect(await gate.judgeRefusal('401.')).toBe('unexplained');
  });

  test('no usable answer: asked again after pauses, until there is one', async () => {
    const { gate, clock, asked } = aGate('unclear', 'unclear', 'good');
    const judged = watch(gate.judgeRefusal('401.'));
    await clock.advance(60_000);
    expect(judged.value).toBe('row_alone');
    expect(asked).toEqual([0, 1000, 6000]);
  });

  test('no usable answer at all: as if there were no session check', async () => {
    const { gate, clock, asked } = aGate('unclear', 'unclear', 'unclear');
    const judged = watch(gate.judgeRefusal('401.'));
    await clock.advance(60_000);
    expect(judged.value).toBe('stopped');
    expect(asked).toHaveLength(3);
    expect(gate.stopReason?.reason).toContain('the session could not be checked');
  });

  test('a run that stops while a check waits asks no more', async () => {
    const { gate, asked } = aGate('unclear');
    const judged = watch(gate.judgeRefusal('401.'));
    await idle();
    gate.stop(STOP);
    await idle();
    expect(judged.value).toBe('stopped');
    expect(asked).toHaveLength(1);
    expect(gate.stopReason).toEqual(STOP);
  });

  test('a run that stops during a check is stopped, whatever the check says', async () => {
    const { gate, checks } = aSlowGate();
    const judged = watch(gate.judgeRefusal('401.'));
    gate.stop(STOP);
    checks[0]!.resolve('good');
    await idle();
    expect(judged.value).toBe('stopped');
  });

  test('after the run has stopped nobody asks', async () => {
    const { gate, asked } = aGate();
    gate.stop(STOP);
    expect(await gate.judgeRefusal('401.')).toBe('stopped');
    expect(asked).toEqual([]);
  });

  test('a check that throws is a bug and stops the run; nobody else is hurt', async () => {
    const { gate, checks } = aSlowGate();
    const judged = watch(gate.judgeRefusal('401.'));
    const passed = watch(gate.pass());
    const other = watch(gate.judgeRefusal('401.'));
    checks[0]!.reject(new Error('oops'));
    await idle();
    expect([judged.value, passed.value, other.value]).toEqual(['stopped', false, 'stopped']);
    expect(gate.stopReason?.kind).toBe('bug');
  });
});

describe('while the session is in question', () => {
  test('nobody passes', async () => {
    const { gate, checks } = aSlowGate();
    void gate.judgeRefusal('401.');
    const passed = watch(gate.pass());
    await idle();
    expect(passed.value).toBeUndefined();
    checks[0]!.resolve('good');
    await idle();
    expect(passed.value).toBe(true);
  });

  test('there is one check at a time; rows that were refused meanwhile wait for another one', async () => {
    const { gate, checks } = aSlowGate();
    const rows = Array.from({ length: 3 }, () => watch(gate.judgeRefusal('401.')));
    await idle();
    expect(checks).toHaveLength(1);
    checks[0]!.resolve('good');
    await idle();
    expect(rows.map(({ value }) => value)).toEqual(['row_alone', undefined, undefined]);
    expect(checks).toHaveLength(2);
    checks[1]!.resolve('over');
    await idle();
    expect(rows.map(({ value }) => value)).toEqual(['row_alone', 'stopped', 'stopped']);
    expect(checks).toHaveLength(2);
  });
});
