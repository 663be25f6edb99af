import { expect, test } from 'vitest';
import type { Plan } from '../../src/plan/planned-row.js';
import { ownHistory, planRepetition, RowOwners } from '../../src/plan/row-owners.js';
import type { Claim } from '../../src/plan/row-owners.js';
import { aSettlement } from '../support/planning.js';

const aRow = (line: number, content = 'the same'): Claim => ({ key: 'otp:ann', line, content });

test('a user is the row of the first line that has it', () => {
  const owners = new RowOwners();
  expect(owners.has('otp:ann')).toBe(false);
  expect(owners.claim(aRow(2))).toBeUndefined();
  expect(owners.claim(aRow(3))?.line).toBe(2);
  expect(owners.claim({ ...aRow(4), key: 'pki:ann' })).toBeUndefined();
  expect(owners.has('otp:ann')).toBe(true);
});

test('a later row that is done or in doubt keeps its user', () => {
  const owners = new RowOwners();
  owners.keep(aRow(5));
  expect(owners.has('otp:ann')).toBe(true);
  expect(owners.claim(aRow(2))?.line).toBe(5);
  expect(owners.claim(aRow(5))).toBeUndefined();
  expect(owners.claim(aRow(7))?.line).toBe(5);
});

test('the content of the row that has the user tells whether another one says the same', () => {
  const owners = new RowOwners();
  owners.keep(aRow(5, 'as it was'));
  expect(owners.claim(aRow(2, 'as it was'))?.isSame('as it was')).toBe(true);
  // The row in doubt was corrected, and planned so.
  expect(owners.claim(aRow(5, 'as it is'))).toBeUndefined();
  expect(owners.claim(aRow(7, 'as it is'))?.isSame('as it is')).toBe(true);
});

const settlementOf = (plan: Plan) => (plan.kind === 'register' ? undefined : plan.settlement);

test('a repetition is a duplicate when it says the same, else invalid; both name the line, and what was sent stays', () => {
  const owners = new RowOwners();
  owners.claim(aRow(2, 'a'));
  const first = owners.claim(aRow(3, 'a'))!;
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
