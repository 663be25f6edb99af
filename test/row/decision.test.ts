import fc from 'fast-check';
import { describeStatus } from '../../src/row/http-status.js';
import { describe, expect, test } from 'vitest';
import { MAX_RETRY_AFTER_MS } from '../../src/core/backoff.js';
import { decide, MAX_THROTTLED } from '../../src/row/decision.js';
import type { Circumstances, Decision } from '../../src/row/decision.js';
import { isInDoubt } from '../../src/row/outcome.js';
import type { Outcome } from '../../src/row/outcome.js';
import { bringsKey, TOKEN_TYPE_NAMES } from '../../src/row/token-type.js';
import type { TokenType } from '../../src/row/token-type.js';
import type { Reply } from '../../src/row/reply.js';
import { RETURN_CODES, verdictOf } from '../../src/row/return-code.js';
import { addAttempt, beginRow, settle, settleUnfinished } from '../../src/row/row-state.js';
import type { RowState } from '../../src/row/row-state.js';
import type { Settlement } from '../../src/row/settlement.js';
import { UNDO_WAY_NAMES } from '../../src/row/undo.js';
import {
  anyReply,
  anySettlement,
  aReply,
  aSettlement,
  aStatus,
  anUnanswered,
  anUnreadable,
  anUnsent,
  NOON,
  someCircumstances,
  stateAfter,
} from '../support/builders.js';

/** Decides on the last of these replies. */
function decideOn(replies: readonly Reply[], changes: Partial<Circumstances> = {}, past?: Settlement): Decision {
  const last = replies.at(-1);
  if (last === undefined) throw new Error('no reply');
  const circumstances = someCircumstances(changes);
  const begun = replies.slice(0, -1).reduce<RowState>((state, reply) => {
    const next = stateAfter([reply], state);
    return { ...next, inDoubt: decide(next, reply, circumstances).inDoubt };
  }, beginRow(past));
  return decide(stateAfter([last], begun), last, circumstances);
}

const DOUBT = aSettlement({ outcome: 'unknown', returnCode: '', httpStatus: undefined });
const LAST_TRY = { maxAttempts: 1 };

const code = (returnCode: string): Reply => aReply({ code: returnCode });

describe('a return code settles its row', () => {
  type Line = [code: string, tokenType: TokenType, fresh: Outcome, inDoubt: Outcome];
  const FINAL: readonly Line[] = [
    ['0', 'otp', 'registered', 'registered'],
    ['0', 'pki', 'registered', 'registered'],
    ['22027', 'otp', 'already_registered', 'key_lost'],
    ['22027', 'pki', 'already_registered', 'already_registered'],
    ['29008', 'otp', 'already_registered', 'key_lost'],
    ['29008', 'pki', 'already_registered', 'already_registered'],
    ['10002', 'otp', 'refused', 'refused'],
    ['10002', 'pki', 'refused', 'refused'],
    ['10011', 'pki', 'refused', 'refused'],
    ['22002', 'otp', 'refused', 'refused'],
    ['22002', 'pki', 'refused', 'refused'],
    ['22004', 'pki', 'refused', 'refused'],
    ['29001', 'otp', 'refused', 'refused'],
    ['99999', 'otp', 'refused', 'refused'],
    ['99999', 'pki', 'refused', 'refused'],
    ['22029', 'otp', 'unavailable', 'unknown'],
    ['22029', 'pki', 'unavailable', 'unknown'],
  ];

  test.each(FINAL)('%s (%s): %s, and after a doubtful send %s', (returnCode, tokenType, ...[fresh, inDoubt]) => {
    const answer = aReply({ code: returnCode, key: { text: 'K1', bare: false } });
    const first = decideOn([answer], { tokenType });
    expect(first).toMatchObject({ kind: 'settle', outcome: fresh, inDoubt: false });
    for (const earlier of [anUnanswered(), anUnreadable(), aStatus(502), code('10004')]) {
      const later = decideOn([earlier, answer], { tokenType });
      expect(later).toMatchObject({ kind: 'settle', outcome: inDoubt });
      expect(later.inDoubt).toBe(isInDoubt(inDoubt));
    }
    expect(decideOn([answer], { tokenType }, DOUBT)).toMatchObject({ kind: 'settle', outcome: inDoubt });
  });

  test.each(['0', '22027', '10002', '99999'])('%s does so on the first try, with tries left', (returnCode) => {
    expect(decideOn([code(returnCode)], { maxAttempts: 100 }).kind).toBe('settle');
  });

  test('a key that was lost counts as doubt: what follows is no "already"', () => {
    const past = aSettlement({ outcome: 'key_lost', returnCode: '29008' });
    expect(decideOn([code('29008')], { tokenType: 'otp' }, past)).toMatchObject({ outcome: 'key_lost', inDoubt: true });
    const withKey = aReply({ key: { text: 'K1', bare: false } });
    expect(decideOn([withKey], { tokenType: 'otp' }, past)).toMatchObject({ outcome: 'registered', inDoubt: false });
  });

  test('429 and a send that never left are no doubt: what follows is "already"', () => {
    const replies = [aStatus(429), anUnsent(), code('29008')];
    expect(decideOn(replies, { tokenType: 'otp' })).toMatchObject({ outcome: 'already_registered' });
  });
});

