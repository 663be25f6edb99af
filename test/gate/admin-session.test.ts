import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AdminSession } from '../../src/gate/admin-session.js';
import type { Refusal } from '../../src/gate/admin-session.js';
import type { Login as AnyLogin, Session, SessionCheck } from '../../src/server/session.js';
import type { Sender } from '../../src/gate/admin-session.js';
import { RunStop } from '../../src/core/run-stop.js';
import { anAdministrator, anExchange } from '../support/builders.js';
import { defer } from '../support/defer.js';
import { idle, TestClock } from '../support/test-clock.js';
import { watch } from '../support/watch.js';

const STOP = { kind: 'interrupted', reason: 'interrupted by SIGINT' } as const;
/** What may have happened to a session that was given. */
const MADE_ELSEWHERE =
  'nother login as admin, by a person or another run, may be why: the session was made elsewhere. Make a new one (centagate-provision login), or let the run log in.';
const GIVEN: Session = { admin: 'admin', cenToken: 'given' };
type Login = AnyLogin<Session>;

interface WorldOptions {
  readonly given?: Session | undefined;
  readonly checks?: readonly (SessionCheck | Promise<SessionCheck>)[];
  /** `true`: each login opens another session. */
  readonly logins?: true | readonly (Login | Promise<Login>)[];
  /** HTTP status of each look, in turn; then 405. */
  readonly statuses?: readonly number[];
}

function aSession(username: string): Session {
  return { admin: 'admin', cenToken: username };
}

/** A session in a world where checks and logins say what the test says, in turn. */
function aWorld({ checks = [], logins, statuses = [], ...options }: WorldOptions = {}) {
  const looks = [...statuses];
  const given = 'given' in options ? options.given : GIVEN;
  const clock = new TestClock();
  const stop = new RunStop();
  const [asked, loggedIn]: [number[], number[]] = [[], []];
  const notes: string[] = [];
  const session = new AdminSession({
    clock,
    stop,
    maxOutageMs: 600_000,
    look: () => Promise.resolve(anExchange({ status: looks.shift() ?? 405 })),
    note: (text) => notes.push(text),
    given,
    administrator: anAdministrator(),
    checkSession: async () => {
      asked.push(clock.elapsedMs);
      const check = checks[asked.length - 1];
      if (check === undefined) throw new Error('nobody expected another session check');
      return check;
    },
    logIn:
      logins &&
      (async () => {
        loggedIn.push(clock.elapsedMs);
        if (logins === true) return { kind: 'opened', session: aSession(`login ${loggedIn.length}`) };
        const login = logins[loggedIn.length - 1];
        if (login === undefined) throw new Error('nobody expected another login');
        return login;
      }),
  });
  /** Passes as a row does, and stays under way. */
  const enter = async (row: Sender): Promise<Session> => {
    for (;;) {
      const held = session.hold(row);
      if (held === undefined) break;
      await held;
      if (stop.reason !== undefined) throw new Error('the run has stopped');
    }
    return session.admit();
  };
  const judge = (row: Sender, used: Session, isOldNews = false): Promise<Refusal> =>
    session.judge({ sender: row, session: used, isOldNews, detail: '401.' });
  /** One send of a row, answered at once. */
  const send = async (row: Sender, answer: 'accepted' | 'answered' | 'refused' | 'silence'): Promise<Refusal | ''> => {
    const used = await enter(row);
    session.release(row);
    if (answer === 'refused') return judge(row, used);
    if (answer !== 'silence') session.noteAnswer(used, answer === 'accepted');
    return '';
  };
  return { session, clock, stop, notes, asked, loggedIn, enter, judge, send };
}

function aRow(username = 'ann'): Sender {
  return { registration: { tokenType: 'otp', username } };
}

