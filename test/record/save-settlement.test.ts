import { expect, test } from 'vitest';
import type { Outcome } from '../../src/row/outcome.js';
import type { ActivationKey } from '../../src/row/reply.js';
import type { Registration } from '../../src/row/registration.js';
import { RunStop } from '../../src/core/run-stop.js';
import { TestClock } from '../support/test-clock.js';
import { StateError } from '../../src/core/state-error.js';
import { saveSettlement } from '../../src/record/save-settlement.js';
import { aRegistration, aSettlement } from '../support/builders.js';

const OTP: Registration = { tokenType: 'otp', username: 'ann' };
const FULL = new StateError('users.keys.csv', new Error('no room'));

/** Saves a row that ended so, and notes what was done in its order. */
async function save(
  end: { readonly outcome?: Outcome; readonly key?: ActivationKey; readonly registration?: Registration },
  broken?: 'keys' | 'journal',
) {
  const { outcome = 'registered', key = { text: 'K1', bare: false }, registration = OTP } = end;
  const log: string[] = [];
  const stop = new RunStop();
  stop.signal.addEventListener('abort', () => log.push(stop.reason?.kind ?? ''));
  const settlement = await saveSettlement(
    registration,
    {
      settlement: aSettlement({ outcome }),
      reply: { kind: 'answer', httpStatus: 200, code: '0', message: '', key },
    },
    {
      clock: new TestClock(),
      stop,
      keys: {
        append: ({ username, key: text }) => log.push(`key ${text} of ${username}`),
        sync: () => (broken === 'keys' ? Promise.reject(FULL) : Promise.resolve()),
      },
      journal: {
        append: (entry) => log.push(entry.type === 'settled' ? entry.settlement.outcome : ''),
        sync: () => {
          log.push('synced');
          return broken === 'journal' ? Promise.reject(FULL) : Promise.resolve();
        },
        markLeft: () => true,
      },
    },
  );
  return { log, settlement };
}

test('the key is on the disk before the settlement is written', async () => {
  const { log, settlement } = await save({});
  expect(log).toEqual(['key K1 of ann', 'registered', 'synced']);
  expect(settlement).toEqual(aSettlement());
});

test.each([
  ['registered', false, true],
  ['registered', true, true],
  ['already_registered', false, true],
  ['already_registered', true, false],
  ['key_lost', true, false],
  ['refused', false, false],
] as const)('of a row that is %s, a key (bare: %s) is saved: %s', async (outcome, bare, isSaved) => {
  const { log } = await save({ outcome, key: { text: 'K1', bare } });
  expect(log.includes('key K1 of ann')).toBe(isSaved);
});

test('a PKI row has no key', async () => {
  expect((await save({ registration: aRegistration() })).log).toEqual(['registered', 'synced']);
});

test('a key that may not be saved leaves its row in doubt, and the run stops', async () => {
  const { log, settlement } = await save({}, 'keys');
  expect(log).toEqual(['key K1 of ann', 'stopped', 'unknown', 'synced']);
  expect(settlement).toMatchObject({ outcome: 'unknown', attempts: 1 });
  expect(settlement.detail).toContain('Rerun: the keys file decides');
});

test('without a journal the row is as it is, since its results may still be written; the run stops', async () => {
  const { log, settlement } = await save({}, 'journal');
  expect(log).toEqual(['key K1 of ann', 'registered', 'synced', 'stopped']);
  expect(settlement).toEqual(aSettlement());
});
