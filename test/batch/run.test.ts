import { registering } from '../../src/batch/straight-life.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exitCodeOf } from '../../src/core/exit-code.js';
import { InputError } from '../../src/core/input-error.js';
import type { Plan, PlannedRow } from '../../src/plan/planned-row.js';
import type { Reply } from '../../src/row/reply.js';
import { settleUnsent } from '../../src/row/settlement.js';
import type { Settlement } from '../../src/row/settlement.js';
import { StateError } from '../../src/core/state-error.js';
import type { SessionCheck } from '../../src/server/session.js';
import { FailureLimit, parseMostFailures } from '../../src/batch/failure-limit.js';
import type { PaceLimits } from '../../src/gate/pace.js';
import { run } from '../../src/batch/run.js';
import type { RunEdges } from '../../src/batch/run.js';
import type { EndedRow } from '../../src/report/summary.js';
import { aRowWorld } from '../support/row-world.js';
import type { ScriptedSend } from '../support/row-world.js';
import { idle, START_MS, TestClock } from '../support/test-clock.js';

const OK: Reply = { kind: 'answer', httpStatus: 200, code: '0', message: '', key: { text: 'k', bare: false } };
const SILENCE: Reply = { kind: 'unanswered', why: 'the connection was reset' };
const UNSENT: Reply = { kind: 'unsent', why: 'the connection was refused' };
const aStatus = (httpStatus: number): Reply => ({ kind: 'status', httpStatus, retryAfterMs: undefined });
const aCode = (code: string): Reply => ({ kind: 'answer', httpStatus: 200, code, message: '', key: undefined });

const DONE: Settlement = { ...settleUnsent('registered', ''), attempts: 1, sentAt: START_MS };
const IN_DOUBT: Settlement = { ...settleUnsent('unknown', 'no answer'), attempts: 1, sentAt: START_MS };

const carry = (settlement: Settlement): Plan => ({ kind: 'carry', settlement });
const register = (past?: Settlement): Plan => ({
  kind: 'register',
  registration: { tokenType: 'otp', username: 'ann' },
  past,
});

async function* planned(plans: readonly Plan[], error?: Error): AsyncGenerator<PlannedRow> {
  for (const [index, plan] of plans.entries()) {
    const username = `user ${index}`;
    const own: Plan = plan.kind === 'register' ? { ...plan, registration: { ...plan.registration, username } } : plan;
    yield await Promise.resolve({ line: index + 2, cells: [username, 'otp'], plan: own });
  }
  if (error !== undefined) throw error;
}

interface WorldOptions {
  readonly sends?: readonly ScriptedSend[];
  readonly session?: readonly SessionCheck[];
  readonly concurrency?: number;
  readonly writeRow?: (row: EndedRow) => void;
  readonly clock?: TestClock;
  readonly maxAttempts?: number;
  readonly pace?: Partial<PaceLimits>;
  readonly maxFailures?: string;
}

function aWorld(options: WorldOptions = {}) {
  const world = aRowWorld({ maxAttempts: 2, ...options });
  const written: EndedRow[] = [];
  let shown = 0;
  let told = 0;
  const edges: RunEdges = {
    stop: world.stop,
    endRow: registering(world.edges),
    concurrency: options.concurrency ?? 4,
    failures: new FailureLimit(parseMostFailures(options.maxFailures)),
    writeRow: (row) => {
      options.writeRow?.(row);
      written.push(row);
    },
    showProgress: () => (shown += 1),
    onWindowFull: () => (told += 1),
  };
  return { ...world, edges, written, counts: () => ({ shown, told }) };
}