describe('a no to a stamp that was minutes off', () => {
  const STALE = { stampErrorMs: 600_000 };

  test.each(['10002', '23023'])('%s is no word on the row: it is tried with a new stamp', (returnCode) => {
    expect(decideOn([code(returnCode)], STALE)).toMatchObject({ kind: 'retry', inDoubt: false, everybodyMs: 0 });
    expect(decideOn([anUnanswered(), code(returnCode)], STALE)).toMatchObject({ kind: 'retry', inDoubt: true });
  });

  test.each(['10002', '23023'])('%s leaves the row for another run when its tries are over', (returnCode) => {
    const stale = decideOn([code(returnCode)], { ...STALE, ...LAST_TRY });
    expect(stale).toMatchObject({ kind: 'settle', outcome: 'unavailable', inDoubt: false });
    expect(stale).toHaveProperty(
      'detail',
      expect.stringContaining("a stamp minutes off the server's clock (after 1 try)"),
    );
    expect(decideOn([code(returnCode)], { ...STALE, ...LAST_TRY }, DOUBT)).toMatchObject({ outcome: 'unknown' });
  });

  test.each([undefined, 0, 240_000])('is one to the row when the stamp was %s ms off', (stampErrorMs) => {
    expect(decideOn([code('10002')], { stampErrorMs })).toMatchObject({ kind: 'settle', outcome: 'refused' });
    expect(decideOn([code('23023')], { stampErrorMs })).toMatchObject({ kind: 'stop' });
  });

  test.each(['0', '22002', '22027', '10011'])('is not %s: that is about the row whatever the stamp', (returnCode) => {
    expect(decideOn([code(returnCode)], STALE)).toEqual(decideOn([code(returnCode)]));
  });
});

describe('the detail of a row says what happened and what to do', () => {
  const settled = (...[replies, changes, past]: Parameters<typeof decideOn>): string => {
    const decision = decideOn(replies, changes, past);
    return decision.kind === 'retry' ? 'retry' : decision.detail;
  };

  test('registered: nothing, when all is well', () => {
    expect(settled([code('0')])).toBe('');
    const key = { text: 'ABCD-1234', bare: false };
    expect(settled([aReply({ key })], { tokenType: 'otp' })).toBe('');
    expect(settled([aReply({ key: { text: 'text', bare: true } })])).toBe('');
  });

  test('registered: an OTP token whose key did not come is lost until somebody settles it', () => {
    expect(decideOn([code('0')], { tokenType: 'otp' })).toEqual({
      kind: 'settle',
      inDoubt: true,
      outcome: 'key_lost',
      detail:
        'Registered, but the reply carried no activation key: unregister the token, then rerun, to give the user one.',
    });
  });

  test('registered: what came in place of a documented key', () => {
    const raw = { text: '{"Key":"K1"}', form: 'json', isOdd: true } as const;
    const odd = aReply({ key: { text: 'K1', bare: false, raw } });
    expect(settled([odd], { tokenType: 'otp' })).toBe(
      'The key came in another shape than documented; the keys file has what looks like it, and what came with it: try it.',
    );
    expect(settled([odd])).toBe('');
    const formula = aReply({ key: { text: '=K1', bare: false, raw } });
    expect(settled([formula], { tokenType: 'otp' })).toMatch(
      /^The key came in another shape .* The key begins like a formula/,
    );
    const more = aReply({ key: { text: 'K1', bare: false, raw: { ...raw, isOdd: false } } });
    expect(decideOn([more], { tokenType: 'otp' })).toMatchObject({ outcome: 'registered', detail: '' });
    const nothing = aReply({ key: { text: '', bare: false, raw } });
    expect(decideOn([nothing], { tokenType: 'otp' })).toMatchObject({
      outcome: 'key_lost',
      inDoubt: true,
      detail: expect.stringContaining('Look there before you unregister the token.') as string,
    });
  });

  test('a page in place of the first reply: what it is, and the run stops', () => {
    const page = { contentType: 'text/html', title: 'Sign in' };
    const unproved = { endpointSeen: false };
    expect(decideOn([{ ...anUnreadable(), page }], unproved)).toMatchObject({
      kind: 'stop',
      outcome: 'unavailable',
      reason: expect.stringContaining('(text/html, "Sign in")') as string,
    });
    expect(decideOn([{ ...anUnreadable('the reply is empty'), page }], unproved).kind).toBe('retry');
    expect(decideOn([{ ...anUnreadable(), page }]).kind).toBe('retry');
  });

  test.each(['=1+1', '+123456', '@SUM', 'AB\u001b[2JCD', 'AB\u202eCD'])(
    'registered, with a warning of the key %j',
    (text) => {
      const detail = settled([aReply({ key: { text, bare: false } })], { tokenType: 'otp' });
      expect(detail).toContain('open that as plain text');
      expect(detail).not.toContain(text);
    },
  );

  test('registered: an OTP token whose key may be none', () => {
    const detail = settled([aReply({ key: { text: 'welcome', bare: true } })], { tokenType: 'otp' });
    expect(detail).toBe('The reply carried a plain text in place of a key; the keys file has it: try it.');
  });

  test('already registered: before this run, or perhaps by us', () => {
    expect(settled([code('22027')])).toBe('A token was there before this run.');
    expect(settled([anUnanswered(), code('22027')])).toBe(
      'A token is there; after an earlier send without an answer it may be ours: look at its certificate.',
    );
    expect(settled([anUnanswered(), code('29008')], { tokenType: 'otp' })).toMatch(
      /its key is lost\. It may have existed before: look, unregister it, then rerun\.$/,
    );
  });

  test.each(Object.entries(RETURN_CODES).filter(([, { verdict }]) => verdict === 'refused'))(
    'refused by %s: its remedy',
    (returnCode, { remedy }) => {
      expect(settled([code(returnCode)])).toBe(remedy);
    },
  );

  test('refused by an unlisted code: that nobody knows it', () => {
    expect(settled([code('99999')])).toBe('No document lists this code: ask the vendor, then rerun.');
  });

  test.each<[string, readonly Reply[], string]>([
    ['never left', [anUnsent()], 'the connection was refused (after 1 try): rerun.'],
    ['never left twice', [anUnsent(), anUnsent()], 'the connection was refused (after 2 tries): rerun.'],
    [
      'no answer',
      [anUnsent(), anUnanswered()],
      "the connection was reset (after 2 tries). A send may have been applied. Rerun, and the server's answer settles it.",
    ],
    [
      'another status',
      [aStatus(500)],
      "HTTP status 500 (after 1 try). A send may have been applied. Rerun, and the server's answer settles it.",
    ],
    [
      'a temporary code',
      [code('10004')],
      "return code 10004 (DB error) (after 1 try). A send may have been applied. Rerun; if it stays, look at the server's database.",
    ],
  ])('tries ran out, %s', (_, replies, detail) => {
    expect(settled(replies, { maxAttempts: replies.length })).toBe(detail);
  });

  test('later: the remedy, and the doubt where there is one', () => {
    const remedy = RETURN_CODES['22029'].remedy;
    expect(settled([code('22029')])).toBe(remedy);
    expect(settled([code('22029')], {}, DOUBT)).toBe(`${remedy} An earlier send may have been applied.`);
  });
});

