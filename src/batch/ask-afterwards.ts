import type { Proof } from '../core/proof.js';
import type { SettleDecision } from '../row/decision.js';
import type { Registration } from '../row/registration.js';
import type { Session } from '../server/session.js';
import type { Signature } from '../signature/signature.js';
import { markOf, decideByListing } from '../server/token-listing.js';
import type { Listed, Sought, TokenListing } from '../server/token-listing.js';
import type { Gate } from '../gate/gate.js';

export interface AskingEdges {
  readonly gate: Gate;
  readonly listTokens: (username: string, session: Session) => Promise<Listed>;
  /** SHA-1 of the signer's certificate, as lower-case hex digits. */
  readonly fingerprintOf: (signature: Signature) => string | undefined;
  /** What the listing makes of the decision, where it is about no registration. */
  readonly decideListed?: (listed: {
    readonly decision: SettleDecision;
    readonly listing: TokenListing;
    readonly sought: Sought;
  }) => SettleDecision;
}

export interface AskedAfterwards {
  readonly decision: SettleDecision;
  /** What the listing rests on, where that is still to be proved. */
  readonly proof: Proof | undefined;
}

/** Asks what the server has of a user in doubt, by the gate but as no attempt; what it doesn't show may still come. */
export async function askAfterwards(
  row: { readonly registration: Registration },
  { decision, signature }: { readonly decision: SettleDecision; readonly signature: Signature | undefined },
  { gate, listTokens, fingerprintOf, decideListed = ofRegistration }: AskingEdges,
): Promise<AskedAfterwards> {
  const { tokenType, username } = row.registration;
  const listed = await gate.through<Listed, Listed>(
    row,
    (session) => listTokens(username, session),
    ({ sent }) => sent,
  );
  if (listed === undefined) return { decision, proof: undefined };
  const { listing, proof } = listed;
  const sought = { tokenType, mark: markOf(row.registration, () => signature && fingerprintOf(signature)) };
  return { decision: typeof listing === 'object' ? decideListed({ decision, listing, sought }) : decision, proof };
}

const ofRegistration: NonNullable<AskingEdges['decideListed']> = ({ decision, listing, sought }) => ({
  ...decision,
  ...decideByListing(listing, sought),
});
