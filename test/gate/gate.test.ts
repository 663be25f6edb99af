import { describe, expect, test } from 'vitest';
import { RunStop } from '../../src/core/run-stop.js';
import { AdminSession } from '../../src/gate/admin-session.js';
import type { Sender } from '../../src/gate/admin-session.js';
import { Gate } from '../../src/gate/gate.js';
import { Pace } from '../../src/gate/pace.js';
import type { PaceLimits } from '../../src/gate/pace.js';
import type { Reply } from '../../src/row/reply.js';
import { anAdministrator, anUnsent, aReply, aStatus } from '../support/builders.js';
import { defer } from '../support/defer.js';
import { GIVEN } from '../support/row-world.js';
import { comeTo } from '../support/sending.js';
import type { Sending } from '../support/sending.js';
import { idle, TestClock } from '../support/test-clock.js';

const STOP = { kind: 'interrupted', reason: 'interrupted by SIGINT' } as const;
const ROW = aRow('ann');

function aRow(username: string): Sender {
  return { registration: { tokenType: 'otp', username } };
}

function aGate(changes: Partial<PaceLimits> = {}, onNote: () => void = () => undefined) {
  const clock = new TestClock();
  const stop = new RunStop();
  const check = defer<'good'>();
  const session = new AdminSession({
    ...{ clock, stop, maxOutageMs: 0, look: () => Promise.reject(new Error('no look')), note: () => undefined },
    ...{ given: GIVEN, checkSession: () => check.promise, logIn: undefined },
    administrator: anAdministrator(),
  });
  const pace = new Pace({ concurrency: 1000, rate: undefined, maxOutageMs: 600_000, ...changes });
  const notes: string[] = [];
  const note = (text: string): void => {
    notes.push(text);
    onNote();
  };
  const gate = new Gate({ clock, stop, session, pace, note });
  const sendings = new Map<string, Sending>();
  const gone: string[] = [];
  const come = (...usernames: readonly string[]): void => {
    for (const username of usernames) {
      const note = (): void => void gone.push(`${username} at ${Math.round(clock.elapsedMs)}`);
      sendings.set(username, comeTo(gate, aRow(username), note));
    }
  };
  return { gate, clock, stop, check, notes, sendings, gone, come };
}

test('passing is free when nothing is wrong, and gives the session to send with, and what came back', async () => {
  const { gate, stop } = aGate();
  const sent = { reply: aReply() };
  const passed = gate.through(
    ROW,
    () => Promise.resolve(sent),
    (passage) => passage,
  );
  expect(await passed).toEqual({ sent, session: GIVEN });
  expect(stop.reason).toBeUndefined();
});

test('what a reply means is judged before anybody who waits is let through, at once or later', async () => {
  const { gate } = aGate({ concurrency: 1 });
  const log: string[] = [];
  const first = defer();
  const told = { passed: () => log.push('ann is judged'), failed: (error: unknown) => log.push(String(error)) };
  const answered = first.promise.then(() => ({ reply: aReply() }));
  expect(gate.throughNow(aRow('ann'), () => answered, told)).toBe(true);
  expect(gate.throughNow(aRow('ben'), () => Promise.reject(new Error('two at once')), told)).toBe(false);
  for (const name of ['ben', 'cy']) {
    const send = (): Promise<{ reply: Reply }> => {
      log.push(`${name} is sent`);
      return Promise.resolve({ reply: aReply() });
    };
    void gate.through(aRow(name), send, () => log.push(`${name} is judged`));
  }
  first.resolve();
  await idle();
  const order = ['ann is judged', 'ben is sent', 'ben is judged', 'cy is sent', 'cy is judged'];
  expect(log).toEqual(order);
});

test('whoever is told of the pace and fails costs the row its answer, and the run goes to its end', async () => {
  const { stop, gate } = aGate({ concurrency: 2 }, () => {
    throw new TypeError('oops');
  });
  const told: unknown[] = [];
  const strained = (): Promise<{ reply: Reply }> => Promise.resolve({ reply: aStatus(503) });
  gate.throughNow(ROW, strained, { passed: () => told.push('passed'), failed: (error) => told.push(error) });
  await idle();
  expect([told, stop.reason?.kind]).toEqual([[new TypeError('oops')], 'bug']);
});

test('a reply that can not be judged fails its row', async () => {
  const { gate } = aGate();
  const judging = gate.through(
    ROW,
    () => Promise.resolve({ reply: aReply() }),
    (): never => {
      throw new TypeError('oops');
    },
  );
  await expect(judging).rejects.toThrow('oops');
});