describe('a temporary code is tried again, in doubt', () => {
  test.each<[string, TokenType]>([
    ['10003', 'otp'],
    ['10003', 'pki'],
    ['10004', 'otp'],
    ['10004', 'pki'],
    ['10011', 'otp'],
    ['23025', 'otp'],
    ['23025', 'pki'],
  ])('%s (%s)', (returnCode, tokenType) => {
    expect(decideOn([code(returnCode)], { tokenType })).toMatchObject({
      kind: 'retry',
      inDoubt: true,
      everybodyMs: 0,
    });
    expect(decideOn([code(returnCode)], { tokenType, ...LAST_TRY })).toMatchObject({
      kind: 'settle',
      inDoubt: true,
      outcome: 'unknown',
    });
  });

  test('is tried until the tries run out, the same code or another', () => {
    expect(decideOn([code('10004'), code('10004'), code('10004')]).kind).toBe('retry');
    expect(decideOn([code('10004'), code('23025'), code('10003')]).kind).toBe('retry');
    expect(decideOn([code('10004'), code('10004'), code('10004'), code('10004')]).kind).toBe('settle');
  });

  test('10003 is tried only once more', () => {
    expect(decideOn([code('10003')], { maxAttempts: 9 }).kind).toBe('retry');
    const second = decideOn([code('10003'), code('10003')], { maxAttempts: 9 });
    expect(second).toMatchObject({ kind: 'settle', outcome: 'unknown', inDoubt: true });
    expect(second).toMatchObject({ detail: expect.stringContaining('DB protection error) (after 2 tries)') as string });
  });

  test('10003 has its one more try also when others came before or between', () => {
    expect(decideOn([anUnanswered(), code('10003')]).kind).toBe('retry');
    expect(decideOn([anUnsent(), anUnsent(), code('10003')]).kind).toBe('retry');
    expect(decideOn([code('10003'), code('10004')], { maxAttempts: 9 }).kind).toBe('retry');
    expect(decideOn([code('10003'), aStatus(500), code('10003')], { maxAttempts: 9 }).kind).toBe('settle');
  });

  test('10003 of an earlier run does not count', () => {
    const past = aSettlement({ outcome: 'unknown', returnCode: '10003' });
    expect(decideOn([code('10003')], {}, past).kind).toBe('retry');
  });
});

