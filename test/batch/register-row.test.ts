import { describe, expect, test } from 'vitest';
import type { JournalEntry } from '../../src/record/journal-entry.js';
import type { Registration } from '../../src/row/registration.js';
import type { Reply } from '../../src/row/reply.js';
import type { Session } from '../../src/server/session.js';
import type { Settlement } from '../../src/row/settlement.js';
import { StateError } from '../../src/core/state-error.js';
import { registerRow } from '../../src/batch/register-row.js';
import { endUnreached } from '../../src/batch/row-attempt.js';
import { defer } from '../support/defer.js';
import { aRowWorld, GIVEN, SIGNATURE } from '../support/row-world.js';
import type { RowWorldOptions } from '../support/row-world.js';
import { comeTo } from '../support/sending.js';
import { idle, START_MS, TestClock } from '../support/test-clock.js';

const OTP: Registration = { tokenType: 'otp', username: 'ann' };
const PKI: Registration = {
  tokenType: 'pki',
  username: 'ben',
  signaturePath: 'ben.p7s',
  status: '2',
  algorithm: undefined,
};

function anAnswer(code: string, key?: string): Reply {
  return {
    kind: 'answer',
    httpStatus: 200,
    code,
    message: `message of ${code}`,
    key: key === undefined ? undefined : { text: key, bare: false },
  };
}
const aStatus = (httpStatus: number, retryAfterMs?: number): Reply => ({ kind: 'status', httpStatus, retryAfterMs });
const SILENCE: Reply = { kind: 'unanswered', why: 'the connection was reset' };
const UNSENT: Reply = { kind: 'unsent', why: 'the connection was refused' };
const EMPTY: Reply = { kind: 'unreadable', httpStatus: 200, why: 'the reply is empty' };

function aPast(changes: Partial<Settlement> = {}): Settlement {
  return {
    outcome: 'refused',
    returnCode: '22002',
    message: 'User not found',
    httpStatus: 200,
    attempts: 2,
    sentAt: START_MS - 60_000,
    latencyMs: 5,
    detail: 'Correct the username, or create the user, then rerun.',
    ...changes,
  };
}
const IN_DOUBT = aPast({ outcome: 'unknown', returnCode: '', message: '', httpStatus: undefined, detail: 'no answer' });

/** Registers one row in a world of its own. */
async function register(options: RowWorldOptions, past?: Settlement, registration = OTP) {
  const world = aRowWorld(options);
  const settlement = await registerRow({ registration, past }, world.edges, world.slot);
  return { ...world, settlement };
}

function fullDisk(): never {
  throw new StateError('users.journal', Object.assign(new Error('no space'), { code: 'ENOSPC' }));
}