describe('with a session check', () => {
  test('session good: this row alone, as often as others are accepted between', async () => {
    const { send, stop } = aWorld({ checks: Array<SessionCheck>(30).fill('good') });
    for (let row = 0; row < 30; row += 1) {
      expect(await send(aRow(), 'refused')).toBe('row_alone');
      if (row % 5 === 0) await send(aRow(), 'answered');
    }
    expect(stop.reason).toBeUndefined();
  });

  test('session good, yet ten users in a row are refused: the right is gone, and the run stops', async () => {
    const { send, stop } = aWorld({ checks: Array<SessionCheck>(10).fill('good') });
    for (let row = 1; row < 10; row += 1) expect(await send(aRow(), 'refused')).toBe('row_alone');
    expect(await send(aRow(), 'refused')).toBe('stopped');
    expect(stop.reason?.reason).toBe(
      'the server refuses this administrator: the session is good, yet 10 users in a row were refused. 401.',
    );
  });

  test('users that an earlier run saw refused are no news: a rerun gets past them', async () => {
    const { judge, stop } = aWorld({ checks: Array<SessionCheck>(40).fill('good') });
    for (let row = 0; row < 40; row += 1) expect(await judge(aRow(), GIVEN, true)).toBe('row_alone');
    expect(stop.reason).toBeUndefined();
  });

  test.each([false, true])('session over, no login: the run stops, an earlier success (%s) or not', async (had) => {
    const { send, stop, asked } = aWorld({ checks: ['over'] });
    if (had) await send(aRow(), 'accepted');
    expect(await send(aRow(), 'refused')).toBe('stopped');
    expect(stop.reason).toEqual({
      kind: 'person',
      reason: `the server refuses this administrator: the session check says the session is over. 401. A${MADE_ELSEWHERE}`,
    });
    expect(asked).toHaveLength(1);
  });

  test('no usable answer: asked again after pauses, until there is one', async () => {
    const { judge, clock, asked } = aWorld({ checks: ['unclear', 'unclear', 'good'] });
    const judged = watch(judge(aRow(), GIVEN));
    await clock.advance(60_000);
    expect(judged.value).toBe('row_alone');
    expect(asked).toEqual([0, 1000, 3000]);
  });

  test('no usable answer at all: as if there were no session check', async () => {
    const { judge, clock, asked, stop } = aWorld({ checks: ['unclear', 'unclear', 'unclear'] });
    const judged = watch(judge(aRow(), GIVEN));
    await clock.advance(60_000);
    expect(judged.value).toBe('stopped');
    expect(asked).toHaveLength(3);
    expect(stop.reason?.reason).toContain('the session could not be checked');
  });

  test('while it is asked nobody passes', async () => {
    const check = defer<SessionCheck>();
    const { enter, judge } = aWorld({ checks: [check.promise] });
    void judge(aRow(), GIVEN);
    const passed = watch(enter(aRow('ben')));
    await idle();
    expect(passed).toEqual({});
    check.resolve('good');
    await idle();
    expect(passed.value).toBe(GIVEN);
  });

  test('there is one check at a time; rows that were refused meanwhile wait for another one', async () => {
    const checks = [defer<SessionCheck>(), defer<SessionCheck>()];
    const { judge, asked } = aWorld({ checks: checks.map(({ promise }) => promise) });
    const rows = Array.from({ length: 3 }, () => watch(judge(aRow(), GIVEN)));
    await idle();
    expect(asked).toHaveLength(1);
    checks[0]!.resolve('good');
    await idle();
    expect(rows.map(({ value }) => value)).toEqual(['row_alone', undefined, undefined]);
    expect(asked).toHaveLength(2);
    checks[1]!.resolve('over');
    await idle();
    expect(rows.map(({ value }) => value)).toEqual(['row_alone', 'stopped', 'stopped']);
    expect(asked).toHaveLength(2);
  });
});

