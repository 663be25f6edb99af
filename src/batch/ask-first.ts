import type { Passage } from '../gate/gate.js';
import { decide } from '../row/decision.js';
import type { SettleDecision } from '../row/decision.js';
import { isThrottled } from '../row/http-status.js';
import { addAttempt, settle, settleRefused } from '../row/row-state.js';
import { describeTokenType } from '../row/token-type.js';
import { canShowGone, describeUndoWay } from '../row/undo.js';
import type { UndoWay } from '../row/undo.js';
import { findToken, markOf } from '../server/token-listing.js';
import type { Listed, Sought, TokenListing } from '../server/token-listing.js';
import { endStopped, settled, settleByRefusal, STOPPED } from './row-attempt.js';
import type { Attempting, RowEdges, Step, UndoEdges } from './row-attempt.js';

/** Whose token the server has: what is not ours is not touched. Passes the gate as a send; counts as no attempt. */
export async function askFirst(attempting: Attempting, edges: RowEdges): Promise<Step | undefined> {
  const { row, state } = attempting;
  const { gate, listTokens, undo } = edges;
  if (undo === undefined || describeTokenType(row.registration.tokenType).proof.by !== 'fingerprint') return undefined;
  for (;;) {
    const asked = await gate.through<Listed, Asked>(
      row,
      (session) => listTokens(row.registration.username, session),
      (passage) => judge(attempting, passage, { ...edges, undo }),
    );
    if (asked === undefined) return settled(endStopped(row, state, edges.stop), { kind: 'unsent', why: STOPPED });
    if (asked !== 'again') return asked.step;
  }
}

type Asked = 'again' | { readonly step: Step | undefined };
type Undoing = RowEdges & { readonly undo: UndoEdges };

function judge(
  attempting: Attempting,
  { sent, session }: Passage<Listed>,
  edges: Undoing,
): Asked | Promise<'again' | { readonly step: Step }> {
  const { row, state } = attempting;
  const { listing } = sent;
  edges.unproved.note(row, sent.proof, state);
  if (typeof listing === 'object') {
    // Whoever may see a user's tokens has a session that is good.
    edges.gate.session.noteAnswer(session, true);
    return { step: judgeListing(attempting, listing, edges) };
  }
  switch (listing) {
    case 'refused':
      return judgeRefused(attempting, session, edges);
    case 'no_user':
      return { step: settled(settleRefused(state, 'Nobody on the server has this username: nothing was sent.')) };
    case 'not_offered':
      return { step: settled(settleRefused(state, NOT_OFFERED)) };
    case 'unclear':
      return { step: tryAgain(attempting, sent, edges) };
  }
}

const NOT_OFFERED =
  'The server does not offer user/auth/list: whose certificate it has is not to be seen, so none is taken back. Look at the user in its console.';

async function judgeRefused(
  { row, state }: Attempting,
  session: Passage<Listed>['session'],
  { gate }: RowEdges,
): Promise<'again' | { readonly step: Step }> {
  const detail = 'No right over this user, or the session has ended.';
  const refusal = await gate.session.judge({ sender: row, session, isOldNews: false, detail });
  if (refusal === 'again') return refusal;
  if (refusal === 'undecided') return { step: { state, isUndecided: true } };
  return { step: settled(settleByRefusal(state, refusal)) };
}

function judgeListing(
  { row: { registration }, state, signature }: Attempting,
  listing: TokenListing,
  { undo: { way }, fingerprintOf }: Undoing,
): Step | undefined {
  const { tokenType } = registration;
  const mark = markOf(registration, () => signature && fingerprintOf(signature));
  const sight = findToken(listing, { tokenType, mark });
  if (sight === 'ours') return undefined;
  if (sight === 'some') {
    const why =
      "the signer's certificate can't be read from the signature, so nobody can tell whether it is the user's";
    return settled(settle(state, state.inDoubt ? 'unknown' : 'invalid', why));
  }
  if (state.inDoubt && canShowGone(tokenType, way)) {
    return settled(settle(state, describeUndoWay(way).outcome, goneText(way)));
  }
  const what = sight === 'another' ? 'another certificate, and not that of this row' : 'no certificate of this user';
  return settled(settleRefused(state, `The server shows ${what}: nothing was sent.`));
}

/** No word on the row: it costs a try, and leaves no doubt that was not there. */
function tryAgain({ row, state }: Attempting, { reply }: Listed, edges: RowEdges): Step {
  const { tokenType } = row.registration;
  const why = 'user/auth/list gave no usable answer, and must be asked before anything is taken back';
  const met = reply !== undefined && isThrottled(reply) ? reply : ({ kind: 'unsent', why } as const);
  if (met.kind === 'unsent') edges.gate.leads.handOver(row);
  // Nothing was sent for it: what is known of its last send stays.
  const { attempts, sentAt, latencyMs, connection } = state;
  const after = { ...addAttempt(state, { reply: met, sentAt, latencyMs, connection }), attempts };
  const decision = decide(after, met, {
    tokenType,
    maxAttempts: edges.maxAttempts,
    endpointSeen: edges.gate.leads.isProved(tokenType),
    isRowAlone: false,
    random: edges.clock.random(),
  });
  if (decision.kind === 'retry') return { state: after, delayMs: decision.delayMs };
  const { outcome, detail } = decision.kind === 'settle' ? decision : UNCLEAR;
  return settled(settle(after, outcome, detail));
}

const UNCLEAR = { outcome: 'unavailable', detail: 'user/auth/list gave no usable answer: rerun.' } as const;

function goneText(way: UndoWay): string {
  return `${describeUndoWay(way).done}: the server shows its certificate no more.`;
}

/** What the listing says once a send was answered, or may have been applied, of a token that it would show. */
export function decideGone(
  way: UndoWay,
  { decision, listing, sought }: { decision: SettleDecision; listing: TokenListing; sought: Sought },
): SettleDecision {
  if (!canShowGone(sought.tokenType, way)) return decision;
  switch (findToken(listing, sought)) {
    case 'another':
    case 'none':
      return { ...decision, inDoubt: false, outcome: describeUndoWay(way).outcome, detail: goneText(way) };
    case 'ours': {
      if (decision.outcome === 'unknown') return decision;
      const detail = 'The server said that it took the token away, and shows its certificate still. Rerun.';
      return { ...decision, inDoubt: true, outcome: 'unknown', detail };
    }
    case 'some':
    case 'one':
      return decision;
  }
}
