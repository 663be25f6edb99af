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
  end: {
    readonly code?: string;
    readonly outcome?: Outcome;
    readonly key?: ActivationKey;
    readonly registration?: Registration;
  },
  broken?: 'keys' | 'journal',
) {
  const { code = '0', outcome = 'registered', key = { text: 'K1', bare: false }, registration = OTP } = end;
  const log: string[] = [];
  const stop = new RunStop();
  stop.signal.addEventListener('abort', () => log.push(stop.reason?.kind ?? ''));
  const settlement = await saveSettlement(
    registration,
    {
      settlement: aSettlement({ outcome }),
      reply: { kind: 'answer', httpStatus: 200, code, message: '', key },
    },
    {
      clock: new TestClock(),
      stop,
      keys: {
        append: ({ username, key: text, raw }) =>
          log.push(`key ${text} of ${username}${raw ? `, and ${raw.text}` : ''}`),
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
  { code: '0', outcome: 'registered', bare: false, isSaved: true },
  { code: '0', outcome: 'registered', bare: true, isSaved: true },
  { code: '29008', outcome: 'already_registered', bare: false, isSaved: true },
  { code: '29008', outcome: 'already_registered', bare: true, isSaved: false },
  { code: '29008', outcome: 'key_lost', bare: true, isSaved: false },
  { code: '22002', outcome: 'refused', bare: false, isSaved: false },
] as const)(
  'a key is saved or not: $code, $outcome, bare $bare: $isSaved',
  async ({ code, outcome, bare, isSaved }) => {
    const { log } = await save({ code, outcome, key: { text: 'K1', bare } });
    expect(log.includes('key K1 of ann')).toBe(isSaved);
  },
);

test('what came in place of a key is saved where the server says that it registered, and only there', async () => {
  const key = { text: '', bare: false, raw: { text: '{"a":"b"}', form: 'json', isOdd: true } } as const;
  const isSaved = async (code: string) => {
    const { log } = await save({ code, outcome: 'key_lost', key });
    return log.includes('key  of ann, and {"a":"b"}');
  };
  expect(await isSaved('0')).toBe(true);
  expect(await isSaved('29008')).toBe(false);
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