describe('without a session check and without a login', () => {
  test('nothing answered yet: the run stops', async () => {
    const { send, stop } = aWorld({ checks: ['missing'] });
    expect(await send(aRow(), 'refused')).toBe('stopped');
    expect(stop.reason?.reason).toBe(
      `the server refuses this administrator: the session could not be checked. 401. If it has, a${MADE_ELSEWHERE}`,
    );
  });

  test('another row decides: accepted, and the session was good when this one was refused', async () => {
    const { send, session, stop } = aWorld({ checks: ['missing'] });
    const [ann, ben] = [aRow('ann'), aRow('ben')];
    await send(aRow(), 'accepted');
    expect(await send(ann, 'refused')).toBe('undecided');
    const decided = watch(session.untilDecided(ann));
    await send(ben, 'accepted');
    await idle();
    expect(decided.value).toBe('row_alone');
    expect(stop.reason).toBeUndefined();
    // Also when the word came before anybody waited for it.
    expect(await session.untilDecided(ann)).toBe('row_alone');
  });

  test('another row decides: refused as well, and the session is over for both', async () => {
    const { send, session, stop } = aWorld({ checks: ['missing', 'missing'] });
    const ann = aRow('ann');
    await send(aRow(), 'accepted');
    await send(ann, 'refused');
    const decided = watch(session.untilDecided(ann));
    expect(await send(aRow('ben'), 'refused')).toBe('stopped');
    await idle();
    expect(decided.value).toBe('stopped');
    expect(stop.reason?.reason).toContain('the session could not be checked');
  });

  test('until then one row sends at a time; one that gets no answer leaves it to the next', async () => {
    const { send, enter, session } = aWorld({ checks: ['missing'] });
    await send(aRow(), 'accepted');
    await send(aRow(), 'refused');
    const ben = aRow('ben');
    await enter(ben);
    const [eve, dan] = [watch(enter(aRow('eve'))), watch(enter(aRow('dan')))];
    await idle();
    expect([eve, dan]).toEqual([{}, {}]);
    session.release(ben);
    await idle();
    expect([eve, dan]).toEqual([{ value: GIVEN }, {}]);
    session.noteAnswer(GIVEN, true);
    await idle();
    expect(dan.value).toBe(GIVEN);
  });

  test('no other row comes: nothing has told, and the row does not wait for ever', async () => {
    const { send, session, clock, stop } = aWorld({ checks: ['missing', 'missing'] });
    const ann = aRow('ann');
    await send(aRow(), 'accepted');
    await send(ann, 'refused');
    const decided = watch(session.untilDecided(ann));
    await clock.advance(9_999);
    expect(decided).toEqual({});
    await clock.advance(1);
    expect(decided.value).toBe('unexplained');
    expect(stop.reason).toBeUndefined();
    // The question stays open.
    expect(await send(aRow('ben'), 'refused')).toBe('stopped');
  });

  test('what was under way when the row was refused ends first: it says nothing of what comes after', async () => {
    const { enter, judge, session, send } = aWorld({ checks: ['missing'] });
    const [ann, ben] = [aRow('ann'), aRow('ben')];
    await send(aRow(), 'accepted');
    await enter(ben);
    const judged = watch(judge(ann, GIVEN));
    await idle();
    expect(judged).toEqual({});
    session.release(ben);
    session.noteAnswer(GIVEN, true);
    await idle();
    expect(judged.value).toBe('undecided');
  });
});