describe('what never left is tried again, without doubt', () => {
  test('and is unavailable when the tries run out', () => {
    expect(decideOn([anUnsent()])).toMatchObject({ kind: 'retry', inDoubt: false, everybodyMs: 0 });
    expect(decideOn([anUnsent()], LAST_TRY)).toMatchObject({ kind: 'settle', inDoubt: false, outcome: 'unavailable' });
  });

  test('but an earlier doubt stays', () => {
    expect(decideOn([anUnsent()], {}, DOUBT)).toMatchObject({ kind: 'retry', inDoubt: true });
    expect(decideOn([anUnsent()], LAST_TRY, DOUBT)).toMatchObject({
      kind: 'settle',
      inDoubt: true,
      outcome: 'unknown',
    });
    const replies = [anUnanswered(), anUnsent()];
    expect(decideOn(replies, { maxAttempts: 2 })).toMatchObject({ kind: 'settle', outcome: 'unknown' });
  });
});

describe('what no waiting heals stops the run', () => {
  const why = "the server's certificate has expired: have it renewed";
  const reason = `${why}. Waiting does not heal it: see to it, then rerun`;

  test('with a row that surely was not sent unavailable, unless it was in doubt before', () => {
    const reply = { ...anUnsent(why), canHeal: false } as const;
    const detail = `${why}. Then rerun.`;
    const stop = { kind: 'stop', reason };
    expect(decideOn([reply])).toEqual({ ...stop, inDoubt: false, outcome: 'unavailable', detail });
    const inDoubt = `${why}. A send may have been applied. Then rerun.`;
    expect(decideOn([reply], {}, DOUBT)).toEqual({ ...stop, inDoubt: true, outcome: 'unknown', detail: inDoubt });
  });

  test('with a row unknown whose bytes may have left', () => {
    const reply = { ...anUnanswered(why), canHeal: false } as const;
    expect(decideOn([reply])).toMatchObject({ kind: 'stop', reason, inDoubt: true, outcome: 'unknown' });
  });
});

describe('what may have been applied is tried again, in doubt', () => {
  const DOUBTFUL: readonly [string, Reply, slowsAll: boolean][] = [
    ['no answer', anUnanswered(), false],
    ['a body that is no JSON', anUnreadable('the reply is not JSON'), false],
    ['an empty body', anUnreadable('the reply is empty'), false],
    ['a body without a code', anUnreadable('the reply has no return code'), false],
    ['a body over 1 MiB', anUnreadable('the reply is over 1 MiB'), false],
    ...[201, 202, 204, 400, 402, 406, 408, 409, 413, 418, 500, 501, 502, 504, 599].map(
      (status): [string, Reply, boolean] => [`HTTP ${status}`, aStatus(status), false],
    ),
    ['HTTP 503, and everybody slows down', aStatus(503), true],
    ['HTTP 404 after a success, as 503', aStatus(404), true],
    ['HTTP 405 after a success, as 503', aStatus(405), true],
    ['HTTP 302 after a success, as 503', aStatus(302), true],
  ];

  test.each(DOUBTFUL)('%s', (_, reply, slowsAll) => {
    expect(decideOn([reply])).toMatchObject({ kind: 'retry', inDoubt: true });
    const slow = decideOn([reply], { random: 0.5 });
    expect(slow).toMatchObject({ delayMs: 250, everybodyMs: slowsAll ? 250 : 0 });
    expect(decideOn([reply], LAST_TRY)).toMatchObject({ kind: 'settle', inDoubt: true, outcome: 'unknown' });
    expect(decideOn([anUnsent(), reply], { maxAttempts: 2 })).toMatchObject({ outcome: 'unknown' });
  });
});

test('what is no reply stops a run whose endpoint is not proved, and its send may have been applied', () => {
  const strange = { ...anUnanswered('the reply is no HTTP'), isStrange: true } as const;
  expect(decideOn([strange], { endpointSeen: false })).toMatchObject({
    kind: 'stop',
    inDoubt: true,
    outcome: 'unknown',
    reason: expect.stringMatching(
      /^the reply is no HTTP \(the registration endpoint\)\. This is no CENTAGATE/,
    ) as string,
  });
  expect(decideOn([strange])).toMatchObject({ kind: 'retry', inDoubt: true });
});

test('what is too long stops a run whose endpoint is not proved, and may have been applied unless it is a page', () => {
  const long = anUnreadable('the reply is over 1 MiB');
  const page = { contentType: 'text/html', title: 'Sign in' };
  const unproved = { endpointSeen: false };
  expect(decideOn([long], unproved)).toMatchObject({ kind: 'stop', outcome: 'unknown' });
  expect(decideOn([{ ...long, page }], unproved)).toMatchObject({ kind: 'stop', outcome: 'unavailable' });
  expect(decideOn([anUnreadable('the reply is empty')], unproved).kind).toBe('retry');
});

