import { backoffMs } from './core/backoff.js';
import { sleep } from './core/clock.js';
import type { Clock } from './core/clock.js';
import type { Session } from './core/session.js';
import type { ListingGap, TokenListing } from './core/token-listing.js';
import { presenceOf, VerifyCounter } from './core/verification.js';
import type { Presence, VerifiedRow } from './core/verification.js';
import { eachConcurrently } from './each-concurrently.js';
import type { Slot } from './each-concurrently.js';
import type { Gate, GatedRow } from './gate.js';

/** A registered row, and how to find its signer's certificate. */
export interface RowToVerify extends VerifiedRow {
  /** SHA-1 of the signer's certificate; undefined for OTP, and where the file can't be read. */
  readonly fingerprint: () => string | undefined;
}

/** What verifying needs of the world. */
export interface VerifyEdges {
  readonly clock: Clock;
  readonly gate: Gate;
  readonly concurrency: number;
  /** Questions about one row that get no usable answer. */
  readonly maxAttempts: number;
  readonly listTokens: (username: string, session: Session) => Promise<TokenListing | ListingGap>;
}

/** Asks the server about every row, in the order of the results. A run that stops counts the rest as unclear. */
export async function verify(rows: AsyncIterable<RowToVerify>, edges: VerifyEdges): Promise<VerifyCounter> {
  const counter = new VerifyCounter();
  const asked = eachConcurrently(rows, edges, async (row, slot) => ({
    row,
    presence: await verifyRow(row, edges, slot),
  }));
  for await (const { row, presence } of asked) counter.add(row, presence);
  return counter;
}

async function verifyRow(row: RowToVerify, edges: VerifyEdges, slot: Slot): Promise<Presence> {
  const { clock, gate, maxAttempts } = edges;
  // The gate knows a row by its registration; nothing is registered.
  const gated: GatedRow = { registration: { tokenType: 'otp', username: row.username } };
  for (let tries = 1; ; tries += 1) {
    const presence = await slot(() => ask({ row, gated }, edges));
    if (presence !== 'unclear' || tries >= maxAttempts || gate.stopReason !== undefined) return presence;
    await sleep(clock, backoffMs(tries, clock.random()), gate.stopSignal);
  }
}

async function ask({ row, gated }: { row: RowToVerify; gated: GatedRow }, edges: VerifyEdges): Promise<Presence> {
  const { gate, listTokens } = edges;
  for (;;) {
    const session = await gate.pass(gated);
    if (session === undefined) return 'unclear';
    let listing: TokenListing | ListingGap;
    try {
      listing = await listTokens(row.username, session);
    } catch (error) {
      gate.stopForBug(error);
      throw error;
    } finally {
      gate.leave(gated);
    }
    if (listing === 'refused') {
      const detail = 'No right over this user, or the session has ended.';
      const refusal = await gate.session.judge({ row: gated, session, isOldNews: false, detail });
      if (refusal !== 'again') return 'unclear';
      continue;
    }
    if (listing === 'not_offered') {
      const reason = 'the server does not offer user/auth/list: nothing can be verified';
      gate.stop({ kind: 'stopped', reason });
    }
    if (listing === 'no_user') return 'missing';
    if (typeof listing === 'string') return 'unclear';
    // Whoever may see a user's tokens has a session that is good.
    gate.session.noteAnswer(session, true);
    return presenceOf(listing, { tokenType: row.tokenType, fingerprint: row.fingerprint() });
  }
}
