import { describe, expect, test } from 'vitest';
import type { Settlement } from '../../src/row/settlement.js';
import { isDone, keepsUser, RowHistory } from '../../src/plan/row-history.js';
import { aSettlement, fileOf, resultsOf } from '../support/planning.js';

/** Results whose rows stand on the lines from 2. */
function open(...rows: (readonly [username: string, settlement: Settlement])[]): Promise<RowHistory> {
  const records = rows.map(([name, settlement], at) => [[name, 'otp', '', ''], at + 2, settlement] as const);
  return RowHistory.open(fileOf(resultsOf(records)));
}

const ask = (name: string, line: number, isRepeated = false) => ({ key: `otp:${name}`, line, isRepeated });

describe('a row finds its history', () => {
  test('by its user, wherever it stands now, and once', async () => {
    const history = await open(['ann', aSettlement('refused')], ['ben', aSettlement('registered')]);
    expect((await history.take(ask('ben', 2)))?.settlement?.outcome).toBe('registered');
    expect((await history.take(ask('ann', 3)))?.settlement?.outcome).toBe('refused');
    expect(await history.take(ask('ann', 3))).toBeUndefined();
    expect(await history.take(ask('cid', 4))).toBeUndefined();
  });

  test.each(['registered', 'already_registered', 'unknown', 'key_lost'] as const)(
    'of rows with one user, the one that is %s has it, also behind one that is not',
    async (outcome) => {
      const history = await open(['ann', aSettlement('invalid')], ['ann', aSettlement(outcome)]);
      expect(history.keptLine('otp:ann')).toBe(3);
      expect([2, 3].map((line) => history.isFound(line))).toEqual([false, true]);
      expect((await history.take(ask('ann', 2)))?.settlement?.outcome).toBe(outcome);
    },
  );

  test('of rows with one user that are neither done nor in doubt, the first has it', async () => {
    const history = await open(
      ['ann', aSettlement('duplicate')],
      ['ann', aSettlement('refused')],
      ['ann', aSettlement('invalid')],
    );
    expect(history.keptLine('otp:ann')).toBeUndefined();
    expect([2, 3, 4].map((line) => history.isFound(line))).toEqual([false, true, false]);
    expect((await history.take(ask('ann', 9)))?.line).toBe(3);
  });

  test("a repeated row finds what was sent of it on its own line, and takes nobody else's", async () => {
    const history = await open(
      ['ann', aSettlement('registered')],
      ['ann', aSettlement('duplicate', { attempts: 2 })],
      ['ben', aSettlement('refused')],
      ['cid', aSettlement('duplicate', { attempts: 2 })],
    );
    expect((await history.take(ask('ann', 3, true)))?.settlement?.attempts).toBe(2);
    const contradicting = await open(
      ['ann', aSettlement('registered')],
      ['ann', aSettlement('invalid', { attempts: 2 })],
    );
    expect((await contradicting.take(ask('ann', 3, true)))?.settlement?.attempts).toBe(2);
    // Lines that shifted: another row's own, another user's.
    expect(await history.take(ask('ann', 4, true))).toBeUndefined();
    expect(await history.take(ask('ann', 5, true))).toBeUndefined();
    expect((await history.take(ask('ben', 4)))?.settlement?.outcome).toBe('refused');
  });

  test('a row that was a duplicate finds its sends when it stands for itself', async () => {
    const history = await open(['ann', aSettlement('duplicate', { attempts: 2 })]);
    expect((await history.take(ask('ann', 2)))?.settlement?.attempts).toBe(2);
  });

  test('the rest is what nobody took, rows without a user among them', async () => {
    const history = await open(
      ['ann', aSettlement('refused')],
      ['', aSettlement('invalid')],
      ['cid', aSettlement('refused')],
    );
    await history.take(ask('cid', 4));
    const rest: (string | undefined)[] = [];
    for await (const { key } of history.rest()) rest.push(key);
    expect(rest).toEqual(['otp:ann', undefined]);
  });
});

test('done or in doubt keeps its user; a duplicate is done, but for another row', () => {
  const kept = ['registered', 'already_registered', 'key_lost', 'unknown'] as const;
  for (const outcome of kept) expect(keepsUser(aSettlement(outcome))).toBe(true);
  for (const outcome of ['duplicate', 'refused', 'invalid', 'unavailable', 'not_sent'] as const) {
    expect(keepsUser(aSettlement(outcome))).toBe(false);
  }
  expect(isDone(aSettlement('unknown'))).toBe(false);
  expect(isDone(aSettlement('registered'))).toBe(true);
});