describe('what becomes of a row', () => {
  test.each<[string, Registration, Reply[], Partial<Settlement>]>([
    ['code 0', PKI, [anAnswer('0')], { outcome: 'registered', returnCode: '0', attempts: 1 }],
    ['code 0 with a key', OTP, [anAnswer('0', 'secret')], { outcome: 'registered', detail: '' }],
    ['22027', PKI, [anAnswer('22027')], { outcome: 'already_registered', attempts: 1 }],
    ['29008', OTP, [anAnswer('29008')], { outcome: 'already_registered' }],
    ['29008 after silence', OTP, [SILENCE, anAnswer('29008')], { outcome: 'key_lost', attempts: 2 }],
    ['22027 after silence', PKI, [SILENCE, anAnswer('22027')], { outcome: 'already_registered', attempts: 2 }],
    ['a final no', OTP, [anAnswer('22002')], { outcome: 'refused', message: 'message of 22002' }],
    ['a final no after silence', OTP, [SILENCE, anAnswer('22002')], { outcome: 'refused', attempts: 2 }],
    ['an unlisted code', OTP, [anAnswer('4711')], { outcome: 'refused', returnCode: '4711' }],
    ['never left', OTP, [UNSENT, UNSENT, UNSENT, UNSENT], { outcome: 'unavailable', attempts: 0, sentAt: undefined }],
    ['never left, then code 0', OTP, [UNSENT, anAnswer('0', 'k')], { outcome: 'registered', attempts: 1 }],
    ['silence', OTP, [SILENCE, SILENCE, SILENCE, SILENCE], { outcome: 'unknown', attempts: 4 }],
    ['no JSON', OTP, [aStatus(503), ...Array<Reply>(3).fill(EMPTY)], { outcome: 'unknown', httpStatus: 200 }],
    ['503', OTP, [503, 503, 503, 503].map((status) => aStatus(status)), { outcome: 'unknown', httpStatus: 503 }],
    ['429, then code 0', OTP, [...Array<Reply>(9).fill(aStatus(429)), anAnswer('0', 'k')], { outcome: 'registered' }],
    ['a temporary code, then code 0', PKI, [anAnswer('10004'), anAnswer('0')], { outcome: 'registered', attempts: 2 }],
    ['10003 twice', PKI, [anAnswer('10003'), anAnswer('10003')], { outcome: 'unknown', attempts: 2 }],
    ['pending approval', OTP, [anAnswer('22029')], { outcome: 'unavailable', returnCode: '22029' }],
  ])('%s', async (...[, registration, sends, expected]) => {
    const { settlement, sent, stop } = await register({ sends }, undefined, registration);
    expect(settlement).toMatchObject(expected);
    expect(sent).toHaveLength(sends.length);
    expect(stop.reason).toBeUndefined();
  });

  test('a row that was in doubt stays so until something settles it', async () => {
    const unsent = await register({ sends: [UNSENT, UNSENT], maxAttempts: 2 }, IN_DOUBT);
    expect(unsent.settlement).toMatchObject({ outcome: 'unknown', attempts: 2 });
    const already = await register({ sends: [anAnswer('29008')] }, IN_DOUBT);
    expect(already.settlement).toMatchObject({ outcome: 'key_lost', attempts: 3 });
    const done = await register({ sends: [anAnswer('0', 'k')] }, IN_DOUBT);
    expect(done.settlement).toMatchObject({ outcome: 'registered', attempts: 3 });
  });

  test('attempts and the last send count over all runs', async () => {
    const { settlement } = await register({ sends: [anAnswer('22002')] }, aPast());
    expect(settlement).toMatchObject({ attempts: 3, sentAt: START_MS, latencyMs: 7 });
  });

  test('each try is a send of its own, stamped when it leaves, with growing pauses', async () => {
    const clock = new TestClock({ isAuto: true, randoms: Array<number>(10).fill(0.99) });
    const { sent } = await register({ clock, sends: [SILENCE, SILENCE, SILENCE, anAnswer('0')] }, undefined, PKI);
    const pauses = sent.slice(1).map(({ at }, index) => at - sent[index]!.at);
    expect(pauses).toEqual([495, 990, 1980]);
  });

  test('503 makes everybody wait, and so does 429 with its Retry-After', async () => {
    for (const status of [aStatus(503, 20_000), aStatus(429, 20_000)]) {
      const { sent, stop } = await register({ sends: [status, anAnswer('0', 'k')] });
      expect(sent[1]!.at - sent[0]!.at).toBeGreaterThanOrEqual(20_000);
      expect(stop.reason).toBeUndefined();
    }
    const clock = new TestClock();
    const world = aRowWorld({ clock, sends: [aStatus(429, 20_000), anAnswer('0', 'k')] });
    const done = registerRow({ registration: OTP, past: undefined }, world.edges, world.slot);
    await idle();
    const other = comeTo(world.gate, { registration: PKI });
    await clock.advance(19_999);
    expect(other.session).toBeUndefined();
    await clock.advance(60_000);
    await done;
    expect(other.session).toBe(GIVEN);
  });

  test('another failure makes only its own row wait', async () => {
    const world = aRowWorld({ clock: new TestClock(), sends: [SILENCE] });
    void registerRow({ registration: OTP, past: undefined }, world.edges, world.slot);
    await idle();
    const other = comeTo(world.gate, { registration: PKI });
    await idle();
    expect(other.session).toBe(GIVEN);
  });
});

test('a key in another shape than documented is told of before it is saved, one with more beside it is not', async () => {
  const raw = { text: '{"Key":"K1"}', form: 'json', isOdd: true } as const;
  const answer = { kind: 'answer', httpStatus: 200, code: '0', message: '' } as const;
  const odd = await register({ sends: [{ ...answer, key: { text: 'K1', bare: false, raw } }] });
  expect(odd.notes).toEqual(['odd key of ann']);
  const more = { ...raw, isOdd: false };
  const usual = await register({ sends: [{ ...answer, key: { text: 'K1', bare: false, raw: more } }] });
  expect(usual.notes).toEqual([]);
});

