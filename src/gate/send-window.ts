/** Time-outs and cut connections among the last replies that say that the server can't keep up: one alone says nothing. */
export const SILENT = 3;
export const LAST_REPLIES = 20;

/**
 * How many sends may be under way at the same time. Halved when the server is strained, at most once per round trip: one
 * burst of refusals is one halving. Grows back by one send per round trip, and never over the operator's number (AIMD).
 * After an outage it starts at one and grows by one with each reply, as TCP's slow start does.
 */
export class SendWindow {
  readonly #most: number;
  #size: number;
  /** Below it, growth is that of a slow start. */
  #slowStartUntil = 0;
  #shrunkAt = -Infinity;
  /** Which of the last replies did not come, as bits. */
  #silences = 0;

  constructor(most: number) {
    this.#most = most;
    this.#size = most;
  }

  get size(): number {
    return Math.floor(this.#size);
  }

  /** A reply that shows no strain. @returns whether the window is as wide as it may be, again */
  grow(): boolean {
    this.#noteReply(false);
    if (this.#size >= this.#most) return false;
    const step = this.#size < this.#slowStartUntil ? 1 : 1 / this.#size;
    this.#size = Math.min(this.#most, this.#size + step);
    return this.#size === this.#most;
  }

  /** A send without a reply. @returns whether there are so many that the window should shrink */
  noteSilence(): boolean {
    this.#noteReply(true);
    let count = 0;
    for (let bits = this.#silences; bits > 0; bits >>>= 1) count += bits & 1;
    return count >= SILENT;
  }

  /** What was sent before the last halving tells nothing new. @returns whether the window is smaller now */
  shrink(sentAt: number, now: number): boolean {
    if (sentAt <= this.#shrunkAt) return false;
    this.#shrunkAt = now;
    const before = this.size;
    this.#size = Math.max(1, this.#size / 2);
    this.#slowStartUntil = 0;
    return this.size < before;
  }

  /** The server is back after an outage. */
  restart(): void {
    this.#size = 1;
    this.#slowStartUntil = this.#most;
    this.#silences = 0;
  }

  #noteReply(isSilent: boolean): void {
    this.#silences = ((this.#silences << 1) | (isSilent ? 1 : 0)) & (2 ** LAST_REPLIES - 1);
  }
}
