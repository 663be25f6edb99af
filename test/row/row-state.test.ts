import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isInDoubt, OUTCOME_NAMES } from '../../src/row/outcome.js';
import type { Outcome } from '../../src/row/outcome.js';
import {
  addAttempt,
  beginRow,
  settle,
  settleInvalid,
  settleUnfinished,
  settleUnreached,
  takeBack,
} from '../../src/row/row-state.js';
import type { Settlement } from '../../src/row/settlement.js';
import {
  anyReply,
  anySettlement,
  aReply,
  aSettlement,
  aState,
  aStatus,
  anUnanswered,
  anUnreadable,
  anUnsent,
  NOON,
  stateAfter,
} from '../support/builders.js';

const PAST = aSettlement({
  outcome: 'refused',
  returnCode: '22002',
  message: 'User not found',
  attempts: 3,
  sentAt: NOON - 5000,
  latencyMs: 40,
  detail: 'Correct the username.',
});

function past(outcome: Outcome): Settlement {
  return { ...PAST, outcome };
}

describe('a row begins', () => {
  test('with nothing, when no earlier run knew it', () => {
    expect(beginRow(undefined)).toStrictEqual({
      past: undefined,
      attempts: 0,
      tries: 0,
      throttled: 0,
      codes: [],
      inDoubt: false,
      lastReply: undefined,
      sentAt: undefined,
      latencyMs: undefined,
    });
  });

  test('with the sends of all earlier runs, and no tries of this one', () => {
    expect(beginRow(PAST)).toMatchObject({
      past: PAST,
      attempts: 3,
      tries: 0,
      throttled: 0,
      codes: [],
      sentAt: NOON - 5000,
      latencyMs: 40,
    });
  });

  test.each(OUTCOME_NAMES)('after %s, with the doubt that it left', (outcome) => {
    expect(beginRow(past(outcome)).inDoubt).toBe(outcome === 'unknown' || outcome === 'key_lost');
  });
});

describe('a try', () => {
  test.each([
    ['an answer', aReply()],
    ['a status', aStatus(500)],
    ['429', aStatus(429)],
    ['a reply that says nothing', anUnreadable()],
    ['silence', anUnanswered()],
  ])('that met %s is a send: it counts, with its time', (_, reply) => {
    const state = addAttempt(beginRow(PAST), { reply, sentAt: NOON, latencyMs: 7 });
    expect(state).toMatchObject({ attempts: 4, sentAt: NOON, latencyMs: 7, lastReply: reply, past: PAST });
  });

  test('that surely never left is none: the last send stays the last', () => {
    const state = addAttempt(beginRow(PAST), { reply: anUnsent(), sentAt: undefined, latencyMs: undefined });
    expect(state).toMatchObject({ attempts: 3, tries: 1, sentAt: NOON - 5000, latencyMs: 40, lastReply: anUnsent() });
  });

  test('that met 429 is outside the tries, and counted by itself until another reply comes', () => {
    const replies = [aStatus(429), aStatus(429), aStatus(500), aStatus(429)];
    const counts = replies.map((_, at) => stateAfter(replies.slice(0, at + 1)));
    expect(counts.map(({ tries }) => tries)).toEqual([0, 0, 1, 1]);
    expect(counts.map(({ throttled }) => throttled)).toEqual([1, 2, 0, 1]);
    expect(counts.map(({ attempts }) => attempts)).toEqual([1, 2, 3, 4]);
  });

  test('leaves its return code, when it has one', () => {
    const replies = [aReply({ code: '10003' }), aStatus(500), anUnsent(), aReply({ code: '10004' })];
    expect(stateAfter(replies).codes).toEqual(['10003', '10004']);
  });

  test('does not decide on doubt', () => {
    expect(stateAfter([anUnanswered()]).inDoubt).toBe(false);
    expect(stateAfter([aReply()], aState({ inDoubt: true })).inDoubt).toBe(true);
  });

  test('in any order: sends are counted and never fewer', () => {
    fc.assert(
      fc.property(fc.array(anyReply), fc.option(anySettlement, { nil: undefined }), (replies, before) => {
        let state = beginRow(before);
        for (const reply of replies) {
          const next = addAttempt(state, { reply, sentAt: NOON, latencyMs: 1 });
          expect(next.attempts - state.attempts).toBe(reply.kind === 'unsent' ? 0 : 1);
          state = next;
        }
        const sends = replies.filter(({ kind }) => kind !== 'unsent').length;
        expect(state.attempts).toBe((before?.attempts ?? 0) + sends);
      }),
    );
  });
});

describe('a row settles', () => {
  test('with the word and the status of its last reply', () => {
    const state = stateAfter([aStatus(500), aReply({ code: '22002', message: 'User not found' })]);
    expect(settle(state, 'refused', 'Correct it.')).toEqual({
      outcome: 'refused',
      returnCode: '22002',
      message: 'User not found',
      httpStatus: 200,
      attempts: 2,
      sentAt: NOON + 1000,
      latencyMs: 2,
      detail: 'Correct it.',
    });
  });

  test.each([
    ['another status', aStatus(503), 503],
    ['a body that says nothing', anUnreadable(), 200],
    ['silence', anUnanswered(), undefined],
    ['no connection', anUnsent(), undefined],
  ])('without a return code when its last reply was %s, whatever came before', (_, reply, httpStatus) => {
    const state = stateAfter([aReply({ code: '10004', message: 'DB error' }), reply], beginRow(PAST));
    expect(settle(state, 'unknown', '')).toMatchObject({ returnCode: '', message: '', httpStatus });
  });

  test('with what earlier runs knew when this one had no reply', () => {
    expect(settle(beginRow(PAST), 'unknown', 'cut off')).toEqual({ ...PAST, outcome: 'unknown', detail: 'cut off' });
    expect(settle(beginRow(undefined), 'invalid', 'no file')).toMatchObject({
      returnCode: '',
      message: '',
      httpStatus: undefined,
      attempts: 0,
    });
  });
});