describe('the journal', () => {
  test('an intent with the number of its send is on the disk before each send', async () => {
    const { log } = await register({ sends: [SILENCE, anAnswer('22002')] }, aPast());
    const tellsOfSends = log.filter((event) => !event.startsWith('slot'));
    expect(tellsOfSends).toEqual([
      ...['intent 3', 'synced', 'send', 'try'],
      ...['intent 4', 'synced', 'send', 'settled', 'synced'],
    ]);
  });

  test('an intent says what is sent, a try what the row is by then, a settlement what it became', async () => {
    const sends = [UNSENT, SILENCE, anAnswer('10004'), anAnswer('0')];
    const { entries, settlement } = await register({ sends }, undefined, PKI);
    const content = { signature: SIGNATURE.digest, status: PKI.status, algorithm: SIGNATURE.algorithm };
    const anIntent = { type: 'intent', key: 'pki:ben', content, at: expect.any(Number) as number };
    const aTry = (left: Partial<Settlement>) => ({
      type: 'try',
      key: 'pki:ben',
      settlement: expect.objectContaining(left) as Settlement,
    });
    expect(entries).toEqual([
      { ...anIntent, attempt: 1, at: START_MS },
      aTry({ outcome: 'unavailable', returnCode: '', attempts: 0, sentAt: undefined }),
      { ...anIntent, attempt: 1 },
      aTry({ outcome: 'unknown', returnCode: '', attempts: 1 }),
      { ...anIntent, attempt: 2 },
      aTry({ outcome: 'unknown', returnCode: '10004', httpStatus: 200, attempts: 2 }),
      { ...anIntent, attempt: 3 },
      { type: 'settled', key: 'pki:ben', settlement },
    ]);
  });

  test('an intent that can not be noted: nothing is sent, and the run stops', async () => {
    for (const broken of [{ append: fullDisk }, { sync: () => Promise.resolve().then(fullDisk) }]) {
      const { settlement, sent, stop } = await register(broken);
      expect(sent).toEqual([]);
      expect(settlement).toMatchObject({ outcome: 'not_sent', attempts: 0 });
      expect(stop.reason).toEqual({
        kind: 'stopped',
        reason: "users.journal can't be written: the disk is full: free some space",
      });
    }
  });

  test('each send is marked as left, behind its own intent and before its bytes', async () => {
    const marked: string[] = [];
    const markLeft = (key: string) => marked.push(`${key} after ${world.log.at(-1) ?? ''}`) > 0;
    const world = aRowWorld({ sends: [SILENCE, anAnswer('22002')], markLeft });
    await registerRow({ registration: OTP, past: undefined }, world.edges, world.slot);
    expect(marked).toEqual(['otp:ann after slot taken', 'otp:ann after slot taken']);
    expect(world.sent).toHaveLength(2);
  });

  test('a departure that can not be noted: nothing leaves, and the row counts no send', async () => {
    const reason = "users.journal can't be written: the disk failed";
    const markLeft = () => {
      world.stop.stop({ kind: 'stopped', reason });
      return false;
    };
    const world = aRowWorld({ markLeft });
    const settlement = await registerRow({ registration: OTP, past: undefined }, world.edges, world.slot);
    expect(settlement).toMatchObject({ outcome: 'unavailable', attempts: 0, sentAt: undefined });
    expect(world.sent).toEqual([]);
  });

  test('a row in doubt stays in doubt when its intent can not be noted', async () => {
    const { settlement } = await register({ append: fullDisk }, IN_DOUBT);
    expect(settlement).toEqual(IN_DOUBT);
  });

  test('a try that can not be noted: the row is what that try made it', async () => {
    const append = ({ type }: JournalEntry) => (type === 'try' ? fullDisk() : undefined);
    const { settlement, stop } = await register({ append, sends: [SILENCE] });
    expect(settlement).toMatchObject({ outcome: 'unknown', attempts: 1 });
    expect(stop.reason?.kind).toBe('stopped');
  });

  test('a settlement that can not be noted is reported all the same, and the run stops', async () => {
    const append = ({ type }: JournalEntry) => (type === 'settled' ? fullDisk() : undefined);
    const { settlement, stop } = await register({ append, sends: [anAnswer('0')] }, undefined, PKI);
    expect(settlement.outcome).toBe('registered');
    expect(stop.reason?.kind).toBe('stopped');
  });
});

