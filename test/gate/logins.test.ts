import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/server/exchange.js';
import type { Login as AnyLogin, Session } from '../../src/server/session.js';
import { Logins } from '../../src/gate/logins.js';
import { RunStop } from '../../src/core/run-stop.js';
import { anAdministrator, anExchange } from '../support/builders.js';
import { TestClock } from '../support/test-clock.js';

type Login = AnyLogin<Session>;

const OPENED: Login = { kind: 'opened', session: { admin: 'admin', cenToken: 'token' } };
const REFUSED: Login = { kind: 'refused', reason: 'the password is wrong.' };
const UNSENT: Login = { kind: 'failed', hasLeft: false, reason: 'the login failed: no connection' };
const SEEN: Login = { kind: 'failed', hasLeft: true, reason: 'the login failed: no answer' };
const THERE = anExchange({ status: 405 });
const AWAY: Exchange = { kind: 'cut', why: 'no whole reply within 30 s' };

interface Script {
  /** What logins come to, in turn; the last one for ever. */
  readonly logins: readonly Login[];
  /** What looks find, in turn; then a server at work. */
  readonly looks?: readonly Exchange[];
  readonly maxOutageMs?: number;
  /** Why another run keeps this one from logging in. */
  readonly taken?: string;
}

function someLogins({ logins, looks = [], maxOutageMs = 600_000, taken }: Script) {
  const clock = new TestClock({ isAuto: true });
  const stop = new RunStop();
  const log: { readonly what: 'login' | 'look'; readonly at: number }[] = [];
  const notes: string[] = [];
  const count = (what: 'login' | 'look'): number => log.filter((entry) => entry.what === what).length;
  const made = new Logins({
    ...{ clock, stop, maxOutageMs, note: (text) => notes.push(text) },
    administrator: anAdministrator({ reserve: () => Promise.resolve(taken) }),
    look: () => {
      log.push({ what: 'look', at: clock.elapsedMs });
      return Promise.resolve(looks[count('look') - 1] ?? THERE);
    },
    logIn: () => {
      log.push({ what: 'login', at: clock.elapsedMs });
      return Promise.resolve(logins[Math.min(count('login'), logins.length) - 1] ?? UNSENT);
    },
  });
  return { made, clock, stop, log, notes };
}

describe('a login', () => {
  test('that opens a session is the only one', async () => {
    const { made, log, notes } = someLogins({ logins: [OPENED] });
    expect(await made.open()).toMatchObject({ cenToken: 'token' });
    expect([log.length, notes]).toEqual([1, []]);
  });

  test('of another run on this machine is not ended by ours: none is made', async () => {
    const { made, stop, log } = someLogins({ logins: [OPENED], taken: 'another run holds the session' });
    expect(await made.open()).toBeUndefined();
    expect(stop.reason).toEqual({ kind: 'locked', reason: 'another run holds the session' });
    expect([log.length, made.areLeft]).toEqual([0, true]);
  });

  test('that is refused is never tried again: the run stops with its reason', async () => {
    const { made, stop, log } = someLogins({ logins: [REFUSED] });
    expect(await made.open()).toBeUndefined();
    expect(stop.reason).toEqual({ kind: 'person', reason: 'the password is wrong.' });
    expect(log).toHaveLength(1);
  });

  test('that never left is made as soon as a look finds the server, with growing pauses before; nothing has counted', async () => {
    const looks = [AWAY, AWAY, anExchange({ status: 503 }), anExchange({ status: 502 }), THERE];
    const { made, log, notes } = someLogins({ logins: [UNSENT, OPENED], looks });
    expect(await made.open()).toBeDefined();
    expect(log.map(({ what, at }) => `${what} ${at / 1000}`)).toEqual([
      ...['login 0', 'look 1', 'look 3', 'look 7', 'look 15', 'look 31', 'login 31'],
    ]);
    expect(notes).toEqual(['the login failed: no connection: waiting for the server, at most 600 s']);
    expect(made.areLeft).toBe(true);
  });

  test('that the server may have seen is followed by one more, and only at a server that is at work', async () => {
    const { made, stop, log } = someLogins({ logins: [SEEN], looks: [AWAY, AWAY] });
    expect(await made.open()).toBeUndefined();
    expect(log.map(({ what }) => what)).toEqual(['login', 'look', 'look', 'look', 'login']);
    expect(stop.reason?.reason).toBe(
      'the login failed: no answer. A third login could lock the account: see that the server is well, then rerun',
    );
    expect(made.areLeft).toBe(false);
  });

  test('waits as long as the server asks before the next one, five minutes at most', async () => {
    for (const [retryAfterMs, waitedMs] of [
      [42_000, 42_000],
      [86_400_000, 300_000],
    ] as const) {
      const { made, log } = someLogins({ logins: [{ ...SEEN, retryAfterMs }, OPENED] });
      expect(await made.open()).toBeDefined();
      expect(log.at(-1)).toEqual({ what: 'login', at: waitedMs });
    }
  });

  test('counts no more once a registration was accepted', async () => {
    const { made } = someLogins({ logins: [SEEN, OPENED] });
    await made.open();
    expect(made.areLeft).toBe(false);
    made.noteAccepted();
    expect(made.areLeft).toBe(true);
  });
});

