import { describe, expect, test } from 'vitest';
import type { Registration } from '../../src/row/registration.js';
import type { Reply } from '../../src/row/reply.js';
import type { TokenListing } from '../../src/server/token-listing.js';
import { registerRow } from '../../src/batch/register-row.js';
import { anUnanswered, aRegistration, aReply } from '../support/builders.js';
import { aRowWorld, FINGERPRINT } from '../support/row-world.js';

const NOTHING: TokenListing = { types: [], fingerprints: [] };
const OTP_THERE: TokenListing = { types: ['2'], fingerprints: [] };
const OURS_THERE: TokenListing = { types: [], fingerprints: [FINGERPRINT] };
const ANOTHER_THERE: TokenListing = { types: [], fingerprints: ['00'.repeat(20)] };
const PKI = aRegistration();
const OTP: Registration = { tokenType: 'otp', username: 'ann' };

/** One row whose sends meet these replies, at a server that shows this of its user when it is asked. */
async function register(registration: Registration, sends: readonly Reply[], listing?: TokenListing) {
  const world = aRowWorld({ sends, maxAttempts: sends.length, ...(listing && { listing }) });
  const settlement = await registerRow({ registration, past: undefined }, world.edges, world.slot);
  return { ...world, settlement, asked: world.log.filter((line) => line.startsWith('listing')).length };
}

describe('a row whose tries are over without an answer', () => {
  const silence = [anUnanswered(), anUnanswered()];

  test.each([
    { what: 'a PKI row whose certificate is there', row: PKI, listing: OURS_THERE, outcome: 'registered' },
    { what: 'a PKI row with another one there', row: PKI, listing: ANOTHER_THERE, outcome: 'already_registered' },
    { what: 'a PKI row with none there', row: PKI, listing: NOTHING, outcome: 'unknown' },
    { what: 'an OTP row with a token there', row: OTP, listing: OTP_THERE, outcome: 'key_lost' },
    { what: 'an OTP row with none there', row: OTP, listing: NOTHING, outcome: 'unknown' },
    { what: 'a row at a server that does not say', row: PKI, listing: undefined, outcome: 'unknown' },
  ])('is settled by what the server has: $what', async ({ row: registration, listing, outcome }) => {
    const { settlement, asked } = await register(registration, silence, listing);
    expect([settlement.outcome, asked]).toEqual([outcome, 1]);
  });

  test('counts no attempt for the question, and notes no intent for it', async () => {
    const { settlement, entries } = await register(PKI, silence, OURS_THERE);
    expect(settlement.attempts).toBe(2);
    expect(entries.filter(({ type }) => type === 'intent')).toHaveLength(2);
    expect(entries.at(-1)).toMatchObject({ type: 'settled', settlement: { outcome: 'registered' } });
  });

  test('is asked for in its slot, through the gate: not when the run has stopped', async () => {
    const world = aRowWorld({ sends: [() => stopped()], maxAttempts: 1, listing: OURS_THERE });
    const stopped = (): Promise<Reply> => {
      world.stop.stop({ kind: 'interrupted', reason: 'interrupted' });
      return Promise.resolve(anUnanswered());
    };
    const settlement = await registerRow({ registration: PKI, past: undefined }, world.edges, world.slot);
    expect(settlement.outcome).toBe('unknown');
    expect(world.log).not.toContain('listing of ann');
  });
});

describe('"already registered" after a send without an answer', () => {
  const sends = [anUnanswered(), aReply({ code: '22027' })];

  test('is our own registration when our certificate is there', async () => {
    const { settlement } = await register(PKI, sends, OURS_THERE);
    expect(settlement).toMatchObject({ outcome: 'registered', returnCode: '22027', attempts: 2 });
    expect(settlement.detail).toContain("shows this signature's certificate");
  });

  test.each([NOTHING, undefined])('stays what the server said where it shows nothing (%j)', async (listing) => {
    const { settlement } = await register(PKI, sends, listing);
    expect(settlement.outcome).toBe('already_registered');
    expect(settlement.detail).toContain('it may be ours');
  });

  test('says all there is to know of an OTP token: nobody asks', async () => {
    const { settlement, asked } = await register(OTP, [anUnanswered(), aReply({ code: '29008' })], OTP_THERE);
    expect([settlement.outcome, asked]).toEqual(['key_lost', 0]);
  });
});

test('nobody asks about a row that is not in doubt', async () => {
  for (const reply of [aReply(), aReply({ code: '22027' }), aReply({ code: '22002' })]) {
    expect((await register(PKI, [reply], OURS_THERE)).asked).toBe(0);
  }
});