describe('the batch', () => {
  test('whoever only looks on can throw what he likes: every row comes out, and the run ends as one with a bug', async () => {
    const world = aWorld({ sends: [OK, OK, OK], concurrency: 1 });
    const showProgress = (): void => {
      throw new TypeError('a look too many');
    };
    const summary = await run(planned([register(), carry(DONE), register()]), { ...world.edges, showProgress });
    expect(world.written.map(({ row }) => row.line)).toEqual([2, 3, 4]);
    expect(summary.stop).toMatchObject({ kind: 'bug', reason: expect.stringContaining('a look too many') as string });
    expect(exitCodeOf(summary)).toBe(70);
  });

  test('every row comes out once, in its order, counted and shown', async () => {
    const world = aWorld({ sends: [SILENCE, OK, OK] });
    const plans = [register(), carry(DONE), register(), { kind: 'settle', settlement: settleUnsent('invalid', 'x') }];
    const summary = await run(planned(plans as Plan[]), world.edges);
    expect(world.written.map(({ row }) => row.line)).toEqual([2, 3, 4, 5]);
    expect(summary).toMatchObject({
      rows: 4,
      carried: 1,
      sends: 3,
      byOutcome: { registered: 3, invalid: 1 },
      byRetry: { no: 3, fix: 1, yes: 0 },
      stop: undefined,
    });
    expect(world.counts()).toEqual({ shown: 4, told: 0 });
  });

  test('a row that is carried unfinished needs another run, and is not counted as carried', async () => {
    const world = aWorld();
    const summary = await run(planned([carry(IN_DOUBT)]), world.edges);
    expect(summary).toMatchObject({ carried: 0, sends: 0, byRetry: { yes: 1 } });
    expect(world.written[0]!.settlement).toEqual(IN_DOUBT);
  });

  test('sends are those of this run, also of a row with a history', async () => {
    const world = aWorld({ sends: [SILENCE, SILENCE] });
    const summary = await run(planned([register(IN_DOUBT)]), world.edges);
    expect(world.written[0]!.settlement.attempts).toBe(3);
    expect(summary.sends).toBe(2);
  });

  test('a registration without a key is counted', async () => {
    const world = aWorld({ sends: [aCode('0'), OK] });
    const summary = await run(planned([register(), register()]), world.edges);
    expect(summary.withoutKey).toBe(1);
  });

  test('no rows at all are a run too', async () => {
    expect(await run(planned([]), aWorld().edges)).toMatchObject({ rows: 0, stop: undefined });
  });
});