test('JSON without a code stops a run whose endpoint is not proved, and its send may have been applied', () => {
  const unproved = { endpointSeen: false };
  const noCode = anUnreadable('the reply has no return code');
  expect(decideOn([noCode], unproved)).toMatchObject({ kind: 'stop', inDoubt: true, outcome: 'unknown' });
  const page = anUnreadable('the reply is not JSON');
  expect(decideOn([page], unproved)).toMatchObject({ kind: 'stop', inDoubt: false, outcome: 'unavailable' });
});

test('a row that is settled makes nobody wait', () => {
  for (const status of [500, 503, 404]) {
    expect(decideOn([aStatus(status)], LAST_TRY)).toStrictEqual({
      kind: 'settle',
      inDoubt: true,
      outcome: 'unknown',
      detail: `HTTP status ${status} (after 1 try). A send may have been applied. Rerun, and the server's answer settles it.`,
      isOpen: true,
    });
  }
});

describe('a row that is blocked', () => {
  const page = { contentType: 'text/html', title: 'Request Rejected', incident: 'support ID 4711' };
  const BLOCKS: readonly Reply[] = [
    ...[400, 413, 414, 431].map((status) => ({ ...aStatus(status), page })),
    { ...anUnreadable(), page },
  ];
  const first = (reply: Reply, changes: Partial<Circumstances> = {}) => {
    const decision = decideOn([reply], { ...LAST_TRY, isRowAlone: true, ...changes });
    if (decision.kind !== 'settle') throw new Error(decision.kind);
    return settle(stateAfter([reply]), decision.outcome, decision.detail);
  };

  test.each(BLOCKS)('is unknown at first, to be tried again: %j', (reply) => {
    const status = 'httpStatus' in reply ? reply.httpStatus : 0;
    expect(decideOn([reply], { isRowAlone: true })).toMatchObject({ kind: 'retry', inDoubt: true });
    expect(decideOn([reply], { ...LAST_TRY, isRowAlone: true })).toStrictEqual({
      kind: 'settle',
      inDoubt: true,
      outcome: 'unknown',
      detail: `HTTP status ${status} (text/html, "Request Rejected", support ID 4711) for this row, while others are answered (after 1 try). A send may have been applied. Rerun, and the server's answer settles it.`,
      isOpen: true,
    });
  });

  test.each(BLOCKS)('needs a person when the same comes in a later run, and stays in doubt: %j', (reply) => {
    const again = decideOn([reply], {}, first(reply));
    expect(again).toMatchObject({ kind: 'settle', inDoubt: true, outcome: 'unknown', needsFix: true, isOpen: true });
    if (again.kind !== 'settle') throw new Error(again.kind);
    expect(again.detail).toContain('support ID 4711) for this row, while others are answered, as in an earlier run');
    const past = { ...settle(stateAfter([reply]), again.outcome, again.detail), needsFix: true as const };
    expect(decideOn([reply], {}, past)).toMatchObject({ kind: 'settle', needsFix: true });
  });

  test.each(BLOCKS)('says nothing of the endpoint then, and nobody is asked there: %j', (reply) => {
    const again = decideOn([reply], { endpointSeen: false }, first(reply));
    expect(again).toMatchObject({ kind: 'settle', outcome: 'unknown', needsFix: true });
    expect(again).not.toHaveProperty('isOpen');
    expect(decideOn([reply], { endpointSeen: false })).toMatchObject({ kind: 'stop', outcome: 'unavailable' });
  });

  test('is tried as any other when the answer is another one, or others are blocked as well', () => {
    const past = first(aStatus(400));
    expect(decideOn([aStatus(302)], {}, past).kind).toBe('retry');
    expect(decideOn([aStatus(500)], {}, past).kind).toBe('retry');
    expect(decideOn([code('22002')], {}, past)).toMatchObject({ outcome: 'refused' });
    expect(decideOn([aStatus(400)], {}, first(aStatus(400), { isRowAlone: false })).kind).toBe('retry');
  });
});

describe('the tries of a run', () => {
  test.each([1, 2, 4, 7])('are %d at most, sent or not', (maxAttempts) => {
    const replies = Array.from({ length: maxAttempts }, (_, at) => (at % 2 === 0 ? anUnsent() : aStatus(500)));
    for (let tries = 1; tries < maxAttempts; tries += 1) {
      expect(decideOn(replies.slice(0, tries), { maxAttempts }).kind).toBe('retry');
    }
    expect(decideOn(replies, { maxAttempts }).kind).toBe('settle');
  });

  test('are not those of earlier runs', () => {
    expect(decideOn([anUnanswered()], {}, aSettlement({ outcome: 'unknown', attempts: 400 })).kind).toBe('retry');
  });

  test('are further and further apart', () => {
    const delays = [1, 2, 3, 4, 5].map((tries) => {
      const decision = decideOn(
        Array.from({ length: tries }, () => anUnsent()),
        { maxAttempts: 9, random: 0.5 },
      );
      return decision.kind === 'retry' ? decision.delayMs : undefined;
    });
    expect(delays).toEqual([250, 500, 1000, 2000, 4000]);
  });

  test('come no earlier than the server asks, and not after more than five minutes', () => {
    expect(decideOn([aStatus(503, 7_000)])).toMatchObject({ kind: 'retry', delayMs: 7_000 });
    expect(decideOn([aStatus(503, 7_000)], { random: 0.5 })).toMatchObject({ delayMs: 7_250 });
    expect(decideOn([aStatus(500, 3_600_000)])).toMatchObject({ delayMs: MAX_RETRY_AFTER_MS });
    expect(decideOn([aStatus(503, 7_000), anUnsent()])).toMatchObject({ delayMs: 0 });
  });
});