describe('with a login', () => {
  test('there is none before a row wants to send', async () => {
    const { loggedIn, session } = aWorld({ given: undefined, logins: true });
    await idle();
    expect(loggedIn).toEqual([]);
    expect(await session.end()).toBeUndefined();
  });

  test('a hundred rows wait for the same one', async () => {
    const login = defer<Login>();
    const { enter, session, loggedIn } = aWorld({ given: undefined, logins: [login.promise] });
    const rows = Array.from({ length: 100 }, () => watch(session.ready().then(() => enter(aRow()))));
    await idle();
    expect(rows.every(({ value }) => value === undefined)).toBe(true);
    const opened = aSession('first');
    login.resolve({ kind: 'opened', session: opened });
    await idle();
    expect(new Set(rows.map(({ value }) => value))).toEqual(new Set([opened]));
    expect(loggedIn).toHaveLength(1);
    expect(await session.end()).toBe(opened);
  });

  test('a refused one is never tried again: the run stops with its reason', async () => {
    const logins = [{ kind: 'refused', reason: 'the password is wrong' }] as const;
    const { session, loggedIn, stop } = aWorld({ given: undefined, logins });
    await Promise.all(Array.from({ length: 100 }, () => session.ready()));
    expect(stop.reason).toEqual({ kind: 'person', reason: 'the password is wrong' });
    expect(loggedIn).toHaveLength(1);
    expect(await session.end()).toBeUndefined();
  });

  test('session over: what is under way ends, one login, and the same row is the first to send', async () => {
    const login = defer<Login>();
    const { enter, judge, session, loggedIn } = aWorld({ checks: ['over'], logins: [login.promise] });
    const [ann, ben, eve] = [aRow('ann'), aRow('ben'), aRow('eve')];
    await enter(ben);
    const [again, waits] = [watch(judge(ann, GIVEN)), watch(enter(eve))];
    await idle();
    expect(loggedIn).toEqual([]);
    session.release(ben);
    const old = watch(judge(ben, GIVEN));
    await idle();
    expect(loggedIn).toHaveLength(1);
    const opened = aSession('second');
    login.resolve({ kind: 'opened', session: opened });
    await idle();
    // The row that was refused with the old session costs no login of its own.
    expect([again.value, old.value, waits]).toEqual(['again', 'again', {}]);
    const benAgain = watch(enter(ben));
    expect(await enter(ann)).toBe(opened);
    await idle();
    expect([waits, benAgain]).toEqual([{}, {}]);
    session.release(ann);
    session.noteAnswer(opened, true);
    await idle();
    expect([waits.value, benAgain.value]).toEqual([opened, opened]);
    expect(loggedIn).toHaveLength(1);
  });

  test('the first send of the new session gets no answer: the others follow one at a time', async () => {
    const { send, enter, session } = aWorld({ checks: ['over'], logins: true });
    const ann = aRow('ann');
    expect(await send(ann, 'refused')).toBe('again');
    await send(ann, 'silence');
    const ben = aRow('ben');
    const used = await enter(ben);
    const eve = watch(enter(aRow('eve')));
    await idle();
    expect(eve).toEqual({});
    session.release(ben);
    session.noteAnswer(used, false);
    await idle();
    expect(eve.value).toBe(used);
  });

  test('refused again, and the new session is good: this row alone', async () => {
    const { send, stop, loggedIn } = aWorld({ checks: ['over', 'good'], logins: true });
    const ann = aRow('ann');
    await send(ann, 'refused');
    expect(await send(ann, 'refused')).toBe('row_alone');
    await send(aRow('ben'), 'accepted');
    expect(stop.reason).toBeUndefined();
    expect(loggedIn).toHaveLength(1);
  });

  test('refused again, and nobody can check: another row decides', async () => {
    const { send, session, loggedIn } = aWorld({ checks: ['missing', 'missing'], logins: true });
    const ann = aRow('ann');
    await send(ann, 'refused');
    expect(await send(ann, 'refused')).toBe('undecided');
    await send(aRow('ben'), 'accepted');
    expect(await session.untilDecided(ann)).toBe('row_alone');
    expect(loggedIn).toHaveLength(1);
  });

  test.each([
    ['a given one', GIVEN, 1],
    ['one of our own', undefined, 2],
  ])('a right that is gone from the start, with %s: the run stops after one or two logins', async (_, given, most) => {
    const { send, stop, clock, loggedIn } = aWorld({
      given,
      checks: Array<SessionCheck>(3).fill('over'),
      logins: true,
    });
    const ann = aRow('ann');
    // An own session was never proved good, and gets one successor too.
    expect(await send(ann, 'refused')).toBe('again');
    expect(await send(ann, 'refused')).toBe('stopped');
    expect(stop.reason?.reason).toBe(
      'the server refuses this administrator: after a new login, the session check says the session is over. 401. ' +
        'Another login as admin, by a person or another run, is most likely why: ' +
        `we logged in at ${new Date(clock.now()).toISOString()}, by process 12 on here. ` +
        'Give each job an administrator of its own, or one session to share (--auth-token-file).',
    );
    expect(loggedIn).toHaveLength(most);
  });

  test('without an accepted registration between there are never more than two', async () => {
    const { send, stop, loggedIn } = aWorld({ checks: Array<SessionCheck>(9).fill('over'), logins: true });
    const ann = aRow('ann');
    for (let death = 0; death < 2; death += 1) {
      expect(await send(ann, 'refused')).toBe('again');
      // An answer, but no registration: "user not found".
      await send(ann, 'answered');
    }
    expect(await send(ann, 'refused')).toBe('stopped');
    expect(stop.reason?.kind).toBe('person');
    expect(loggedIn).toHaveLength(2);
  });

  test('a session that dies again and again costs one login for each death', async () => {
    const { send, stop, loggedIn } = aWorld({ checks: Array<SessionCheck>(50).fill('over'), logins: true });
    for (let death = 0; death < 50; death += 1) {
      const ann = aRow(`user ${death}`);
      expect(await send(ann, 'refused')).toBe('again');
      await send(ann, 'accepted');
    }
    expect(stop.reason).toBeUndefined();
    expect(loggedIn).toHaveLength(50);
  });

  test('the end waits for a login that is under way, and gives its session', async () => {
    const login = defer<Login>();
    const { session, stop } = aWorld({ given: undefined, logins: [login.promise] });
    void session.ready();
    stop.stop(STOP);
    const ended = watch(session.end());
    await idle();
    expect(ended).toEqual({});
    const opened = aSession('late');
    login.resolve({ kind: 'opened', session: opened });
    await idle();
    expect(ended.value).toBe(opened);
  });

  test('a session that was given is not ours to end', async () => {
    expect(await aWorld({ logins: true }).session.end()).toBeUndefined();
  });
});

