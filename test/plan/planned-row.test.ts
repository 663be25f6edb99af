import { describe, expect, test } from 'vitest';
import type { UsedCells } from '../../src/input/correction.js';
import type { Outcome } from '../../src/row/outcome.js';
import { planAgain, planDuplicate, planRow } from '../../src/plan/planned-row.js';
import type { Plan, PlanRules } from '../../src/plan/planned-row.js';
import type { Settlement } from '../../src/row/settlement.js';
import { afterUndo } from '../../src/row/undo.js';
import { aHeader, anOtpRegistration, aRegistration, aSettlement, NOON, someCells } from '../support/builders.js';

const HEADER = aHeader();
const OTP = { token_type: 'otp', signature_path: '', status: '' };

function someRules(changes: Partial<PlanRules> = {}): PlanRules {
  return { defaultStatus: undefined, hasKeySince: () => false, ...changes };
}

interface Case {
  readonly cells?: Partial<UsedCells>;
  readonly found?: number;
  readonly past?: Settlement | undefined;
  readonly rules?: Partial<PlanRules>;
}

function plan({ cells = {}, found, past, rules }: Case): Plan {
  const ragged = found === undefined ? undefined : { found, expected: 5 };
  return planRow({ header: HEADER, cells: someCells(cells), ragged }, past, someRules(rules));
}

function past(outcome: Outcome, changes: Partial<Settlement> = {}): Settlement {
  return aSettlement({ outcome, returnCode: '', attempts: 3, ...changes });
}

const RETRIED = ['refused', 'invalid', 'key_lost', 'unavailable', 'unknown', 'not_sent'] as const;

describe('a row without a history', () => {
  test('is registered', () => {
    expect(plan({})).toEqual({ kind: 'register', registration: aRegistration(), past: undefined });
    expect(plan({ cells: OTP })).toEqual({ kind: 'register', registration: anOtpRegistration(), past: undefined });
  });

  test('takes the default status', () => {
    const planned = plan({ cells: { status: '' }, rules: { defaultStatus: '1' } });
    expect(planned).toMatchObject({ kind: 'register', registration: { status: '1' } });
  });

  test('ends without a send when our checks refuse it, with every column that is wrong', () => {
    expect(plan({ cells: { status: '9', signature_path: '' } })).toMatchObject({
      kind: 'settle',
      settlement: {
        outcome: 'invalid',
        attempts: 0,
        detail:
          'signature_path is empty: a PKI row names its PKCS#7 file; status "9" is not known: write 1 pending, 2 valid, 3 temp-deactivated or 4 deactivated',
      },
      rejections: [{ column: 'signature_path' }, { column: 'status' }],
    });
  });

  test.each([4, 6])('of %d cells says how many were expected', (found) => {
    expect(plan({ found })).toMatchObject({
      kind: 'settle',
      settlement: {
        outcome: 'invalid',
        detail: expect.stringContaining(`the row has ${found} cells, the header 5: `) as string,
      },
    });
  });
});

describe('a row with a history', () => {
  test.each(['registered', 'already_registered'] as const)('that is done (%s) is carried over', (outcome) => {
    const settlement = past(outcome);
    expect(plan({ past: settlement })).toEqual({ kind: 'carry', settlement });
    expect(plan({ past: settlement, cells: { status: 'broken' } })).toEqual({ kind: 'carry', settlement });
    expect(plan({ past: settlement, found: 3 })).toEqual({ kind: 'carry', settlement });
  });

  test.each(RETRIED)('that is not done (%s) is tried again, on top of its history', (outcome) => {
    const settlement = past(outcome);
    expect(plan({ past: settlement })).toEqual({ kind: 'register', registration: aRegistration(), past: settlement });
  });

  test('as the repetition of a row that is no more is tried as if it were new', () => {
    expect(plan({ past: past('duplicate', { attempts: 0 }) })).toEqual({
      kind: 'register',
      registration: aRegistration(),
      past: undefined,
    });
  });

  test.each(['refused', 'unavailable', 'not_sent'] as const)(
    'after %s may be found invalid, its sends visible',
    (outcome) => {
      const settlement = { outcome: 'invalid', attempts: 3 };
      expect(plan({ past: past(outcome), cells: { status: '' } })).toMatchObject({ kind: 'settle', settlement });
      expect(plan({ past: past(outcome), found: 9 })).toMatchObject({ kind: 'settle', settlement });
    },
  );

  test.each(['unknown', 'key_lost'] as const)('in doubt (%s) stays unknown when it is found invalid', (outcome) => {
    const settlement = { outcome: 'unknown', attempts: 3, sentAt: NOON };
    expect(plan({ past: past(outcome), cells: { status: '' } })).toMatchObject({ kind: 'settle', settlement });
    expect(plan({ past: past(outcome), found: 9 })).toMatchObject({ kind: 'settle', settlement });
  });
});

