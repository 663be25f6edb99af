import { describe, expect, test } from 'vitest';
import { AdminSession } from '../src/admin-session.js';
import { Gate } from '../src/gate.js';
import type { GatedRow } from '../src/gate.js';
import { RunStop } from '../src/run-stop.js';
import { defer } from './support/defer.js';
import { GIVEN } from './support/row-world.js';
import { idle, TestClock } from './support/test-clock.js';
import { watch } from './support/watch.js';

const STOP = { kind: 'interrupted', reason: 'interrupted by SIGINT' } as const;
const ROW: GatedRow = { registration: { tokenType: 'otp', username: 'ann' } };

function aGate() {
  const clock = new TestClock();
  const stop = new RunStop();
  const check = defer<'good'>();
  const session = new AdminSession({ clock, stop, given: GIVEN, checkSession: () => check.promise, logIn: undefined });
  return { gate: new Gate(clock, stop, session), clock, check };
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
    const all = Promise.all(Array.from({ length: 1000 }, () => gate.pass({ ...ROW })));
    await clock.advance(10);
    expect(new Set(await all)).toEqual(new Set([GIVEN]));
    process.off('warning', note);
    expect(warned).toEqual([]);
  });
});

test('a row that one guard lets through waits for the others', async () => {
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