describe('a run that stops', () => {
  test('while a check waits: it asks no more', async () => {
    const { judge, stop, asked } = aWorld({ checks: ['unclear'] });
    const judged = watch(judge(aRow(), GIVEN));
    await idle();
    stop.stop(STOP);
    await idle();
    expect(judged.value).toBe('stopped');
    expect(asked).toHaveLength(1);
    expect(stop.reason).toEqual(STOP);
  });

  test('during a check: whatever that says, and nobody logs in', async () => {
    const check = defer<SessionCheck>();
    const { judge, stop, loggedIn } = aWorld({ checks: [check.promise], logins: true });
    const judged = watch(judge(aRow(), GIVEN));
    stop.stop(STOP);
    check.resolve('over');
    await idle();
    expect(judged.value).toBe('stopped');
    expect(loggedIn).toEqual([]);
  });

  test('while a row waits for another one to decide, for what is under way, or for its turn: it waits no more', async () => {
    const check = defer<SessionCheck>();
    const { session, stop, send, judge, enter, clock } = aWorld({ checks: ['missing', 'missing', check.promise] });
    const [ann, ben] = [aRow('ann'), aRow('ben')];
    await send(aRow(), 'accepted');
    await send(ann, 'refused');
    const undecided = watch(session.untilDecided(ann));
    await enter(ben);
    const judged = watch(judge(ben, GIVEN));
    const queued = watch(judge(aRow('eve'), GIVEN));
    const ready = watch(session.ready());
    await idle();
    expect([undecided, judged, queued, ready]).toEqual([{}, {}, {}, {}]);
    stop.stop(STOP);
    await idle();
    expect([undecided.value, judged.value, queued.value]).toEqual(['stopped', 'stopped', 'stopped']);
    expect(ready).toHaveProperty('value');
    expect(clock.pending).toBe(0);
  });

  test('nobody asks afterwards', async () => {
    const { judge, stop, asked } = aWorld();
    stop.stop(STOP);
    expect(await judge(aRow(), GIVEN)).toBe('stopped');
    expect(asked).toEqual([]);
  });
});