describe('the activation key', () => {
  test('is on the disk before the row is settled anywhere', async () => {
    const { log } = await register({ sends: [anAnswer('0', 'secret')] });
    expect(log.slice(-4)).toEqual(['key written', 'key of ann saved', 'settled', 'synced']);
  });

  test('never gets into the journal or the settlement', async () => {
    const { entries, settlement } = await register({ sends: [SILENCE, anAnswer('0', 'top-secret-key')] });
    expect(JSON.stringify([entries, settlement])).not.toContain('top-secret-key');
  });

  test('that can not be saved, as far as we know: the row is in doubt, and the run stops', async () => {
    const { settlement, stop, entries } = await register({
      sends: [anAnswer('0', 'secret')],
      saveKey: () => Promise.resolve().then(fullDisk),
    });
    expect(settlement).toMatchObject({ outcome: 'unknown', returnCode: '0', attempts: 1 });
    expect(settlement.detail).toContain('may not be saved');
    expect(stop.reason?.kind).toBe('stopped');
    expect(entries.at(-1)).toEqual({ type: 'settled', key: 'otp:ann', settlement });
  });

  test('code 0 without a key: it is lost, and the detail says so', async () => {
    const { settlement, log } = await register({ sends: [anAnswer('0')] });
    expect(settlement.outcome).toBe('key_lost');
    expect(settlement.detail).toContain('carried no activation key');
    expect(log).not.toContain('key written');
  });

  test('a plain text in place of a key is kept when the server says code 0', async () => {
    const bare: Reply = { ...anAnswer('0'), key: { text: 'looks like a key', bare: true } } as Reply;
    const { log } = await register({ sends: [bare] });
    expect(log).toContain('key of ann saved');
  });

  test('one that comes with "already registered" is kept, a message in its place is not', async () => {
    expect((await register({ sends: [anAnswer('29008', 'secret')] })).log).toContain('key of ann saved');
    const text: Reply = { ...anAnswer('29008'), key: { text: 'Token exists', bare: true } } as Reply;
    expect((await register({ sends: [text] })).log).not.toContain('key written');
    expect((await register({ sends: [anAnswer('22002', 'secret')] })).log).not.toContain('key written');
  });

  test('what a PKI reply carries is no key', async () => {
    const { log } = await register({ sends: [anAnswer('0', 'whatever')] }, undefined, PKI);
    expect(log).not.toContain('key written');
  });
});

describe('the signature', () => {
  const rejection = { column: 'signature_path', reason: 'ben.p7s is not there: put it back' } as const;
  const isGone = { readSignature: () => ({ rejection }) };

  test('is read before the intent, so that a row that can not be sent is never taken for one that may have been', async () => {
    const { log, sent } = await register({ sends: [anAnswer('0')] }, undefined, PKI);
    expect(log.slice(0, 5)).toEqual(['signature ben.p7s', 'intent 1', 'synced', 'slot taken', 'send']);
    expect(sent[0]!.signature).toEqual(SIGNATURE);
  });

  test('is not read for an OTP row', async () => {
    const { log, sent } = await register({ sends: [anAnswer('0', 'k')] });
    expect(log.join()).not.toContain('signature');
    expect(sent[0]!.signature).toBeUndefined();
  });

  test('that can not be read: the row is invalid, not sent, and owes nothing to its history but the sends', async () => {
    const { settlement, sent, log } = await register(isGone, aPast(), PKI);
    expect(sent).toEqual([]);
    expect(log.join()).not.toContain('intent');
    expect(settlement).toMatchObject({
      outcome: 'invalid',
      returnCode: '',
      message: '',
      httpStatus: undefined,
      attempts: 2,
      detail: 'signature_path ben.p7s is not there: put it back',
    });
  });

  test('that can not be read: a row in doubt stays unknown', async () => {
    const { settlement } = await register(isGone, IN_DOUBT, PKI);
    expect(settlement).toMatchObject({ outcome: 'unknown', attempts: 2 });
    expect(settlement.detail).toContain('ben.p7s is not there');
  });

  test('that goes between two tries: what the first one left stands', async () => {
    const disappears = () => {
      let reads = 0;
      return () => (++reads === 1 ? { signature: SIGNATURE } : isGone.readSignature());
    };
    const sent = await register({ sends: [SILENCE], readSignature: disappears() }, undefined, PKI);
    expect(sent.settlement).toMatchObject({ outcome: 'unknown', attempts: 1 });
    const unsent = await register({ sends: [UNSENT], readSignature: disappears() }, undefined, PKI);
    expect(unsent.settlement).toMatchObject({ outcome: 'invalid', attempts: 0 });
  });
});