describe('a turn', () => {
  test('is over when its task is, also when that fails', async () => {
    const { gate } = aGate();
    const turn = { username: 'ann', isRetry: false };
    await expect(gate.inTurn(turn, () => Promise.reject(new Error('oops')))).rejects.toThrow('oops');
    expect(await gate.inTurn(turn, () => Promise.resolve('done'))).toBe('done');
  });

  test('comes when the one before it of the same user is over', async () => {
    const { gate } = aGate();
    const [first, log] = [defer(), [] as string[]];
    const turn = { username: 'ann', isRetry: false };
    void gate.inTurn(turn, () => first.promise.then(() => void log.push('first')));
    void gate.inTurn(turn, () => Promise.resolve(void log.push('second')));
    void gate.inTurn({ ...turn, username: 'ben' }, () => Promise.resolve(void log.push('another user')));
    await idle();
    expect(log).toEqual(['another user']);
    first.resolve();
    await idle();
    expect(log).toEqual(['another user', 'first', 'second']);
  });
});

describe('a pause', () => {
  test('holds until it is over, the longest that anybody asked for', async () => {
    const { gate, clock } = aGate();
    gate.pause(1000);
    gate.pause(3000);
    gate.pause(2000);
    const sending = comeTo(gate, ROW);
    await clock.advance(2999);
    expect(sending.session).toBeUndefined();
    await clock.advance(1);
    expect(sending.session).toBe(GIVEN);
  });

  test('holds on when it grows meanwhile', async () => {
    const { gate, clock } = aGate();
    gate.pause(1000);
    const sending = comeTo(gate, ROW);
    await clock.advance(500);
    gate.pause(1000);
    await clock.advance(999);
    expect(sending.session).toBeUndefined();
    await clock.advance(1);
    expect(sending.session).toBe(GIVEN);
  });

  test('that a reply asks for holds those who wait for its place already, five minutes at most', async () => {
    for (const [retryAfterMs, heldMs] of [
      [7_000, 7_000],
      [86_400_000, 300_000],
    ] as const) {
      const { gate, clock } = aGate({ concurrency: 1 });
      const first = comeTo(gate, ROW);
      const second = comeTo(gate, aRow('ben'));
      await idle();
      first.end(aStatus(503, retryAfterMs));
      await clock.advance(heldMs - 1);
      expect(second.session).toBeUndefined();
      await clock.advance(1);
      expect(second.session).toBe(GIVEN);
    }
  });

  test('ends at once, with no send, when the run stops', async () => {
    const { gate, clock, stop } = aGate();
    gate.pause(60_000);
    const sending = comeTo(gate, ROW);
    await idle();
    stop.stop(STOP);
    await idle();
    expect(sending).toMatchObject({ session: undefined, isTurnedAway: true });
    expect(clock.pending).toBe(0);
    const later = comeTo(gate, ROW);
    await idle();
    expect(later).toMatchObject({ session: undefined, isTurnedAway: true });
  });

  test('holds a thousand rows without a warning of Node', async () => {
    const warned: Error[] = [];
    const note = (warning: Error): void => void warned.push(warning);
    process.on('warning', note);
    const { gate, clock } = aGate();
    gate.pause(10);
    const sendings = Array.from({ length: 1000 }, () => comeTo(gate, { ...ROW }));
    await clock.advance(10);
    expect(new Set(sendings.map(({ session }) => session))).toEqual(new Set([GIVEN]));
    process.off('warning', note);
    expect(warned).toEqual([]);
  });
});

test('a row that the pace lets through waits for the session, and the other way round', async () => {
  const { gate, clock, check } = aGate();
  gate.pause(1000);
  void gate.session.judge({ sender: { ...ROW }, session: GIVEN, isOldNews: false, detail: '401.' });
  const sending = comeTo(gate, ROW);
  await clock.advance(5000);
  expect(sending.session).toBeUndefined();
  gate.pause(1000);
  check.resolve('good');
  await idle();
  expect(sending.session).toBeUndefined();
  await clock.advance(1000);
  expect(sending.session).toBe(GIVEN);
});

