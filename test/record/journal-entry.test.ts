import { describe, expect, test } from 'vitest';
import {
  contentOf,
  isEntry,
  JOURNAL_VERSION,
  settlementOfIntent,
  UNDO_JOURNAL_VERSION,
} from '../../src/record/journal-entry.js';
import { AN_ORIGIN, aRegistration, aSettlement, NOON } from '../support/builders.js';

test('an intent at the end of a journal may have been sent: it is unknown, and counts', () => {
  expect(settlementOfIntent({ type: 'intent', key: 'otp:ann', attempt: 6, at: NOON })).toMatchObject({
    outcome: 'unknown',
    attempts: 6,
    sentAt: NOON,
  });
});

describe('what was sent', () => {
  test('is the signature, the status and the algorithm, as they are sent', () => {
    const registration = aRegistration({ status: '3', algorithm: undefined });
    const signature = { bytes: Buffer.from('0'), algorithm: '2', digest: 'd1' } as const;
    expect(contentOf(registration, signature)).toEqual({ signature: 'd1', status: '3', algorithm: '2' });
    expect(contentOf(aRegistration({ algorithm: '1' }), signature)).toMatchObject({ algorithm: '1' });
    expect(contentOf(registration, { ...signature, algorithm: undefined })).toMatchObject({ algorithm: '' });
  });

  test('of an OTP row its key says all', () => {
    expect(contentOf({ tokenType: 'otp', username: 'ann' }, undefined)).toBeUndefined();
  });
});

describe('an entry of a journal', () => {
  const run = {
    ...{ type: 'run', version: JOURNAL_VERSION, id: 'this', input: 'users.csv', sha256: 'ab', size: 1, at: NOON },
    reading: { encoding: 'utf-16le', delimiter: ';', columns: { username: 'UPN' }, headerLine: 2 },
    ...{ signaturesDir: '/data', bootId: '', settings: { limit: 1 }, madeBy: AN_ORIGIN, selection: { where: ['a=b'] } },
  };
  const intent = { type: 'intent', key: 'pki:ann', attempt: 1, at: NOON, content: { signature: 'd1' } };
  const settled = { type: 'settled', key: 'otp:ann', settlement: { ...aSettlement(), needsFix: true } };

  test('is what a run writes', () => {
    const undo = { ...run, version: UNDO_JOURNAL_VERSION, undo: 'unregister' };
    for (const entry of [run, undo, intent, settled, { ...settled, type: 'try' }, { ...settled, type: 'taken_back' }])
      expect(isEntry(JSON.parse(JSON.stringify(entry)))).toBe(true);
  });

  test('of a run of another version is left to whoever tells versions apart', () => {
    expect(isEntry({ type: 'run', version: UNDO_JOURNAL_VERSION + 1 })).toBe(true);
    expect(isEntry({ type: 'run' })).toBe(true);
  });

  const JUNK: readonly (readonly [string, unknown])[] = [
    ...([
      ['outcome', 'done'],
      ['returnCode', 0],
      ['message', null],
      ['httpStatus', '200'],
    ] as const),
    ...([
      ['attempts', 1.5],
      ['sentAt', 1e300],
      ['latencyMs', -1],
      ['detail', []],
      ['needsFix', 'no'],
    ] as const),
  ];

  test.each<readonly [string, unknown]>([
    ['nothing', null],
    ['a text', 'run'],
    ['of no kind', { ...settled, type: 'toString' }],
    ['a run without settings', { ...run, settings: undefined }],
    ['a run that began at no time', { ...run, at: 1e300 }],
    ['a run that was read in no encoding', { ...run, reading: { encoding: 'ansi' } }],
    ['a run of a header on no line', { ...run, reading: { headerLine: 0 } }],
    ['a run made by nobody', { ...run, madeBy: {} }],
    ['an intent of nobody', { ...intent, key: undefined }],
    ['an intent of no attempt', { ...intent, attempt: -1 }],
    ['an intent at no time', { ...intent, at: 'noon' }],
    ['an intent that says by itself that it left', { ...intent, hasLeft: true }],
    ['a content that is no text', { ...intent, content: { signature: 1 } }],
    ...JUNK.map(
      ([name, junk]) =>
        [
          `a settlement whose ${name} is junk`,
          { ...settled, settlement: { ...settled.settlement, [name]: junk } },
        ] as const,
    ),
  ])('is none of ours: %s', (_, entry) => {
    expect(isEntry(entry)).toBe(false);
  });
});