describe('a signature that the machine keeps from being read', () => {
  const fault = { column: 'signature_path', reason: 'ben.p7s could not be read (ESTALE); run again' } as const;
  const isAway = { readSignature: () => ({ fault }) };

  test('is no fault of its row, which a rerun tries again', async () => {
    for (const past of [undefined, aPast()]) {
      const { settlement, sent, log } = await register(isAway, past, PKI);
      expect([sent, log.join()]).toEqual([[], expect.not.stringContaining('intent')]);
      expect(settlement).toMatchObject({
        outcome: 'unavailable',
        returnCode: '',
        attempts: past?.attempts ?? 0,
        detail: 'signature_path ben.p7s could not be read (ESTALE); run again',
      });
    }
  });

  test('leaves a row in doubt as it was', async () => {
    expect((await register(isAway, IN_DOUBT, PKI)).settlement).toEqual(IN_DOUBT);
  });

  test('between two tries: what the first one left stands', async () => {
    let reads = 0;
    const goesAway = () => (++reads === 1 ? { signature: SIGNATURE } : isAway.readSignature());
    const { settlement } = await register({ sends: [SILENCE], readSignature: goesAway }, undefined, PKI);
    expect(settlement).toMatchObject({ outcome: 'unknown', attempts: 1 });
    expect(settlement.detail).toContain('could not be read (ESTALE)');
  });
});

describe('a slot is held for the send alone', () => {
  /** Stops the row at a point of its life, and looks whether it holds a slot there. */
  async function holdsSlotWhile(prepare: (point: Promise<void>) => RowWorldOptions): Promise<boolean> {
    const point = defer();
    const world = aRowWorld({ clock: new TestClock(), ...prepare(point.promise) });
    const done = registerRow({ registration: OTP, past: undefined }, world.edges, world.slot);
    await idle();
    const count = (event: string): number => world.log.filter((other) => other === event).length;
    const holds = count('slot taken') > count('slot freed');
    point.resolve();
    world.stop.stop({ kind: 'interrupted', reason: 'the test is over' });
    await done;
    return holds;
  }

  test('not while the journal syncs', async () => {
    expect(await holdsSlotWhile((point) => ({ sync: () => point, sends: [anAnswer('0', 'k')] }))).toBe(false);
  });

  test('while it is sent', async () => {
    const slowly = (point: Promise<void>): RowWorldOptions => ({ sends: [() => point.then(() => anAnswer('0', 'k'))] });
    expect(await holdsSlotWhile(slowly)).toBe(true);
  });

  test('not while it waits for its next try', async () => {
    expect(await holdsSlotWhile(() => ({ sends: [SILENCE, anAnswer('0', 'k')] }))).toBe(false);
  });

  test('not while its key is saved', async () => {
    expect(await holdsSlotWhile((point) => ({ saveKey: () => point, sends: [anAnswer('0', 'k')] }))).toBe(false);
  });
});