test('a check that throws is a bug and stops the run; nobody else is hurt', async () => {
  const check = defer<SessionCheck>();
  const { judge, session, stop } = aWorld({ checks: [check.promise] });
  const [judged, other, ready] = [watch(judge(aRow(), GIVEN)), watch(judge(aRow(), GIVEN)), watch(session.ready())];
  check.reject(new Error('oops'));
  await idle();
  expect([judged.value, other.value]).toEqual(['stopped', 'stopped']);
  expect(ready).toHaveProperty('value');
  expect(stop.reason?.kind).toBe('bug');
});

test('whatever the server does, at any concurrency: one login at a time, never three without a registration, an end', async () => {
  const anyEvent = fc.constantFrom('accepted', 'accepted', 'answered', 'silence', 'death', 'alone', 'revoked');
  const anyCheck = fc.constantFrom<SessionCheck | 'honest'>('honest', 'honest', 'missing', 'unclear');
  const property = fc.asyncProperty(
    fc.record({
      events: fc.array(anyEvent, { minLength: 1, maxLength: 60 }),
      checkKind: anyCheck,
      concurrency: fc.integer({ min: 1, max: 20 }),
      isGiven: fc.boolean(),
    }),
    async ({ events, checkKind, concurrency, isGiven }) => {
      const clock = new TestClock({ isAuto: true });
      const stop = new RunStop();
      const dead = new Set<Session>();
      let isRevoked = false;
      const log: ('login' | 'accepted')[] = [];
      let loginsAtOnce = 0;
      const pass = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
      const honest = (asked: Session): SessionCheck => (dead.has(asked) || isRevoked ? 'over' : 'good');
      const session = new AdminSession({
        clock,
        stop,
        maxOutageMs: 600_000,
        look: () => Promise.resolve(anExchange()),
        note: () => undefined,
        given: isGiven ? GIVEN : undefined,
        administrator: anAdministrator(),
        checkSession: async (asked) => {
          await pass(3);
          return checkKind === 'honest' ? honest(asked) : checkKind;
        },
        logIn: async () => {
          loginsAtOnce += 1;
          expect(loginsAtOnce).toBe(1);
          await pass(5);
          loginsAtOnce -= 1;
          log.push('login');
          if (session.current !== undefined) dead.add(session.current);
          return { kind: 'opened', session: aSession(`login ${log.length}`) };
        },
      });
      const queue = [...events];
      const sendRow = async (row: Sender, event: string): Promise<void> => {
        for (;;) {
          const held = session.hold(row);
          if (stop.reason !== undefined) return;
          if (held !== undefined) {
            await held;
            continue;
          }
          const used = session.admit();
          await pass(1 + log.length);
          session.release(row);
          if (event === 'death') dead.add(used);
          if (event === 'revoked') isRevoked = true;
          const isRefused = dead.has(used) || isRevoked || event === 'alone';
          if (!isRefused) {
            if (event === 'accepted') log.push('accepted');
            if (event !== 'silence') session.noteAnswer(used, event === 'accepted');
            return;
          }
          const refusal = await session.judge({ sender: row, session: used, isOldNews: false, detail: '401.' });
          if (refusal === 'undecided') await session.untilDecided(row);
          if (refusal !== 'again') return;
          // A death is one of its session: the row itself is as good as any.
          event = event === 'death' ? 'accepted' : event;
        }
      };
      const work = async (): Promise<void> => {
        for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
          if (stop.reason !== undefined) return;
          await sendRow(aRow(), event);
        }
      };
      await Promise.all(Array.from({ length: concurrency }, work));
      const between = log.join(' ').split('accepted');
      for (const part of between) expect(part.match(/login/g)?.length ?? 0).toBeLessThanOrEqual(2);
    },
  );
  await fc.assert(property, { numRuns: 300 });
});