describe('429', () => {
  const throttled = (times: number): Reply[] => Array.from({ length: times }, () => aStatus(429));

  test('is tried again later, outside the tries and without doubt', () => {
    const many = throttled(MAX_THROTTLED - 1);
    expect(decideOn(many, LAST_TRY)).toMatchObject({ kind: 'retry', inDoubt: false });
    expect(decideOn([...many, anUnsent()], { maxAttempts: 2 }).kind).toBe('retry');
    expect(decideOn([aStatus(500), aStatus(429)], LAST_TRY)).toMatchObject({ kind: 'retry', inDoubt: true });
  });

  test('is waited for as long as the server says, five minutes at most', () => {
    expect(decideOn([aStatus(429, 42_000)])).toMatchObject({ delayMs: 42_000 });
    expect(decideOn([aStatus(429, 42_000)], { random: 0.5 })).toMatchObject({ delayMs: 42_250 });
    expect(decideOn([aStatus(429, 86_400_000)])).toMatchObject({ delayMs: MAX_RETRY_AFTER_MS });
    expect(decideOn(throttled(4), { random: 0.5 })).toMatchObject({ delayMs: 2000 });
  });

  test('without end leaves the row for another run', () => {
    expect(decideOn(throttled(MAX_THROTTLED))).toEqual({
      kind: 'settle',
      inDoubt: false,
      outcome: 'unavailable',
      detail: 'The server kept asking for less (HTTP status 429): rerun later.',
    });
    expect(decideOn(throttled(MAX_THROTTLED), {}, DOUBT)).toMatchObject({
      kind: 'settle',
      inDoubt: true,
      outcome: 'unknown',
      detail: expect.stringMatching(/rerun later\. An earlier send may have been applied\.$/) as string,
    });
  });

  test('is met twenty times at most', () => {
    expect(MAX_THROTTLED).toBe(20);
  });

  test('is counted in a row: another reply between begins anew', () => {
    const broken = [...throttled(MAX_THROTTLED - 1), anUnsent(), ...throttled(MAX_THROTTLED - 1)];
    expect(decideOn(broken).kind).toBe('retry');
  });
});

describe('the session check decides', () => {
  test.each([
    ['10001', aReply({ code: '10001' }), RETURN_CODES['10001'].remedy],
    ['23018', aReply({ code: '23018' }), RETURN_CODES['23018'].remedy],
    ['HTTP 401', aStatus(401), 'HTTP status 401: no right over this user, or the session has ended.'],
    ['HTTP 403', aStatus(403), 'HTTP status 403: no right over this user, or the session has ended.'],
  ])('on %s, at once and without new doubt', (_, reply, detail) => {
    for (const tokenType of TOKEN_TYPE_NAMES) {
      for (const endpointSeen of [true, false]) {
        const circumstances = { tokenType, endpointSeen };
        expect(decideOn([reply], circumstances)).toEqual({ kind: 'ask_session', inDoubt: false, detail });
        expect(decideOn([reply], { ...circumstances, ...LAST_TRY })).toEqual(decideOn([reply], circumstances));
        expect(decideOn([reply], circumstances, DOUBT)).toEqual({ kind: 'ask_session', inDoubt: true, detail });
      }
    }
  });
});