describe('a refusal that may mean the session', () => {
  const denied = [aStatus(401), aStatus(403), anAnswer('10001'), anAnswer('23018')];

  test.each(denied)('session good: this row alone is refused (%o)', async (reply) => {
    const { settlement, stop } = await register({ sends: [reply], session: ['good'] });
    expect(settlement).toMatchObject({ outcome: 'refused', attempts: 1 });
    expect(settlement.detail).toContain('no right over this user');
    expect(stop.reason).toBeUndefined();
  });

  test.each(denied)(
    'session over: the run stops, the row is unavailable with its code and status (%o)',
    async (reply) => {
      const { settlement, stop } = await register({ sends: [reply], session: ['over'] });
      expect(settlement).toMatchObject({
        outcome: 'unavailable',
        returnCode: reply.kind === 'answer' ? reply.code : '',
        httpStatus: reply.kind === 'status' ? reply.httpStatus : 200,
        attempts: 1,
      });
      expect(stop.reason?.kind).toBe('person');
    },
  );

  test('session over: a row in doubt stays unknown', async () => {
    const { settlement } = await register({ sends: [aStatus(401)], session: ['over'] }, IN_DOUBT);
    expect(settlement).toMatchObject({ outcome: 'unknown', attempts: 3 });
  });

  test('a refusal that nothing could explain is no final no, and settles no doubt', async () => {
    for (const [past, outcome] of [[undefined, 'unavailable'] as const, [IN_DOUBT, 'unknown'] as const]) {
      const world = aRowWorld({ sends: [aStatus(401)], session: ['missing'] });
      world.gate.session.noteAnswer(GIVEN, true);
      const settlement = await registerRow({ registration: OTP, past }, world.edges, world.slot);
      expect(settlement).toMatchObject({ outcome, httpStatus: 401 });
      expect(settlement.detail).toContain('Nothing could tell');
      expect(world.stop.reason).toBeUndefined();
    }
  });

  test('a row that another one is to explain waits without a slot', async () => {
    const world = aRowWorld({
      clock: new TestClock(),
      sends: [aStatus(401), anAnswer('0', 'k')],
      session: ['missing'],
    });
    world.gate.session.noteAnswer(GIVEN, true);
    const settling = registerRow({ registration: OTP, past: undefined }, world.edges, world.slot);
    await idle();
    expect(world.log.slice(-2)).toEqual(['slot freed', 'try']);
    await registerRow({ registration: { ...OTP, username: 'ben' }, past: undefined }, world.edges, world.slot);
    expect(await settling).toMatchObject({ outcome: 'refused', attempts: 1 });
  });

  test('an answer that asks for the session is no sign that others are fine', async () => {
    const world = aRowWorld({ sends: [anAnswer('10001')], session: ['missing'] });
    const settlement = await registerRow({ registration: OTP, past: undefined }, world.edges, world.slot);
    expect(settlement.outcome).toBe('unavailable');
    expect(world.stop.reason?.kind).toBe('person');
  });
});

describe('a session that is over, when the run can log in', () => {
  const NEW: Session = { admin: 'admin', cenToken: 'new' };
  const opened = { kind: 'opened', session: NEW } as const;
  const refused = (reply: Reply, ...then: Reply[]): RowWorldOptions => ({
    sends: [reply, ...then],
    session: ['over', 'over'],
    logins: [opened],
  });

  test.each([aStatus(401), aStatus(403), anAnswer('10001'), anAnswer('23018')])(
    'the row goes again with a new one, noted before it leaves, and keeps its slot (%o)',
    async (reply) => {
      const { settlement, log, sent, entries } = await register(refused(reply, anAnswer('0', 'k')));
      expect(settlement).toMatchObject({ outcome: 'registered', attempts: 2 });
      expect(sent.map(({ session }) => session)).toEqual([GIVEN, NEW]);
      expect(log.slice(0, 11)).toEqual([
        ...['intent 1', 'synced', 'slot taken', 'send', 'session check', 'login'],
        ...['try', 'intent 2', 'synced', 'send', 'slot freed'],
      ]);
      expect(entries[1]).toMatchObject({
        type: 'try',
        key: 'otp:ann',
        settlement: { outcome: 'unavailable', attempts: 1 },
      });
    },
  );

  test('that costs the row none of its --attempts', async () => {
    const sends = [SILENCE, aStatus(401), SILENCE, anAnswer('0', 'k')];
    const { settlement } = await register({ sends, session: ['over'], logins: [opened], maxAttempts: 3 });
    expect(settlement).toMatchObject({ outcome: 'registered', attempts: 4 });
  });

  test('refused again: the run stops, and the row is unavailable with all its sends', async () => {
    const { settlement, stop } = await register(refused(aStatus(401), anAnswer('10001')));
    expect(settlement).toMatchObject({ outcome: 'unavailable', returnCode: '10001', attempts: 2 });
    expect(stop.reason?.kind).toBe('person');
  });

  test('a run that stops before the row goes again: its send is not forgotten', async () => {
    const world = aRowWorld(refused(aStatus(401)));
    const append = world.edges.journal.append;
    const journal = {
      ...world.edges.journal,
      append: (entry: JournalEntry) => {
        append(entry);
        if (entry.type === 'try') world.stop.stop({ kind: 'terminated', reason: 'interrupted by SIGTERM' });
      },
    };
    const settlement = await registerRow({ registration: OTP, past: aPast() }, { ...world.edges, journal }, world.slot);
    expect(settlement).toMatchObject({ outcome: 'unavailable', httpStatus: 401, attempts: 3 });
    expect(world.log.filter((event) => event.startsWith('intent'))).toEqual(['intent 3']);
  });

  test('without a session nothing is noted before there is one', async () => {
    const { log, sent } = await register({ isGiven: false, logins: [opened], sends: [anAnswer('0', 'k')] });
    expect(log.slice(0, 2)).toEqual(['login', 'intent 1']);
    expect(sent[0]?.session).toBe(NEW);
    const refusal = { kind: 'refused', reason: 'the password is wrong' } as const;
    const world = await register({ isGiven: false, logins: [refusal] });
    expect(world.settlement).toMatchObject({ outcome: 'not_sent', attempts: 0 });
    expect(world.entries.map(({ type }) => type)).toEqual(['settled']);
  });
});

