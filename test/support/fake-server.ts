import fc from 'fast-check';
import { decide } from '../../src/row/decision.js';
import type { TokenType } from '../../src/row/token-type.js';
import type { Reply } from '../../src/row/reply.js';
import { addAttempt, beginRow, settle, settleUnreached } from '../../src/row/row-state.js';
import type { Settlement } from '../../src/row/settlement.js';
import { anUnanswered, anUnsent, aReply } from './builders.js';
import type { Meets } from './planning.js';

/** What one try of a row meets; `stop`: the run ends before it. */
export type Event = 'ok' | 'already' | 'refused' | 'silence' | 'unsent' | 'stop';
export const USERS = ['ann', 'ben', 'cid', 'dee', 'eve'] as const;
export type Events = ReadonlyMap<string, readonly Event[]>;

/** What the tries of each user meet, in turn; after that, success. */
export const anyEvents: fc.Arbitrary<Events> = fc
  .tuple(
    ...USERS.map(() =>
      fc.array(fc.constantFrom<Event>('ok', 'already', 'refused', 'silence', 'unsent', 'stop'), { maxLength: 5 }),
    ),
  )
  .map((events) => new Map(USERS.map((user, at) => [user, events[at] ?? []])));

const FIRST_MS = Date.UTC(2026, 0, 1);

/** Runs rows without time or network. What a row meets hangs on its user and on how often that was tried: nothing else. */
export class FakeServer {
  /** Sends that may have left. */
  sends = 0;
  readonly #events: Events;
  readonly #tries = new Map<string, number>();

  constructor(events: Events) {
    this.#events = events;
  }

  readonly meets: Meets = ({ plan: { registration, past } }): Settlement => {
    const { tokenType, username } = registration;
    const key = `${tokenType}:${username}`;
    const tries = this.#tries.get(key) ?? 0;
    this.#tries.set(key, tries + 1);
    const event = this.#events.get(username)?.[tries] ?? 'ok';
    if (event === 'stop') return settleUnreached(past, 'the run stopped');
    const reply = replyTo(event, tokenType);
    const begun = beginRow(past);
    const hasLeft = reply.kind !== 'unsent';
    if (hasLeft) this.sends += 1;
    const sentAt = hasLeft ? FIRST_MS + (begun.attempts + 1) * 1000 : undefined;
    const state = addAttempt(begun, { reply, sentAt, latencyMs: hasLeft ? 5 : undefined });
    const decision = decide(state, reply, {
      tokenType,
      maxAttempts: 1,
      endpointSeen: true,
      isRowAlone: false,
      random: 0,
    });
    if (decision.kind !== 'settle') throw new Error('a single try settles its row');
    return settle(state, decision.outcome, decision.detail);
  };
}

function replyTo(event: Exclude<Event, 'stop'>, tokenType: TokenType): Reply {
  switch (event) {
    case 'ok':
      return aReply({ key: { text: 'a key', bare: false } });
    case 'already':
      return aReply({ code: tokenType === 'otp' ? '29008' : '22027' });
    case 'refused':
      return aReply({ code: '22002' });
    case 'silence':
      return anUnanswered();
    case 'unsent':
      return anUnsent();
  }
}
