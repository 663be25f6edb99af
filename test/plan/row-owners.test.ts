import { expect, test } from 'vitest';
import type { Plan } from '../../src/plan/planned-row.js';
import { ownHistory, planRepetition, RowOwners } from '../../src/plan/row-owners.js';
import type { Claim } from '../../src/plan/row-owners.js';
import { aSettlement } from '../support/planning.js';

const aRow = (line: number, content = 'the same'): Claim => ({ key: 'otp:ann', line, content });

test('a user is the row of the first line that has it', () => {
  const owners = new RowOwners();
  expect(owners.has('otp:ann')).toBe(false);
  expect(owners.claim(aRow(2))).toEqual({});
  expect(owners.claim(aRow(3)).owner?.line).toBe(2);
  expect(owners.claim({ ...aRow(4), key: 'pki:ann' })).toEqual({});
  expect(owners.has('otp:ann')).toBe(true);
});

test('a later row that is done or in doubt keeps its user', () => {
  const owners = new RowOwners();
  owners.keep(aRow(5));
  expect(owners.has('otp:ann')).toBe(true);
  expect(owners.claim(aRow(2)).owner?.line).toBe(5);
  expect(owners.claim(aRow(5))).toEqual({});
  expect(owners.claim(aRow(7)).owner?.line).toBe(5);
});

test('the content of the row that has the user tells whether another one says the same', () => {
  const owners = new RowOwners();
  owners.keep(aRow(5, 'as it was'));
  expect(owners.claim(aRow(2, 'as it was')).owner?.isSame('as it was')).toBe(true);
  // The row in doubt was corrected, and planned so.
  expect(owners.claim(aRow(5, 'as it is'))).toEqual({});
  expect(owners.claim(aRow(7, 'as it is')).owner?.isSame('as it is')).toBe(true);
});

const named = (key: string, line: number): Claim => ({ key, line, content: '' });

test('names that people would take for the same are told of, with the line of the first', () => {
  const owners = new RowOwners();
  owners.claim(named('otp:Ann', 2));
  expect(owners.claim(named('otp:ann', 3))).toMatchObject({ equal: { line: 2 } });
  expect(owners.claim(named('otp:ＡＮＮ', 4))).toMatchObject({ equal: { line: 2 } });
  expect(owners.claim(named('otp:Ann', 5))).toMatchObject({ owner: { line: 2 } });
  expect(owners.claim(named('pki:ann', 6))).toEqual({});
  expect([owners.has('otp:Ann'), owners.has('otp:ann')]).toEqual([true, false]);
});

test('a name that is kept makes no row of an equal one its owner, and is kept from it', () => {
  const owners = new RowOwners();
  owners.keep(named('otp:Ann', 5));
  expect(owners.claim(named('otp:ann', 2))).toMatchObject({ equal: { line: 5 } });
  expect(owners.claim(named('otp:Ann', 5))).toEqual({});
  expect(owners.claim(named('otp:Ann', 7))).toMatchObject({ owner: { line: 5 } });
});

test('equal names are users of their own where that is allowed', () => {
  const owners = new RowOwners({ areEqualNamesAllowed: true });
  expect(owners.claim(named('otp:Ann', 2))).toEqual({});
  expect(owners.claim(named('otp:ann', 3))).toEqual({});
  expect(owners.claim(named('otp:ann', 4))).toMatchObject({ owner: { line: 3 } });
});

const settlementOf = (plan: Plan) => (plan.kind === 'register' ? undefined : plan.settlement);

test('a repetition is a duplicate when it says the same, else invalid; both name the line, and what was sent stays', () => {
  const owners = new RowOwners();
  owners.claim(aRow(2, 'a'));
  const first = owners.claim(aRow(3, 'a')).owner!;
  expect(settlementOf(planRepetition(first, 'a', undefined))).toMatchObject({ outcome: 'duplicate', attempts: 0 });
  expect(settlementOf(planRepetition(first, 'b', undefined))).toMatchObject({ outcome: 'invalid', attempts: 0 });
  const past = aSettlement('refused', { attempts: 3, returnCode: '22002' });
  for (const content of ['a', 'b']) {
    const settlement = settlementOf(planRepetition(first, content, past))!;
    expect(settlement.detail).toContain('line 2');
    expect(settlement).toMatchObject({ attempts: 3, sentAt: past.sentAt, returnCode: '' });
  }
});

test('that a row was a duplicate says nothing of the row itself, but for its sends', () => {
  expect(ownHistory(undefined)).toBeUndefined();
  const refused = aSettlement('refused');
  expect(ownHistory(refused)).toBe(refused);
  expect(ownHistory(aSettlement('duplicate', { attempts: 2 }))).toMatchObject({ outcome: 'not_sent', attempts: 2 });
});