describe('the run stops', () => {
  const stopping = Object.entries(RETURN_CODES).filter(([, { verdict }]) => verdict === 'stop');

  test('for licence, quota, company and the application, thirteen codes', () => {
    expect(stopping.map(([returnCode]) => returnCode)).toHaveLength(13);
  });

  test.each(stopping)('%s: its row is unavailable, the reason says the code', (returnCode, { meaning, remedy }) => {
    expect(decideOn([code(returnCode)])).toEqual({
      kind: 'stop',
      inDoubt: false,
      outcome: 'unavailable',
      detail: remedy,
      reason: `return code ${returnCode} (${meaning}). ${remedy}`,
    });
  });

  test('and a row in doubt stays in doubt', () => {
    expect(decideOn([anUnanswered(), code('27001')])).toEqual({
      kind: 'stop',
      inDoubt: true,
      outcome: 'unknown',
      detail: 'Have the licence renewed, then rerun. An earlier send may have been applied.',
      reason: 'return code 27001 (Licence error). Have the licence renewed, then rerun.',
    });
  });

  test.each([300, 301, 302, 307, 308, 399, 400, 402, 404, 405, 406, 410])(
    'HTTP %d before any success: the address is wrong',
    (status) => {
      expect(decideOn([aStatus(status)], { endpointSeen: false })).toEqual({
        kind: 'stop',
        inDoubt: false,
        outcome: 'unavailable',
        detail: 'This is no CENTAGATE web API, or what stands before it blocks this row: check --server, then rerun.',
        reason: `HTTP status ${status} from the registration endpoint. This is no CENTAGATE web API, or what stands before it blocks this row: check --server, then rerun.`,
      });
      expect(decideOn([aStatus(status)], { endpointSeen: false }, DOUBT)).toMatchObject({ outcome: 'unknown' });
    },
  );

  test.each([201, 202, 204, 299])('HTTP %d before any success: so it is, and may have been applied', (status) => {
    const first = decideOn([aStatus(status)], { endpointSeen: false });
    expect(first).toMatchObject({ kind: 'stop', inDoubt: true, outcome: 'unknown' });
  });

  test('HTTP 408 before any success: so it is, where a page comes with it', () => {
    const page = { contentType: 'text/html', title: 'Sign in' };
    const first = decideOn([{ ...aStatus(408), page }], { endpointSeen: false });
    expect(first).toMatchObject({ kind: 'stop', inDoubt: false, outcome: 'unavailable' });
  });

  test.each([408, 500, 503])('HTTP %d says nothing of the address', (status) => {
    expect(decideOn([aStatus(status)], { endpointSeen: false }).kind).toBe('retry');
  });
});

/** Lives a row's life as register-row does, but for the world; the session check always says "good". */
function live(past: Settlement | undefined, replies: readonly Reply[], circumstances: Circumstances) {
  let state = beginRow(past);
  const states = [state];
  for (const reply of replies) {
    state = addAttempt(state, { reply, sentAt: NOON, latencyMs: 1 });
    const decision = decide(state, reply, circumstances);
    state = { ...state, inDoubt: decision.inDoubt };
    states.push(state);
    if (decision.kind === 'retry') {
      expect(decision.delayMs).toBeGreaterThanOrEqual(0);
      expect(decision.delayMs).toBeLessThanOrEqual(MAX_RETRY_AFTER_MS + 30_000);
      continue;
    }
    const outcome = decision.kind === 'ask_session' ? 'refused' : decision.outcome;
    return { states, last: reply, settlement: settle(state, outcome, decision.detail) };
  }
  return { states, last: undefined, settlement: settleUnfinished(state, 'the run stopped') };
}

/** The reply table of product.md, column "doubt". */
function leavesDoubt(reply: Reply, { tokenType, endpointSeen }: Circumstances): boolean {
  switch (reply.kind) {
    case 'answer': {
      const verdict = verdictOf(reply.code, tokenType);
      const isKeyLost = verdict === 'success' && bringsKey(tokenType) && reply.key === undefined;
      return isKeyLost || ['temporary', 'once_more'].includes(verdict);
    }
    case 'status': {
      const { httpStatus } = reply;
      if ([401, 403, 429].includes(httpStatus)) return false;
      const { first } = describeStatus(httpStatus);
      return endpointSeen || (first !== 'stop' && !(first === 'stop_for_page' && 'page' in reply));
    }
    case 'unreadable':
      return endpointSeen || reply.why !== 'the reply is not JSON';
    case 'unanswered':
      return true;
    case 'unsent':
      return false;
  }
}