describe('what stops the run', () => {
  test.each([anAnswer('27001'), anAnswer('23020'), aStatus(404), aStatus(302), aStatus(405)])(
    'a reply that no row can get past: this row is unavailable (%o)',
    async (reply) => {
      const { settlement, stop } = await register({ sends: [reply] });
      expect(settlement).toMatchObject({ outcome: 'unavailable', attempts: 1 });
      expect(stop.reason?.kind).toBe('person');
    },
  );

  test('the same after a doubtful send: the row is unknown', async () => {
    const { settlement } = await register({ sends: [SILENCE, anAnswer('27001')] });
    expect(settlement).toMatchObject({ outcome: 'unknown', returnCode: '27001', attempts: 2 });
  });

  test('404 after the endpoint was seen is tried again', async () => {
    const world = aRowWorld({ sends: [aStatus(404), anAnswer('0')] });
    world.gate.leads.prove('pki');
    const settlement = await registerRow({ registration: PKI, past: undefined }, world.edges, world.slot);
    expect(settlement).toMatchObject({ outcome: 'registered', attempts: 2 });
  });

  test('a bug that send throws: this row is unknown with one send more, and the run stops for the bug', async () => {
    const broken = (): Promise<Reply> => Promise.reject(new TypeError('oops'));
    const { settlement, stop, entries } = await register({ sends: [broken] }, aPast());
    expect(settlement).toMatchObject({ outcome: 'unknown', attempts: 3, sentAt: START_MS });
    expect(stop.reason).toMatchObject({ kind: 'bug', reason: expect.stringContaining('oops') as string });
    expect(entries.map(({ type }) => type)).toEqual(['intent']);
  });

  test('a bug that saveKey throws: a key that is on the disk settles the row in the next run', async () => {
    const { settlement, stop } = await register({
      sends: [anAnswer('0', 'secret')],
      saveKey: () => Promise.reject(new TypeError('oops')),
    });
    expect(settlement).toMatchObject({ outcome: 'unknown', attempts: 1, sentAt: START_MS });
    expect(stop.reason?.kind).toBe('bug');
  });

  test('a bug before anything could be noted leaves what was known of the last send', async () => {
    const world = aRowWorld();
    world.stop.stop({ kind: 'interrupted', reason: 'by a signal' });
    const broken = (): never => {
      throw new TypeError('oops');
    };
    const slot = { admit: broken, run: broken, untilStuck: broken };
    const settlement = await registerRow({ registration: OTP, past: aPast() }, world.edges, slot);
    expect(settlement).toMatchObject({ outcome: 'unknown', sentAt: aPast().sentAt });
  });
});

