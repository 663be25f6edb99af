/** Sends of so many different rows, with nothing in between, must show no server. */
export const ROWS = 3;
/** Pauses between two probes: they double from the first to the last. */
export const FIRST_PAUSE_MS = 1_000;
export const LAST_PAUSE_MS = 30_000;

export type Sighting = 'there' | 'away';

/** The server is away once sends of different rows fail without any reply; then probes go out, with growing pauses. */
export class Outage {
  readonly #mostMs: number;
  /** Rows whose last send showed no server, since one did. */
  readonly #rows = new Set<string>();
  #awaySince = 0;
  #isClosed = false;
  #isProbing = false;
  #pauseMs = FIRST_PAUSE_MS;
  #nextProbeAt = 0;

  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** From then on the next send may leave; never while a probe is under way. */
  get readyAt(): number {
    if (!this.#isClosed) return -Infinity;
    return this.#isProbing ? Infinity : this.#nextProbeAt;
  }

  /** Whether a send that leaves now is a probe. */
  begin(): boolean {
    if (!this.#isClosed) return false;
    this.#isProbing = true;
    return true;
  }

  /** The probe did not leave: the next send is one. */
  cancelProbe(): void {
    this.#isProbing = false;
  }

  /** @returns what has changed by the send of a row */
  note(send: EndedSend, now: number): OutageChange | undefined {
    if (send.isProbe) this.#isProbing = false;
    if (send.sighting === 'there') return this.#open(now);
    if (this.#rows.size === 0) this.#awaySince = now;
    if (this.#rows.size < ROWS) this.#rows.add(send.row);
    if (this.#isClosed) return send.isProbe ? this.#waitForNext(now) : undefined;
    if (this.#rows.size < ROWS) return undefined;
    this.#isClosed = true;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#nextProbeAt = now + this.#pauseMs;
    return { kind: 'closed' };
  }

  #open(now: number): OutageChange | undefined {
    this.#rows.clear();
    if (!this.#isClosed) return undefined;
    this.#isClosed = false;
    return { kind: 'opened', afterMs: now - this.#awaySince };
  }

  /** The last probe goes out when the time is up. */
  #waitForNext(now: number): OutageChange | undefined {
    const leftMs = this.#awaySince + this.#mostMs - now;
    if (leftMs <= 0) return { kind: 'over', afterMs: now - this.#awaySince };
    this.#pauseMs = Math.min(LAST_PAUSE_MS, this.#pauseMs * 2);
    this.#nextProbeAt = now + Math.min(this.#pauseMs, leftMs);
    return undefined;
  }
}

export interface EndedSend {
  readonly row: string;
  readonly isProbe: boolean;
  readonly sighting: Sighting;
}

/** `over`: the server has been away for longer than the run waits. */
export type OutageChange = { readonly kind: 'closed' } | { readonly kind: 'opened' | 'over'; readonly afterMs: number };