describe('a row that the end of the run cuts off', () => {
  const WHY = 'the run stopped';

  test('before its first try is as if its turn had never come', () => {
    expect(settleUnfinished(beginRow(undefined), WHY)).toEqual(settleUnreached(undefined, WHY));
    expect(settleUnfinished(beginRow(PAST), WHY)).toEqual(settleUnreached(PAST, WHY));
    const inDoubt = past('unknown');
    expect(settleUnfinished(beginRow(inDoubt), WHY)).toBe(inDoubt);
  });

  test.each([
    ['a try', [anUnsent('refused')], 'refused; the run stopped: rerun'],
    ['a 429', [aStatus(429)], 'the run stopped: rerun'],
    ['a try and a 429', [anUnsent(), aStatus(429)], 'the run stopped: rerun'],
  ])('after %s is unavailable, and says what the last one met', (_, replies, detail) => {
    expect(settleUnfinished(stateAfter(replies), WHY)).toMatchObject({
      outcome: 'unavailable',
      detail,
    });
  });

  test('while in doubt is unknown, and keeps its state so far', () => {
    const state = { ...stateAfter([aReply({ code: '10004', message: 'DB error' })]), inDoubt: true };
    expect(settleUnfinished(state, WHY)).toMatchObject({
      outcome: 'unknown',
      returnCode: '10004',
      message: 'DB error',
      attempts: 1,
      detail: 'the run stopped; an earlier send may have been applied: rerun',
    });
  });

  test('while in doubt since an earlier run is unknown after a 429', () => {
    const state = stateAfter([aStatus(429)], beginRow(past('unknown')));
    expect(settleUnfinished(state, WHY)).toMatchObject({ outcome: 'unknown', httpStatus: 429, attempts: 4 });
  });
});

describe('a row whose turn never comes', () => {
  const WHY = 'the run stopped';

  test('is not sent, when no earlier run knew it', () => {
    expect(settleUnreached(undefined, WHY)).toMatchObject({
      outcome: 'not_sent',
      attempts: 0,
      detail: 'the run stopped: rerun',
    });
  });

  test.each(['unknown', 'key_lost', 'unavailable'] as const)('keeps all that is known when it was %s', (outcome) => {
    const before = past(outcome);
    expect(settleUnreached(before, WHY)).toBe(before);
  });

  test.each(['refused', 'invalid', 'not_sent'] as const)(
    'keeps its sends alone when it was %s: the rest was about the row as it stood then',
    (outcome) => {
      expect(settleUnreached(past(outcome), WHY)).toEqual({
        outcome: 'not_sent',
        returnCode: '',
        message: '',
        httpStatus: undefined,
        attempts: 3,
        sentAt: NOON - 5000,
        latencyMs: 40,
        detail: 'the run stopped: rerun',
      });
    },
  );
});

describe('a row that our checks refuse', () => {
  test('is invalid', () => {
    expect(settleInvalid(undefined, 'status is empty')).toMatchObject({
      outcome: 'invalid',
      attempts: 0,
      detail: 'status is empty',
    });
  });

  test.each(['refused', 'invalid', 'unavailable', 'not_sent'] as const)(
    'is invalid after %s, and its sends stay visible',
    (outcome) => {
      expect(settleInvalid(past(outcome), 'status is empty')).toEqual({
        outcome: 'invalid',
        returnCode: '',
        message: '',
        httpStatus: undefined,
        attempts: 3,
        sentAt: NOON - 5000,
        latencyMs: 40,
        detail: 'status is empty',
      });
    },
  );

  test.each(['unknown', 'key_lost'] as const)('stays unknown after %s: a check settles no doubt', (outcome) => {
    expect(settleInvalid(past(outcome), 'status is empty')).toEqual({
      ...PAST,
      outcome: 'unknown',
      detail: "an earlier send may have been applied, and the row can't be sent again: status is empty",
    });
  });
});

test('what is taken back is in doubt, says nothing of the answer, and is for a rerun', () => {
  const before = aSettlement({ outcome: 'unknown', needsFix: true });
  const { attempts, sentAt, latencyMs } = before;
  expect(takeBack(before)).toEqual({
    ...{ outcome: 'unknown', returnCode: '', message: '', httpStatus: undefined, attempts, sentAt, latencyMs },
    detail: expect.stringContaining("another row's") as string,
  });
});

test('no end without a send makes a doubt disappear, or sends', () => {
  fc.assert(
    fc.property(anySettlement, (before) => {
      const ends = [
        settleUnreached(before, 'why'),
        settleInvalid(before, 'why'),
        settleUnfinished(beginRow(before), 'why'),
      ];
      for (const end of ends) {
        expect(end.attempts).toBe(before.attempts);
        expect(end.sentAt).toBe(before.sentAt);
        expect(isInDoubt(end.outcome)).toBe(isInDoubt(before.outcome));
      }
    }),
  );
});
