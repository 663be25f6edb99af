import { RecentCount } from './recent-count.js';

/** A refusal takes us this far under what the server has just accepted. */
export const UNDER = 0.95;
/** No refusal slows us down more than this at once: replies that are still under way make what was accepted look small. */
const AT_MOST_DOWN = 0.5;
/** Servers count by the second: another refusal within one only says that the same second is used up. */
const SAME_SECOND_MS = 1_000;
/** Never slower, in sends a second: else nobody would notice that the server takes more again. */
const SLOWEST = 0.5;
/** The rate is this much higher so long after a refusal; from there on it grows with the cube of the time. */
export const GROWTH = 0.1;
export const GROWTH_MS = 20_000;
/** A rate that has grown so much without a refusal holds nobody back any more, and is forgotten. */
export const FORGOTTEN = 4;
/** What a timer that rings late may be caught up with. */
const SLACK_MS = 25;

/**
 * When the next send may leave. The rate is the operator's, or one that is learned when the server refuses a send for its
 * rate (429): a little under what it accepted; then for a while about the same, then more and more, as in CUBIC and the
 * adaptive mode of the AWS SDKs. Sends are spread evenly, with no burst that a server would hold against us.
 */
export class SendRate {
  readonly #most: number;
  readonly #sent = new RecentCount();
  readonly #accepted = new RecentCount();
  /** Sends a second after the last refusal; undefined before the first, and when it has been forgotten. */
  #learned: { readonly perSecond: number; readonly at: number } | undefined;
  #refusedAt = -Infinity;
  #nextAt = -Infinity;
  #pausedUntil = -Infinity;
  #pausedMs = 0;

  /** @param most sends a second that are never exceeded */
  constructor(most = Infinity) {
    this.#most = most;
  }

  get readyAt(): number {
    return Math.max(this.#nextAt, this.#pausedUntil);
  }

  pause(delayMs: number, now: number): void {
    const until = now + delayMs;
    if (until <= this.#pausedUntil) return;
    this.#pausedMs += until - Math.max(now, this.#pausedUntil);
    this.#pausedUntil = until;
  }

  perSecond(now: number): number {
    if (this.#learned === undefined) return this.#most;
    const { perSecond, at } = this.#learned;
    const grown = 1 + GROWTH * ((now - at) / GROWTH_MS) ** 3;
    if (grown > FORGOTTEN) this.#learned = undefined;
    return Math.min(this.#most, perSecond * grown);
  }

  begin(now: number): void {
    this.#nextAt = Math.max(this.#nextAt, now - SLACK_MS) + 1000 / this.perSecond(now);
    this.#sent.add(this.#activeTime(now));
  }

  accept(now: number): void {
    this.#accepted.add(this.#activeTime(now));
  }

  /** What was sent before the last refusal is of the same burst. @returns the new rate, unless it stays as it is */
  refuse(sentAt: number, now: number): number | undefined {
    if (sentAt <= this.#refusedAt) return undefined;
    const before = this.#learned === undefined ? this.#sent.perSecond(this.#activeTime(now)) : this.perSecond(now);
    const accepted = UNDER * this.#accepted.perSecond(this.#activeTime(now));
    const isSameSecond = now - this.#refusedAt < SAME_SECOND_MS;
    const perSecond = Math.min(isSameSecond ? before : UNDER * before, Math.max(accepted, AT_MOST_DOWN * before));
    this.#learned = { perSecond: Math.max(SLOWEST, Math.min(this.#most, perSecond)), at: now };
    this.#refusedAt = now;
    this.#nextAt = Math.max(this.#nextAt, now + 1000 / this.#learned.perSecond);
    return this.#learned.perSecond < before ? this.#learned.perSecond : undefined;
  }

  /** A clock that stands still while everybody waits: a pause says nothing of what the server takes. */
  #activeTime(now: number): number {
    return now - this.#pausedMs + Math.max(0, this.#pausedUntil - now);
  }
}