describe('a permit', () => {
  const other: Sender = { registration: { tokenType: 'pki', username: 'ben' } };

  test('comes back when the send is over, with a reply or without', async () => {
    for (const reply of [aReply(), undefined]) {
      const { gate } = aGate({ concurrency: 1 });
      const first = comeTo(gate, ROW);
      const second = comeTo(gate, other);
      await idle();
      expect(second.session).toBeUndefined();
      first.end(reply);
      await idle();
      expect(second.session).toBe(GIVEN);
    }
  });

  test('comes back when a bug cuts the send off; the run has stopped by then', async () => {
    const { gate, stop } = aGate({ concurrency: 1 });
    const broken = gate.through(
      ROW,
      () => Promise.reject(new TypeError('oops')),
      (passage) => passage,
    );
    const second = comeTo(gate, other);
    await expect(broken).rejects.toThrow('oops');
    await idle();
    expect(stop.reason).toMatchObject({ kind: 'bug', reason: expect.stringContaining('oops') as string });
    expect(second).toMatchObject({ session: undefined, isTurnedAway: true });
  });

  test('does not count a row that the session holds back: another one, or the same, may go', async () => {
    const { gate, clock, check } = aGate({ concurrency: 1 });
    gate.pause(1000);
    const first = comeTo(gate, ROW);
    await idle();
    // While the row waits for the pause, the session comes into question.
    void gate.session.judge({ sender: other, session: GIVEN, isOldNews: false, detail: '401.' });
    await clock.advance(1000);
    expect(first.session).toBeUndefined();
    check.resolve('good');
    await idle();
    expect(first.session).toBe(GIVEN);
    first.end(aReply());
    const second = comeTo(gate, other);
    await idle();
    expect(second.session).toBe(GIVEN);
  });
});

describe('the pace', () => {
  test('lets through in order, as those before have ended', async () => {
    const { gone, come, sendings } = aGate({ concurrency: 2 });
    come('ann', 'ben', 'cid', 'dee');
    await idle();
    expect(gone).toEqual(['ann at 0', 'ben at 0']);
    sendings.get('ann')!.end(aReply());
    await idle();
    expect(gone.slice(2)).toEqual(['cid at 0']);
    sendings.get('cid')!.end();
    await idle();
    expect(gone.slice(3)).toEqual(['dee at 0']);
  });

  test('spreads sends by the rate, with one timer', async () => {
    const { clock, gone, come } = aGate({ concurrency: 100, rate: 10 });
    come(...Array.from({ length: 50 }, (_, row) => `${row}`));
    await idle();
    expect(clock.pending).toBe(1);
    await clock.advance(1000);
    expect(gone.length).toBeGreaterThanOrEqual(10);
    expect(gone.length).toBeLessThanOrEqual(12);
  });

  test('holds everybody back for a pause that comes while they wait', async () => {
    const { gate, clock, gone, come } = aGate({ concurrency: 100, rate: 10 });
    come('ann', 'ben', 'cid');
    await idle();
    const before = gone.length;
    gate.pause(5_000);
    await clock.advance(4_999);
    expect(gone).toHaveLength(before);
    await clock.advance(1_000);
    expect(gone).toHaveLength(3);
  });

  test('sends one probe at a time while the server is away', async () => {
    const { clock, gone, come, sendings } = aGate({ concurrency: 4 });
    come('1', '2', '3', '4');
    await idle();
    for (const row of ['1', '2', '3', '4']) sendings.get(row)!.end(anUnsent());
    await idle();
    come('5', '6');
    await clock.advance(60_000);
    expect(gone.slice(4)).toEqual(['5 at 1000']);
    sendings.get('5')!.end(anUnsent());
    await clock.advance(60_000);
    expect(gone.slice(5)).toEqual(['6 at 62000']);
  });

  test('lets nobody wait once the run has stopped', async () => {
    const { gate, clock, stop, come, sendings } = aGate({ concurrency: 1 });
    gate.pause(5_000);
    come('ann');
    await idle();
    stop.stop(STOP);
    come('ben');
    await idle();
    for (const username of ['ann', 'ben']) expect(sendings.get(username)).toMatchObject({ isTurnedAway: true });
    expect(clock.pending).toBe(0);
  });

  test('tells what a reply changes; a server that is away for too long stops the run', async () => {
    const { clock, stop, notes, come, sendings } = aGate({ concurrency: 4, maxOutageMs: 1_000 });
    come('1', '2', '3');
    await idle();
    for (const row of ['1', '2', '3']) sendings.get(row)!.end(anUnsent());
    await idle();
    expect(notes).toEqual([expect.stringContaining('the server is away')]);
    come('4');
    await clock.advance(1_000);
    sendings.get('4')!.end(anUnsent());
    await idle();
    expect(stop.reason).toMatchObject({ kind: 'stopped', reason: expect.stringContaining('away for 1 s') as string });
  });
});