describe('a run that stops', () => {
  const INTERRUPT = { kind: 'interrupted', reason: 'interrupted by SIGINT' } as const;

  test.each<[string, Reply, Settlement | undefined, Partial<Settlement>]>([
    ['after silence: unknown', SILENCE, undefined, { outcome: 'unknown', attempts: 1 }],
    ['after 503: unknown, with its status', aStatus(503), undefined, { outcome: 'unknown', httpStatus: 503 }],
    ['after 429: unavailable', aStatus(429), undefined, { outcome: 'unavailable', httpStatus: 429 }],
    ['after nothing left: unavailable', UNSENT, undefined, { outcome: 'unavailable', attempts: 0 }],
    ['after a temporary code: unknown, with it', anAnswer('10004'), undefined, { returnCode: '10004' }],
    ['a row in doubt, nothing left: unknown', UNSENT, IN_DOUBT, { outcome: 'unknown', attempts: 2 }],
  ])('while the row waits for its next try, %s', async (...[, reply, past, expected]) => {
    const clock = new TestClock();
    const world = aRowWorld({ clock, sends: [reply] });
    const done = registerRow({ registration: OTP, past }, world.edges, world.slot);
    await idle();
    world.stop.stop(INTERRUPT);
    const settlement = await done;
    expect(settlement).toMatchObject(expected);
    expect(settlement.detail).toContain('the run stopped');
    expect(clock.elapsedMs).toBe(0);
    expect(clock.pending).toBe(0);
    // Nothing more was going to be sent, so a kill must find no intent.
    expect(world.entries.filter(({ type }) => type === 'intent')).toHaveLength(1);
  });

  test('while the row waits for a slot: not sent, and the journal says so', async () => {
    const world = aRowWorld();
    const free = defer();
    const slot: typeof world.slot = {
      ...world.slot,
      run: async (task, prepare) => {
        await prepare?.();
        return free.promise.then(() => world.slot.run(task));
      },
    };
    const done = registerRow({ registration: OTP, past: undefined }, world.edges, slot);
    await idle();
    world.stop.stop(INTERRUPT);
    free.resolve();
    const settlement = await done;
    expect(settlement).toMatchObject({ outcome: 'not_sent', attempts: 0 });
    expect(world.sent).toEqual([]);
    expect(world.entries.at(-1)).toEqual({ type: 'settled', key: 'otp:ann', settlement });
  });

  test('while everybody pauses: not sent', async () => {
    const world = aRowWorld({ clock: new TestClock() });
    world.gate.pause(60_000);
    const done = registerRow({ registration: OTP, past: aPast() }, world.edges, world.slot);
    await idle();
    world.stop.stop(INTERRUPT);
    expect(await done).toMatchObject({ outcome: 'not_sent', attempts: 2 });
  });

  test('while a send is in flight: its answer still counts', async () => {
    const reply = defer<Reply>();
    const world = aRowWorld({ sends: [() => reply.promise] });
    const done = registerRow({ registration: OTP, past: undefined }, world.edges, world.slot);
    await idle();
    world.stop.stop(INTERRUPT);
    reply.resolve(anAnswer('0', 'secret'));
    expect(await done).toMatchObject({ outcome: 'registered' });
    expect(world.log).toContain('key of ann saved');
  });

  test('while a send is in flight that is then cut off: unknown', async () => {
    const reply = defer<Reply>();
    const world = aRowWorld({ clock: new TestClock(), sends: [() => reply.promise] });
    const done = registerRow({ registration: OTP, past: undefined }, world.edges, world.slot);
    await idle();
    world.stop.stop(INTERRUPT);
    reply.resolve({ kind: 'unanswered', why: 'cut off when the run was interrupted' });
    expect(await done).toMatchObject({ outcome: 'unknown', attempts: 1 });
  });
});

test.each([
  ['stopped', 'stopped'],
  ['person', 'somebody must act first'],
  ['locked', 'another run is under way'],
  ['interrupted', 'interrupted'],
  ['cut_off', 'cut off'],
] as const)('a row whose turn never came says why (%s)', (kind, why) => {
  expect(endUnreached({ registration: OTP, past: undefined }, kind)).toMatchObject({
    outcome: 'not_sent',
    detail: `the run stopped before this row's turn (${why}): rerun`,
  });
});