describe('a row that was taken back', () => {
  const deactivated = afterUndo(past('registered'), past('undone'), 'deactivate');
  const undone = afterUndo(past('registered'), past('undone'), 'unregister');
  const doubted = afterUndo(past('registered'), past('unknown'), 'unregister');

  test('stays so, whatever its cells say by now, until somebody asks for it', () => {
    for (const cells of [OTP, {}, { status: 'broken' }])
      expect(plan({ past: undone, cells })).toEqual({ kind: 'carry', settlement: undone });
    const rules = { allowed: ['undone'] } as const;
    expect(plan({ past: undone, rules })).toMatchObject({ kind: 'register', past: undone });
  });

  test('stays so where it was deactivated: a server that has it still would call it registered before', () => {
    const rules = { allowed: ['undone'] } as const;
    expect(plan({ past: deactivated, rules })).toEqual({ kind: 'carry', settlement: deactivated });
  });

  test('or may have been, is neither sent nor settled by a key that was there before', () => {
    const rules = { allowed: ['undone'], hasKeySince: () => true } as const;
    expect(plan({ past: doubted, cells: OTP, rules })).toEqual({ kind: 'carry', settlement: doubted });
  });
});

describe('an OTP key in the keys file', () => {
  const savedAt = (at: number): Partial<PlanRules> => ({
    hasKeySince: (username, sinceMs) => username === 'ann' && !(at < sinceMs),
  });

  test.each(['unknown', 'key_lost'] as const)(
    'that is newer than the doubtful send (%s) settles its row',
    (outcome) => {
      expect(plan({ cells: OTP, past: past(outcome), rules: savedAt(NOON + 1) })).toEqual({
        kind: 'settle',
        settlement: {
          ...past(outcome),
          outcome: 'registered',
          detail: 'The key that an earlier send brought is in the keys file.',
        },
      });
    },
  );

  test('settles a row that could not be sent again', () => {
    expect(plan({ cells: OTP, found: 9, past: past('unknown'), rules: savedAt(NOON + 1) })).toMatchObject({
      settlement: { outcome: 'registered' },
    });
  });

  test.each<[string, Case]>([
    ['is older than the send', { past: past('unknown'), rules: savedAt(NOON - 1) }],
    ['is there, and no time of the send', { past: past('unknown', { sentAt: undefined }), rules: savedAt(NOON + 1) }],
    ['is of another user', { past: past('unknown'), cells: { ...OTP, username: 'bob' }, rules: savedAt(NOON + 1) }],
    ['is there, and no doubt', { past: past('refused'), rules: savedAt(NOON + 1) }],
    ['is there, and no history', { rules: savedAt(NOON + 1) }],
  ])('settles nothing when it %s', (_, changes) => {
    expect(plan({ cells: OTP, ...changes }).kind).toBe('register');
  });

  test('settles no PKI row', () => {
    expect(plan({ past: past('unknown'), rules: savedAt(NOON + 1) }).kind).toBe('register');
  });
});

describe('what a killed run knew of a row', () => {
  const replaying = (settlement: Settlement | undefined, key = 'pki:ann'): Partial<PlanRules> => ({
    takeReplayed: (asked) => (asked === key ? settlement : undefined),
  });

  test.each(['registered', 'refused', 'unknown', 'unavailable', 'key_lost'] as const)(
    'stands (%s): nothing is sent, nothing checked',
    (outcome) => {
      const settlement = past(outcome, { attempts: 7 });
      const rules = replaying(settlement);
      expect(plan({ rules })).toEqual({ kind: 'carry', settlement });
      expect(plan({ rules, found: 9, cells: { status: '' } })).toEqual({ kind: 'carry', settlement });
    },
  );

  test('comes before what the results say', () => {
    const settlement = past('registered', { attempts: 4 });
    expect(plan({ past: past('unknown'), rules: replaying(settlement) })).toEqual({ kind: 'carry', settlement });
  });

  test('keeps the time of an earlier run, when nothing left in the killed one', () => {
    const settlement = past('unknown', { sentAt: undefined });
    expect(plan({ past: past('unknown', { sentAt: NOON - 9 }), rules: replaying(settlement) })).toEqual({
      kind: 'carry',
      settlement: { ...settlement, sentAt: NOON - 9 },
    });
    expect(plan({ rules: replaying(settlement) })).toEqual({ kind: 'carry', settlement });
  });

  test('is settled by a key that was saved before the kill', () => {
    const rules = { ...replaying(past('unknown'), 'otp:ann'), hasKeySince: () => true };
    expect(plan({ cells: OTP, rules })).toMatchObject({ kind: 'settle', settlement: { outcome: 'registered' } });
  });

  test('is nothing for a row that it never came to', () => {
    const rules = replaying(undefined);
    expect(plan({ rules }).kind).toBe('register');
    expect(plan({ rules, past: past('unknown') })).toMatchObject({ kind: 'register', past: past('unknown') });
    expect(plan({ rules, cells: { username: '' } })).toMatchObject({ settlement: { outcome: 'invalid' } });
  });
});

