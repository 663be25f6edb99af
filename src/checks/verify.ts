import { backoffMs } from '../core/backoff.js';
import { sleep } from '../core/clock.js';
import type { Clock } from '../core/clock.js';
import type { Proof } from '../core/proof.js';
import type { RunStop } from '../core/run-stop.js';
import type { Session } from '../server/session.js';
import { MAX_THROTTLED } from '../row/decision.js';
import { isThrottled } from '../row/http-status.js';
import type { Listed } from '../server/token-listing.js';
import { absenceOf, presenceOf, VerifyCounter } from './verification.js';
import type { Presence, RegisteredRow } from './verification.js';
import { eachConcurrently } from '../batch/each-concurrently.js';
import type { Slot } from '../batch/each-concurrently.js';
import { HeldRows } from '../batch/held-rows.js';
import type { Gate, Passage } from '../gate/gate.js';
import type { Sender } from '../gate/admin-session.js';

export interface VerifyEdges {
  readonly clock: Clock;
  readonly gate: Gate;
  readonly stop: RunStop;
  readonly concurrency: number;
  /** Questions about one row that get no usable answer. */
  readonly maxAttempts: number;
  readonly listTokens: (username: string, session: Session) => Promise<Listed>;
  /** Resolves when nothing that an answer rests on is open any more; absent where nothing ever is. */
  readonly prove?: () => Promise<void>;
  readonly progress?: (rows: number) => void;
}

/** Asks the server about every row, in the order of the results. A run that stops counts the rest as unclear. */
export async function verify(rows: AsyncIterable<RegisteredRow>, edges: VerifyEdges): Promise<VerifyCounter> {
  const counter = new VerifyCounter();
  const held = new HeldRows<VerifiedAnswer>(({ proof }) => proof?.isOpen === true);
  const count = ({ row, presence, proof }: VerifiedAnswer): void =>
    counter.add(row, proof?.isTainted === true ? 'unclear' : presence);
  const asked = eachConcurrently(rows, edges, async (row, slot) => ({ row, ...(await verifyRow(row, edges, slot)) }));
  let answered = 0;
  for await (const ready of asked) {
    answered += ready.length;
    edges.progress?.(answered);
    held.add(ready);
    for (const answer of held.take({ isEnd: false })) count(answer);
  }
  await edges.prove?.();
  for (const answer of held.take({ isEnd: true })) count(answer);
  return counter;
}

interface Answered {
  readonly presence: Presence;
  readonly proof?: Proof | undefined;
}
type VerifiedAnswer = Answered & { readonly row: RegisteredRow };

interface Asked extends Answered {
  /** The server refused it for its rate, which is no word on the row: it costs none of its tries. */
  readonly isThrottled?: boolean;
}

async function verifyRow(row: RegisteredRow, edges: VerifyEdges, slot: Slot): Promise<Answered> {
  const { clock, stop, maxAttempts } = edges;
  // The gate knows a row by its user and token type; nothing is registered.
  const sender: Sender = { registration: row };
  let [tries, throttled] = [0, 0];
  for (;;) {
    const { presence, proof, isThrottled = false } = await slot.run(() => ask({ row, sender }, edges));
    throttled = isThrottled ? throttled + 1 : 0;
    if (!isThrottled) tries += 1;
    const isOver = presence !== 'unclear' || tries >= maxAttempts || throttled > MAX_THROTTLED;
    if (isOver || stop.reason !== undefined) return { presence, proof };
    await sleep(clock, backoffMs(isThrottled ? throttled : tries, clock.random()), stop.signal);
  }
}

async function ask(asking: Asking, edges: VerifyEdges): Promise<Asked> {
  const { row, sender } = asking;
  for (;;) {
    const asked = await edges.gate.through<Listed, Asked | 'again'>(
      sender,
      (session) => edges.listTokens(row.username, session),
      (passage) => judge(asking, passage, edges),
    );
    if (asked === undefined) return { presence: 'unclear' };
    if (asked !== 'again') return asked;
  }
}

interface Asking {
  readonly row: RegisteredRow;
  readonly sender: Sender;
}

function judge(
  { row, sender }: Asking,
  { sent, session }: Passage<Listed>,
  { gate, stop }: VerifyEdges,
): Asked | Promise<Asked | 'again'> {
  const { listing, reply, proof } = sent;
  if (listing === 'refused') {
    const detail = 'No right over this user, or the session has ended.';
    const refused = { sender, session, isOldNews: false, detail };
    return gate.session.judge(refused).then((refusal) => (refusal === 'again' ? refusal : { presence: 'unclear' }));
  }
  if (listing === 'not_offered') {
    const reason = 'the server does not offer user/auth/list: nothing can be verified';
    stop.stop({ kind: 'person', reason });
  }
  if (listing === 'no_user') return { presence: row.isUndone === true ? 'gone' : 'missing', proof };
  if (typeof listing === 'string') return { presence: 'unclear', isThrottled: isThrottled(reply) };
  // Whoever may see a user's tokens has a session that is good.
  gate.session.noteAnswer(session, true);
  const judge = row.isUndone === true ? absenceOf : presenceOf;
  return { presence: judge(listing, { tokenType: row.tokenType, mark: row.mark() }), proof };
}
