import { describe, expect, test } from 'vitest';
import { AdminSession } from '../../src/gate/admin-session.js';
import { Gate } from '../../src/gate/gate.js';
import type { GatedRow } from '../../src/gate/admin-session.js';
import { Pace } from '../../src/gate/pace.js';
import type { PaceLimits } from '../../src/gate/pace.js';
import { Turnstile } from '../../src/gate/turnstile.js';
import { RunStop } from '../../src/core/run-stop.js';
import { aReply, aStatus } from '../support/builders.js';
import { defer } from '../support/defer.js';
import { GIVEN } from '../support/row-world.js';
import { idle, TestClock } from '../support/test-clock.js';
import { watch } from '../support/watch.js';

const STOP = { kind: 'interrupted', reason: 'interrupted by SIGINT' } as const;
const ROW: GatedRow = { registration: { tokenType: 'otp', username: 'ann' } };

function aGate(changes: Partial<PaceLimits> = {}) {
  const clock = new TestClock();
  const stop = new RunStop();
  const check = defer<'good'>();
  const session = new AdminSession({
    ...{ clock, stop, maxOutageMs: 0, look: () => Promise.reject(new Error('no look')), note: () => undefined },
    ...{ given: GIVEN, checkSession: () => check.promise, logIn: undefined },
  });
  const pace = new Pace({ concurrency: 1000, rate: undefined, maxOutageMs: 600_000, ...changes });
  const gate = new Gate(stop, session, new Turnstile({ clock, pace, stop, note: () => undefined }));
  return { gate, clock, check };
}

test('passing is free when nothing is wrong, and gives the session to send with', async () => {
  const { gate } = aGate();
  expect(await gate.pass(ROW)).toBe(GIVEN);
  expect(gate.stopReason).toBeUndefined();
  expect(gate.stopSignal.aborted).toBe(false);
});

describe('a pause', () => {
  test('holds until it is over, the longest that anybody asked for', async () => {
    const { gate, clock } = aGate();
    gate.pause(1000);
    gate.pause(3000);
    gate.pause(2000);
    const passed = watch(gate.pass(ROW));
    await clock.advance(2999);
    expect(passed).toEqual({});
    await clock.advance(1);
    expect(passed.value).toBe(GIVEN);
  });

  test('holds on when it grows meanwhile', async () => {
    const { gate, clock } = aGate();
    gate.pause(1000);
    const passed = watch(gate.pass(ROW));
    await clock.advance(500);
    gate.pause(1000);
    await clock.advance(999);
    expect(passed).toEqual({});
    await clock.advance(1);
    expect(passed.value).toBe(GIVEN);
  });

  test('that a reply asks for holds those who wait for its place already, five minutes at most', async () => {
    for (const [retryAfterMs, heldMs] of [
      [7_000, 7_000],
      [86_400_000, 300_000],
    ] as const) {
      const { gate, clock } = aGate({ concurrency: 1 });
      await gate.pass(ROW);
      const passed = watch(gate.pass({ registration: { tokenType: 'otp', username: 'ben' } }));
      gate.leave(ROW, aStatus(503, retryAfterMs));
      await clock.advance(heldMs - 1);
      expect(passed).toEqual({});
      await clock.advance(1);
      expect(passed.value).toBe(GIVEN);
    }
  });

  test('ends at once, with no session, when the run stops', async () => {
    const { gate, clock } = aGate();
    gate.pause(60_000);
    const passed = watch(gate.pass(ROW));
    await idle();
    gate.stop(STOP);
    await idle();
    expect(passed).toEqual({ value: undefined });
    expect(clock.pending).toBe(0);
    expect(await gate.pass(ROW)).toBeUndefined();
  });

  test('holds a thousand rows without a warning of Node', async () => {
    const warned: Error[] = [];
    const note = (warning: Error): void => void warned.push(warning);
    process.on('warning', note);
    const { gate, clock } = aGate();
    gate.pause(10);
    const all = Promise.all(Array.from({ length: 1000 }, () => Promise.resolve(gate.pass({ ...ROW }))));
    await clock.advance(10);
    expect(new Set(await all)).toEqual(new Set([GIVEN]));
    process.off('warning', note);
    expect(warned).toEqual([]);
  });
});

test('a row that the pace lets through waits for the session, and the other way round', async () => {
  const { gate, clock, check } = aGate();
  gate.pause(1000);
  void gate.session.judge({ row: { ...ROW }, session: GIVEN, isOldNews: false, detail: '401.' });
  const passed = watch(gate.pass(ROW));
  await clock.advance(5000);
  expect(passed).toEqual({});
  gate.pause(1000);
  check.resolve('good');
  await idle();
  expect(passed).toEqual({});
  await clock.advance(1000);
  expect(passed.value).toBe(GIVEN);
});

describe('the pace', () => {
  const other: GatedRow = {
    registration: { tokenType: 'pki', username: 'ben', signaturePath: '', status: '2', algorithm: undefined },
  };

  test('counts a send as under way until it is over, with a reply or cut off by a bug', async () => {
    for (const reply of [aReply(), undefined]) {
      const { gate } = aGate({ concurrency: 1 });
      await gate.pass(ROW);
      const passed = watch(gate.pass(other));
      await idle();
      expect(passed).toEqual({});
      gate.leave(ROW, reply);
      await idle();
      expect(passed.value).toBe(GIVEN);
    }
  });

  test('does not count a row that the session holds back: another one, or the same, may go', async () => {
    const { gate, clock, check } = aGate({ concurrency: 1 });
    gate.pause(1000);
    const passed = watch(gate.pass(ROW));
    await idle();
    // While the row waits for the pause, the session comes into question.
    void gate.session.judge({ row: other, session: GIVEN, isOldNews: false, detail: '401.' });
    await clock.advance(1000);
    expect(passed).toEqual({});
    check.resolve('good');
    await idle();
    expect(passed.value).toBe(GIVEN);
    gate.leave(ROW, aReply());
    expect(await gate.pass(other)).toBe(GIVEN);
  });
});