describe('the second row of one user and token type', () => {
  test('is a duplicate when it says the same, and names the first line', () => {
    expect(planDuplicate(4, true)).toMatchObject({
      kind: 'settle',
      settlement: { outcome: 'duplicate', attempts: 0, detail: 'The same row stands on line 4.' },
    });
  });

  test('is invalid when it says something else, and names the first line', () => {
    expect(planDuplicate(4, false)).toMatchObject({
      kind: 'settle',
      settlement: {
        outcome: 'invalid',
        attempts: 0,
        detail: 'line 4 has the same username and token type, and says something else: keep one of them',
      },
      rejections: [
        { reason: 'line 4 has the same username and token type, and says something else: keep one of them' },
      ],
    });
  });
});

describe('a row of a shard that is planned anew', () => {
  const again = (
    before: Plan,
    left: Settlement | undefined,
    { cells = OTP, rules }: Pick<Case, 'cells' | 'rules'> = {},
  ) => planAgain({ header: HEADER, cells: someCells(cells), plan: before }, left, someRules(rules));

  test('stays as it was planned where its shard has left nothing of it', () => {
    const first = plan({ cells: OTP, past: past('refused') });
    expect(again(first, undefined)).toBe(first);
  });

  test.each(['registered', 'already_registered'] as const)('is carried when it is %s by now', (outcome) => {
    expect(again(plan({ cells: OTP }), past(outcome))).toEqual({ kind: 'carry', settlement: past(outcome) });
    // Its status was given by a flag then.
    const invalid = plan({ cells: { status: '' } });
    expect(again(invalid, past(outcome), { cells: { status: '' } })).toEqual({
      kind: 'carry',
      settlement: past(outcome),
    });
  });

  test.each(RETRIED)('is sent after %s', (outcome) => {
    const first = plan({ cells: OTP, past: past('unavailable', { attempts: 1 }) });
    expect(again(first, past(outcome))).toEqual({
      kind: 'register',
      registration: anOtpRegistration(),
      past: past(outcome),
    });
  });

  test('keeps its doubt when it can not be sent', () => {
    const invalid = plan({ cells: { status: '' } });
    expect(again(invalid, past('unknown'))).toMatchObject({
      kind: 'settle',
      settlement: { outcome: 'unknown', attempts: 3 },
    });
  });

  test('a repetition stays one, and so does what is done', () => {
    for (const first of [
      planDuplicate(4, true),
      planDuplicate(4, false),
      { kind: 'carry', settlement: past('registered') },
    ] as const)
      expect(again(first, past('unknown'), { rules: { takeReplayed: () => past('registered') } })).toBe(first);
  });

  test('that waits is what its shard left of it, which was told more', () => {
    const waiting: Plan = { kind: 'carry', settlement: past('undone') };
    expect(again(waiting, past('registered'))).toEqual({ kind: 'carry', settlement: past('registered') });
    expect(again(waiting, undefined)).toBe(waiting);
  });

  test('is what a killed run knew of it, which knows no send before its own', () => {
    const takeReplayed = (): Settlement => past('unavailable', { sentAt: undefined });
    const left = past('unknown', { sentAt: NOON });
    expect(again(plan({ cells: OTP }), left, { rules: { takeReplayed } })).toEqual({
      kind: 'carry',
      settlement: past('unavailable', { sentAt: NOON }),
    });
    expect(again(plan({ cells: OTP }), left, { rules: { takeReplayed, isReplayHistory: true } })).toMatchObject({
      kind: 'register',
    });
  });
});