describe('over any replies', () => {
  const lives = fc
    .record({
      past: fc.option(anySettlement, { nil: undefined }),
      replies: fc.array(anyReply, { maxLength: 40 }),
      circumstances: fc.record({
        tokenType: fc.constantFrom(...TOKEN_TYPE_NAMES),
        maxAttempts: fc.integer({ min: 1, max: 8 }),
        endpointSeen: fc.boolean(),
        isRowAlone: fc.boolean(),
        random: fc.double({ min: 0, max: 0.999, noNaN: true }),
      }),
    })
    .map(({ past, replies, circumstances }) => {
      const lived = live(past, replies, circumstances);
      const met = replies.slice(0, lived.states.length - 1);
      const begunInDoubt = past !== undefined && isInDoubt(past.outcome);
      return {
        ...lived,
        past,
        met,
        circumstances,
        wasInDoubt: begunInDoubt || met.some((reply) => leavesDoubt(reply, circumstances)),
      };
    });
  const holds = (law: (life: typeof lives extends fc.Arbitrary<infer Life> ? Life : never) => void): void =>
    fc.assert(fc.property(lives, law), { numRuns: 1000 });

  test('attempts are the sends that may have left and those of the past, and never decrease', () => {
    holds(({ past, met, states, settlement }) => {
      const sends = met.filter(({ kind }) => kind !== 'unsent').length;
      expect(settlement.attempts).toBe((past?.attempts ?? 0) + sends);
      const counts = states.map(({ attempts }) => attempts);
      expect(counts).toEqual([...counts].sort((a, b) => a - b));
    });
  });

  test('a row is registered by an answer with code 0 alone', () => {
    holds(({ last, past, settlement }) => {
      if (settlement.outcome !== 'registered' || settlement === past) return;
      expect(last).toMatchObject({ kind: 'answer', code: '0' });
      expect(settlement).toMatchObject({ returnCode: '0', httpStatus: 200 });
    });
  });

  test('doubt ends with code 0, a final no or "already", and with nothing else', () => {
    holds(({ last, wasInDoubt, settlement, circumstances }) => {
      if (!wasInDoubt || isInDoubt(settlement.outcome)) return;
      expect(['unavailable', 'not_sent', 'invalid', 'duplicate']).not.toContain(settlement.outcome);
      const verdict = last?.kind === 'answer' ? verdictOf(last.code, circumstances.tokenType) : undefined;
      const isRefusedAlone = last?.kind === 'status' && [401, 403].includes(last.httpStatus);
      expect(isRefusedAlone || ['success', 'already', 'refused', 'session'].includes(verdict ?? '')).toBe(true);
    });
  });

  test('no row is in doubt without a send that may have been applied', () => {
    holds(({ wasInDoubt, settlement, states }) => {
      expect(isInDoubt(settlement.outcome) && !wasInDoubt).toBe(false);
      expect(states.some(({ inDoubt }) => inDoubt) && !wasInDoubt).toBe(false);
    });
  });

  test('a key is lost by OTP rows alone', () => {
    holds(({ past, circumstances, settlement }) => {
      if (settlement.outcome === 'key_lost' && past?.outcome !== 'key_lost')
        expect(circumstances.tokenType).toBe('otp');
    });
  });

  test('no row is tried more often than it may', () => {
    holds(({ states, circumstances }) => {
      for (const { tries, throttled } of states) {
        expect(tries).toBeLessThanOrEqual(circumstances.maxAttempts);
        expect(throttled).toBeLessThanOrEqual(MAX_THROTTLED);
      }
    });
  });
});

describe('an answer to what takes a token back', () => {
  const undo = 'unregister' as const;

  test.each(TOKEN_TYPE_NAMES)('0 says that it did, and brings no key (%s)', (tokenType) => {
    expect(decideOn([aReply()], { tokenType, undo })).toMatchObject({ outcome: 'undone', detail: 'Unregistered.' });
    expect(decideOn([aReply()], { tokenType, undo: 'activate' })).toMatchObject({ outcome: 'registered' });
  });

  test('is to be proved where the server shows it', () => {
    const isOpen = (tokenType: TokenType, way: 'unregister' | 'deactivate'): unknown =>
      (decideOn([aReply()], { tokenType, undo: way }) as { isOpen?: true }).isOpen;
    expect([isOpen('pki', 'unregister'), isOpen('pki', 'deactivate'), isOpen('otp', 'unregister')]).toEqual([
      true,
      undefined,
      undefined,
    ]);
  });

  test.each(['29001', '26011'])('%s is a no, and after a doubtful send the proof that it was applied', (code) => {
    expect(decideOn([aReply({ code })], { undo })).toMatchObject({ outcome: 'refused' });
    expect(decideOn([anUnanswered(), aReply({ code })], { undo })).toMatchObject({ outcome: 'undone', inDoubt: false });
    // A status that can't be set says nothing of an earlier one.
    const deactivating = { undo: 'deactivate' } as const;
    const doubted = decideOn([anUnanswered(), aReply({ code })], deactivating);
    expect(doubted).toMatchObject({ outcome: 'unknown', inDoubt: true, needsFix: true });
  });

  test.each(['22002', '22004', '22027', '29013'])('%s after a doubtful send leaves the doubt to a person', (code) => {
    for (const way of UNDO_WAY_NAMES)
      expect(decideOn([anUnanswered(), aReply({ code })], { undo: way })).toMatchObject({
        ...{ kind: 'settle', outcome: 'unknown', inDoubt: true, needsFix: true },
        detail: expect.stringContaining('An earlier send may have been applied.') as string,
      });
  });

  test.each(['22027', '29008', '22002', '29013', '36000'])('%s is a no', (code) => {
    for (const tokenType of TOKEN_TYPE_NAMES)
      expect(decideOn([aReply({ code })], { tokenType, undo })).toMatchObject({ kind: 'settle', outcome: 'refused' });
  });

  test.each(['10002', '22002', '22027', '36000'])('%s sends a person to the user, and not to the row', (code) => {
    const { detail } = decideOn([aReply({ code })], { undo }) as { detail: string };
    expect(detail).toMatch(/: look at the user in the console, then repeat undo\.$/);
    expect(detail).not.toContain('orrect the row');
  });

  test('a crypto error is about no signature, and is tried again', () => {
    expect(decideOn([aReply({ code: '10011' })], { undo })).toMatchObject({ kind: 'retry', inDoubt: true });
  });

  test('a page in place of the first reply: which endpoint that was', () => {
    const first = { undo, endpointSeen: false } as const;
    expect(decideOn([aStatus(404)], first)).toMatchObject({
      kind: 'stop',
      reason: expect.stringContaining('the endpoint that takes back') as string,
    });
  });
});