describe('a server that stays away', () => {
  test.each([
    { what: 'nobody finds it', looks: Array<Exchange>(100).fill(AWAY), least: 1, most: 1 },
    { what: 'looks find it, and no login gets there', looks: [], least: 20, most: 30 },
  ])('ends the run after --max-outage: $what', async ({ looks, least, most }) => {
    const { made, stop, clock, log } = someLogins({ logins: [UNSENT], looks });
    expect(await made.open()).toBeUndefined();
    expect(stop.reason).toEqual({
      kind: 'stopped',
      reason: 'the login failed: no connection (waited 600 s): see that the server is there, then rerun',
    });
    expect(clock.elapsedMs).toBe(600_000);
    const logins = log.filter(({ what }) => what === 'login').length;
    expect(logins).toBeGreaterThanOrEqual(least);
    expect(logins).toBeLessThanOrEqual(most);
  });

  test('is not waited for when nobody wants to', async () => {
    const { made, stop, log, notes } = someLogins({ logins: [UNSENT], maxOutageMs: 0 });
    await made.open();
    expect([log.length, notes]).toEqual([1, []]);
    expect(stop.reason?.reason).toContain('see that the server is there');
  });

  test('is not waited for when the run has stopped', async () => {
    const { made, stop, log } = someLogins({ logins: [UNSENT], looks: [AWAY] });
    const opening = made.open();
    stop.stop({ kind: 'interrupted', reason: 'interrupted by SIGINT' });
    expect(await opening).toBeUndefined();
    expect(stop.reason?.kind).toBe('interrupted');
    expect(log).toHaveLength(1);
  });
});

test('whatever logins come to, no more than two that may count follow each other, and it ends', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.constantFrom(OPENED, REFUSED, UNSENT, UNSENT, SEEN, SEEN), { minLength: 1, maxLength: 12 }),
    fc.array(fc.constantFrom<Exchange>(AWAY, THERE), { maxLength: 20 }),
    async (logins, looks) => {
      const { made, stop, clock, log } = someLogins({ logins, looks });
      while (stop.reason === undefined && made.areLeft) await made.open();
      const met = log.filter(({ what }) => what === 'login').map((_, at) => logins[Math.min(at, logins.length - 1)]);
      expect(met.filter((login) => login !== UNSENT).length).toBeLessThanOrEqual(2);
      expect(met.slice(0, -1)).not.toContain(REFUSED);
      expect(clock.elapsedMs).toBeLessThanOrEqual(3 * 600_000);
    },
  );
  await fc.assert(property, { numRuns: 200 });
});