describe('a run that stops', () => {
  test('reads on without sending: all rows come out', async () => {
    const world = aWorld({ sends: [aCode('27001')], concurrency: 1 });
    const plans = [register(), carry(DONE), register(), register(IN_DOUBT)];
    const oneByOne = async function* (): AsyncGenerator<PlannedRow> {
      for await (const row of planned(plans)) {
        yield row;
        await idle();
      }
    };
    const summary = await run(oneByOne(), world.edges);
    expect(world.written.map(({ settlement }) => settlement.outcome)).toEqual([
      'unavailable',
      'registered',
      'not_sent',
      'unknown',
    ]);
    expect(summary.stop?.kind).toBe('person');
    expect(exitCodeOf(summary)).toBe(6);
    expect(world.sent).toHaveLength(1);
    // Nor does it note anything of rows whose turn never came.
    expect(world.entries.map(({ type }) => type)).toEqual(['intent', 'settled']);
  });

  test.each([1, 2, 16])(
    'session over: no more is sent after the first such reply than was in flight (%i slots)',
    async (concurrency) => {
      // Each send is answered in a later moment than the one before: all slots are full when the first answer comes.
      const clock = new TestClock();
      let inFlight = 0;
      let sentAfter = 0;
      let isRefused = false;
      const send = (): Promise<Reply> => {
        if (isRefused) sentAfter += 1;
        inFlight += 1;
        return new Promise((resolve) => {
          clock.after(10 * inFlight, () => {
            isRefused = true;
            resolve(aStatus(401));
          });
        });
      };
      const world = aWorld({ clock, sends: Array(200).fill(send), session: ['over'], concurrency });
      world.gate.leads.prove('otp');
      const done = run(planned(Array<Plan>(200).fill(register())), world.edges);
      await clock.advance(60_000);
      const summary = await done;
      expect(sentAfter).toBe(0);
      expect(world.sent).toHaveLength(concurrency);
      expect(world.log.filter((event) => event === 'session check')).toHaveLength(1);
      expect(summary.byOutcome).toMatchObject({ unavailable: concurrency, not_sent: 200 - concurrency });
    },
  );

  test('no such endpoint and nothing succeeded yet: one row alone is sent', async () => {
    const world = aWorld({ sends: Array(200).fill(aStatus(404)) as Reply[], concurrency: 16 });
    const summary = await run(planned(Array<Plan>(200).fill(register())), world.edges);
    expect(world.sent).toHaveLength(1);
    expect(summary).toMatchObject({ rows: 200, stop: { kind: 'person' } });
  });

  test('one user that this administrator may not touch does not stop the others', async () => {
    const world = aWorld({ sends: [OK, aStatus(403), OK, OK], session: ['good'], concurrency: 1 });
    const summary = await run(planned(Array<Plan>(4).fill(register())), world.edges);
    expect(summary).toMatchObject({ byOutcome: { registered: 3, refused: 1 }, stop: undefined });
  });

  test('one throwing row never leaves others in flight unaccounted', async () => {
    const clock = new TestClock({ isAuto: true });
    const oops = (): Promise<Reply> =>
      new Promise((_, reject) => clock.after(1000, () => reject(new TypeError('oops'))));
    const slowly = (): Promise<Reply> => new Promise((resolve) => clock.after(5000, () => resolve(OK)));
    const world = aWorld({ clock, sends: [slowly, oops, slowly], concurrency: 3 });
    world.gate.leads.prove('otp');
    const summary = await run(planned(Array<Plan>(50).fill(register())), world.edges);
    expect(world.written).toHaveLength(50);
    expect(summary.byOutcome).toMatchObject({ registered: 2, unknown: 1, not_sent: 47 });
    expect(exitCodeOf(summary)).toBe(70);
  });

  test('at any moment: every row comes out once, in its order, and says no more than is known', async () => {
    const anyPlan = fc.constantFrom<Plan>(register(), register(IN_DOUBT), carry(DONE), register(), register());
    const anySend = fc.record({ reply: fc.constantFrom(OK, SILENCE, UNSENT, aCode('22002')), delayMs: fc.nat(3000) });
    const property = fc.asyncProperty(
      fc.array(anyPlan, { maxLength: 30 }),
      fc.array(anySend, { minLength: 60, maxLength: 60 }),
      fc.nat(6000),
      async (plans, sends, stopAtMs) => {
        const clock = new TestClock({ isAuto: true });
        const replies: Reply[] = [];
        const scripts = sends.map(({ reply, delayMs }) => async (): Promise<Reply> => {
          await new Promise<void>((resolve) => clock.after(delayMs, resolve));
          replies.push(reply);
          return reply;
        });
        const world = aWorld({ clock, sends: scripts, concurrency: 3 });
        let sentBefore = Infinity;
        clock.after(stopAtMs, () => {
          sentBefore = world.sent.length;
          world.stop.stop({ kind: 'interrupted', reason: 'interrupted by SIGINT' });
        });
        const summary = await run(planned(plans), world.edges);

        expect(world.written.map(({ row }) => row.line)).toEqual(plans.map((_, index) => index + 2));
        expect(world.sent.length).toBeLessThanOrEqual(sentBefore);
        expect(summary.rows).toBe(plans.length);
        expect(summary.sends).toBe(replies.filter((reply) => reply !== UNSENT).length);
        expect(summary.byOutcome.registered - summary.carried).toBe(replies.filter((reply) => reply === OK).length);
        for (const [at, { settlement }] of world.written.entries()) {
          const plan = plans[at];
          if (plan?.kind !== 'register') continue;
          const wasInDoubt = plan.past !== undefined;
          const sends = settlement.attempts - (plan.past?.attempts ?? 0);
          if (settlement.outcome === 'not_sent') expect([sends, wasInDoubt]).toEqual([0, false]);
          if (settlement.outcome === 'unavailable') expect([sends, wasInDoubt]).toEqual([0, false]);
          if (settlement.outcome === 'unknown') expect(sends > 0 || wasInDoubt).toBe(true);
          if (wasInDoubt) expect(['unknown', 'registered', 'refused']).toContain(settlement.outcome);
        }
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });
});

describe('an input that breaks', () => {
  const broken = new InputError('users.csv', 4, 'a quote is never closed');

  test('before anything was sent: it is thrown', async () => {
    await expect(run(planned([carry(DONE)], broken), aWorld().edges)).rejects.toBe(broken);
    await expect(run(planned([register()], broken), aWorld({ sends: [UNSENT, UNSENT] }).edges)).rejects.toBe(broken);
  });

  test('after a send: what was read comes out, and the run says from where on nothing was read', async () => {
    const world = aWorld({ sends: [OK, SILENCE, SILENCE] });
    const summary = await run(planned([register(), register()], broken), world.edges);
    expect(world.written.map(({ settlement }) => settlement.outcome)).toEqual(['registered', 'unknown']);
    expect(summary.stop).toEqual({
      kind: 'stopped',
      reason: 'users.csv:4: a quote is never closed. Nothing was read from line 4 on.',
    });
    expect(exitCodeOf(summary)).toBe(4);
  });

  test('after the run had stopped for something else: both are said, the first one decides how it ends', async () => {
    const world = aWorld({ sends: [aCode('27001')] });
    world.gate.leads.prove('otp');
    const summary = await run(planned([register()], broken), world.edges);
    expect(summary.stop?.reason).toMatch(/return code 27001 .*users\.csv:4: .*Nothing was read from line 4 on\.$/);
  });

  test('any other error of the plan is a bug: thrown when what was started has ended', async () => {
    const world = aWorld({ sends: [SILENCE, OK] });
    await expect(run(planned([register()], new TypeError('oops')), world.edges)).rejects.toThrow('oops');
    expect(world.written).toHaveLength(1);
  });
});

describe('results that can not be written', () => {
  const full = new StateError('users.results.csv', Object.assign(new Error('no space'), { code: 'ENOSPC' }));

  test('stop the run: nothing more is sent, what is in flight ends, and the error is thrown', async () => {
    const clock = new TestClock();
    const slowly = (): Promise<Reply> => new Promise((resolve) => clock.after(5000, () => resolve(SILENCE)));
    const writeRow = (): never => {
      throw full;
    };
    // The first row's slot goes to the fourth one before its result is written.
    const world = aWorld({ clock, sends: [OK, slowly, slowly, slowly], concurrency: 3, writeRow });
    const done = run(planned(Array<Plan>(50).fill(register())), world.edges).catch((error: unknown) => error);
    await idle();
    expect(world.stop.reason).toEqual({ kind: 'stopped', reason: full.message });
    await clock.advance(60_000);
    expect(await done).toBe(full);
    expect(world.sent).toHaveLength(4);
    expect(world.entries.filter(({ type }) => type === 'settled').length).toBeGreaterThanOrEqual(4);
  });

  test('for a reason that nobody foresaw are a bug', async () => {
    const writeRow = (): never => {
      throw new TypeError('oops');
    };
    const world = aWorld({ sends: [OK], writeRow });
    await expect(run(planned([register()]), world.edges)).rejects.toThrow('oops');
    expect(world.stop.reason?.kind).toBe('bug');
  });
});

describe('a run that is clearly wrong', () => {
  test('stops when more rows fail than may: no more is sent than was under way, all rows come out', async () => {
    const clock = new TestClock({ isAuto: true });
    const slowly = (reply: Reply) => () => new Promise<Reply>((resolve) => clock.after(100, () => resolve(reply)));
    const sends = [OK, aCode('22002'), aCode('22002'), OK].map(slowly);
    const world = aWorld({ clock, sends, concurrency: 1, maxFailures: '1' });
    const summary = await run(planned(Array<Plan>(20).fill(register())), world.edges);
    // The slot goes to the next row while the one that is too many is noted.
    expect(world.sent).toHaveLength(4);
    expect(summary.stop?.reason).toContain('2 of 3 rows failed, more than --max-failures 1 allows');
    expect(summary.byOutcome).toMatchObject({ registered: 2, refused: 2, not_sent: 16 });
    expect(exitCodeOf(summary)).toBe(4);
  });

  test('rows that were done before are none of its rows', async () => {
    const world = aWorld({ sends: [OK], maxFailures: '0' });
    const summary = await run(planned([carry(IN_DOUBT), register()]), world.edges);
    expect(summary.stop).toBeUndefined();
  });
});

describe('a server that is away', () => {
  /** It refuses connections between these two moments. */
  function anAwayWorld(fromMs: number, toMs: number, maxOutageMs = 600_000) {
    const clock = new TestClock({ isAuto: true });
    let [underWay, most] = [0, 0];
    const sentAt: number[] = [];
    const send = async (): Promise<Reply> => {
      const isAway = clock.elapsedMs >= fromMs && clock.elapsedMs < toMs;
      if (isAway) sentAt.push(clock.elapsedMs);
      underWay += 1;
      if (isAway && clock.elapsedMs > fromMs + 1000) most = Math.max(most, underWay);
      await new Promise<void>((resolve) => clock.after(100, resolve));
      underWay -= 1;
      return isAway ? UNSENT : OK;
    };
    const sends = Array<() => Promise<Reply>>(2000).fill(send);
    const pace = { concurrency: 8, maxOutageMs };
    return { ...aWorld({ clock, sends, concurrency: 8, maxAttempts: 4, pace }), sentAt, most: () => most };
  }

  test('for a minute in the middle: all rows end right, with one probe at a time meanwhile', async () => {
    const world = anAwayWorld(1_000, 61_000);
    const summary = await run(planned(Array<Plan>(300).fill(register())), world.edges);
    expect(summary.byOutcome).toMatchObject({ registered: 300 });
    expect(world.most()).toBe(1);
    expect(world.sentAt.length).toBeLessThanOrEqual(8 + 7);
    expect(world.notes.filter((note) => note.startsWith('the server is'))).toHaveLength(2);
  });

  test('for too long: the run stops, and no row is called sent that was not', async () => {
    const world = anAwayWorld(1_000, Infinity, 60_000);
    const summary = await run(planned(Array<Plan>(300).fill(register())), world.edges);
    expect(exitCodeOf(summary)).toBe(4);
    expect(summary.stop?.reason).toContain('the server was away for');
    const { registered, unavailable, not_sent } = summary.byOutcome;
    expect(registered + unavailable + not_sent).toBe(300);
    expect(summary.sends).toBe(registered);
  });
});
