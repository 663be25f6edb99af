import { describe, expect, test } from 'vitest';
import { askFirst, decideGone } from '../../src/batch/ask-first.js';
import { registerRow } from '../../src/batch/register-row.js';
import type { Registration } from '../../src/row/registration.js';
import type { Reply } from '../../src/row/reply.js';
import type { Settlement } from '../../src/row/settlement.js';
import type { UndoWay } from '../../src/row/undo.js';
import type { Listed } from '../../src/server/token-listing.js';
import { anOtpRegistration, anUnanswered, aRegistration, aReply, aSettlement, aStatus } from '../support/builders.js';
import { aRowWorld, FINGERPRINT } from '../support/row-world.js';
import type { RowWorldOptions } from '../support/row-world.js';

type Listing = Listed['listing'];
const OURS: Listing = { types: [], fingerprints: [FINGERPRINT] };
const ANOTHER: Listing = { types: [], fingerprints: ['00'.repeat(20)] };
const NONE: Listing = { types: [], fingerprints: [] };
const doubt = aSettlement({ outcome: 'unknown', attempts: 1 });

interface Undoing extends RowWorldOptions {
  readonly way?: UndoWay;
  readonly row?: Registration;
  readonly past?: Settlement;
  /** What the server shows of the user, in turn; the last of them from then on. */
  readonly listings?: readonly Listing[];
  readonly isReadable?: boolean;
}

async function undo({ way = 'unregister', row = aRegistration(), past, listings = [OURS], ...options }: Undoing) {
  const world = aRowWorld(options);
  const left = [...listings];
  const edges = {
    ...world.edges,
    listTokens: (username: string): Promise<Listed> => {
      world.log.push(`listing of ${username}`);
      const listing = (left.length > 1 ? left.shift() : left[0]) ?? 'unclear';
      return Promise.resolve({ listing, reply: listing === 'unclear' ? aStatus(500) : aReply() });
    },
    ...(options.isReadable === false && { fingerprintOf: () => undefined }),
    decideListed: (listed: Parameters<typeof decideGone>[1]) => decideGone(way, listed),
    undo: { way, askFirst },
  };
  const settlement = await registerRow({ registration: row, past }, edges, world.slot);
  return { ...world, settlement, steps: world.log.filter((step) => /^(?:send|listing)/.test(step)).join() };
}

describe('before a PKI token is taken back', () => {
  test('the server is asked whose it has, and afterwards whether it is gone', async () => {
    const { settlement, steps, entries } = await undo({ sends: [aReply()], listings: [OURS, NONE] });
    expect(settlement).toMatchObject({ outcome: 'undone', attempts: 1 });
    expect(settlement.detail).toBe('Unregistered: the server shows its certificate no more.');
    expect(steps).toBe('listing of ann,send,listing of ann');
    expect(entries.at(-1)).toMatchObject({ type: 'settled', settlement: { outcome: 'undone' } });
  });

  test('a deactivation is not to be seen afterwards: only before is asked', async () => {
    const { settlement, steps } = await undo({ way: 'deactivate', sends: [aReply()] });
    expect([settlement.outcome, steps]).toEqual(['undone', 'listing of ann,send']);
  });

  test.each<[string, Listing, string]>([
    ['another certificate', ANOTHER, 'refused'],
    ['none', NONE, 'refused'],
    ['nobody of this name', 'no_user', 'refused'],
    ['that it has no such list', 'not_offered', 'refused'],
  ])('nothing is sent when the server shows %s', async (_, listing, outcome) => {
    const { settlement, steps } = await undo({ listings: [listing] });
    expect([settlement.outcome, settlement.attempts, steps]).toEqual([outcome, 0, 'listing of ann']);
  });

  test('nothing is sent when nobody can tell whose certificate the signature has', async () => {
    const { settlement, steps } = await undo({ isReadable: false });
    expect([settlement.outcome, steps]).toEqual(['invalid', 'listing of ann']);
  });

  test('it is asked again when it gives no answer, and the row waits for another undo when it never does', async () => {
    const healed = await undo({ sends: [aReply()], listings: ['unclear', OURS, NONE] });
    expect([healed.settlement.outcome, healed.settlement.attempts]).toEqual(['undone', 1]);
    const { settlement, steps } = await undo({ listings: ['unclear'], maxAttempts: 2 });
    expect([settlement.outcome, settlement.attempts]).toEqual(['unavailable', 0]);
    expect(steps).toBe('listing of ann,listing of ann');
  });

  test('a doubt of it stays when nobody can be asked', async () => {
    const { settlement } = await undo({ past: doubt, listings: ['unclear'], maxAttempts: 1 });
    expect(settlement.outcome).toBe('unknown');
    expect((await undo({ past: doubt, listings: ['not_offered'] })).settlement.outcome).toBe('unknown');
  });

  test('a certificate that is gone after a send in doubt was taken back by that', async () => {
    const { settlement, steps } = await undo({ past: doubt, listings: [NONE] });
    expect([settlement.outcome, settlement.attempts, steps]).toEqual(['undone', 1, 'listing of ann']);
    // Of a status, a certificate that is gone tells nothing: the doubt is for a person.
    const unsaid = await undo({ way: 'deactivate', past: doubt, listings: [NONE] });
    expect(unsaid.settlement).toMatchObject({ outcome: 'unknown', needsFix: true });
    const nobody = await undo({ way: 'deactivate', past: doubt, listings: ['no_user'] });
    expect(nobody.settlement).toMatchObject({ outcome: 'unknown', needsFix: true });
  });

  test('a refused listing asks for the session, and is the row’s own where that is good', async () => {
    const { settlement, log } = await undo({ listings: ['refused'], session: ['good'] });
    expect([settlement.outcome, log.filter((step) => step === 'session check').length]).toEqual(['refused', 1]);
  });
});

describe('after a PKI token was taken back', () => {
  test('one that is still shown is in doubt', async () => {
    const { settlement } = await undo({ sends: [aReply()], listings: [OURS] });
    expect([settlement.outcome, settlement.detail]).toEqual(['unknown', expect.stringContaining('still')]);
  });

  test('one that is gone ends the doubt of a send without an answer; one that is there does not', async () => {
    const sends: readonly Reply[] = [anUnanswered()];
    const gone = await undo({ sends, maxAttempts: 1, listings: [OURS, NONE] });
    expect(gone.settlement.outcome).toBe('undone');
    const there = await undo({ sends, maxAttempts: 1, listings: [OURS] });
    expect(there.settlement.outcome).toBe('unknown');
  });
});

test('of an OTP token the server shows nobody whose it is: it is not asked', async () => {
  const { settlement, steps } = await undo({ row: anOtpRegistration(), sends: [aReply()], way: 'deactivate' });
  expect([settlement.outcome, steps]).toEqual(['undone', 'send']);
});
