import { setMaxListeners } from 'node:events';
import { sleep } from './core/clock.js';
import type { Clock } from './core/clock.js';
import type { Stop } from './core/stop.js';

/** What `auth/sessioncheck` can say. */
export type SessionCheck = 'good' | 'over' | 'missing' | 'unclear';

/** What a refusal that can mean the session means. `unexplained`: nobody could tell, and others were not refused. */
export type Refusal = 'row_alone' | 'unexplained' | 'stopped';

/** Pauses before the session is asked about again when there was no usable answer. */
const CHECK_PAUSES_MS = [1_000, 5_000];

/**
 * Every send passes here. The gate is closed while the session is in question, waits while the server wants everybody to
 * slow down, and stays shut once the run has stopped.
 */
export class Gate {
  readonly #clock: Clock;
  readonly #checkSession: () => Promise<SessionCheck>;
  readonly #stopped = new AbortController();
  #stop: Stop | undefined;
  #pausedUntil = 0;
  #checking: Promise<Refusal> | undefined;
  #isEndpointSeen = false;
  /** Refusals in a row, over different rows, that the server's own session check could not explain. */
  #unexplained = 0;

  constructor(clock: Clock, checkSession: () => Promise<SessionCheck>) {
    this.#clock = clock;
    this.#checkSession = checkSession;
    // Every row that waits listens.
    setMaxListeners(0, this.#stopped.signal);
  }

  /** Aborted when the run stops: nobody waits any longer. */
  get stopSignal(): AbortSignal {
    return this.#stopped.signal;
  }

  get stopReason(): Stop | undefined {
    return this.#stop;
  }

  /** Has a registration endpoint answered with a return code? Then the address is right. */
  get isEndpointSeen(): boolean {
    return this.#isEndpointSeen;
  }

  /** The first reason to stop is the one that counts; a bug always does. */
  stop(stop: Stop): void {
    if (this.#stop === undefined || stop.kind === 'bug') this.#stop = stop;
    this.#stopped.abort();
  }

  /** What nobody foresaw, wherever it was thrown. */
  stopForBug(error: unknown): void {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.stop({ kind: 'bug', reason });
  }

  /** Resolves when a send may leave: true, or false when the run has stopped. */
  async pass(): Promise<boolean> {
    for (;;) {
      if (this.#stop !== undefined) return false;
      const pauseMs = this.#pausedUntil - this.#clock.monotonic();
      if (this.#checking !== undefined) await this.#checking;
      else if (pauseMs > 0) await sleep(this.#clock, pauseMs, this.stopSignal);
      else return true;
    }
  }

  /** Everybody waits this long before the next send. */
  pause(delayMs: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.monotonic() + delayMs);
  }

  /** A reply that did not put the session in question. */
  noteAnswer(): void {
    this.#isEndpointSeen = true;
    this.#unexplained = 0;
  }

  /**
   * A row was refused in a way that can mean the session: only the server's own check can tell. One check at a time; a row
   * that was refused while one was under way waits for another.
   */
  async judgeRefusal(detail: string): Promise<Refusal> {
    while (this.#checking !== undefined) await this.#checking;
    if (this.#stop !== undefined) return 'stopped';
    // Whoever passes waits for this promise too: a bug in the check must not look like one in their sends.
    const checking = this.#check(detail)
      .catch((error: unknown): Refusal => {
        this.stopForBug(error);
        return 'stopped';
      })
      .finally(() => (this.#checking = undefined));
    this.#checking = checking;
    const refusal = await checking;
    return this.#stopped.signal.aborted ? 'stopped' : refusal;
  }

  async #check(detail: string): Promise<Refusal> {
    let check = await this.#checkSession();
    for (const pauseMs of CHECK_PAUSES_MS) {
      if (check !== 'unclear') break;
      await sleep(this.#clock, pauseMs, this.stopSignal);
      if (this.#stop !== undefined) return 'stopped';
      check = await this.#checkSession();
    }
    if (check === 'good') {
      this.#unexplained = 0;
      return 'row_alone';
    }
    this.#unexplained += 1;
    if (check !== 'over' && this.#isEndpointSeen && this.#unexplained === 1) return 'unexplained';
    const why = check === 'over' ? 'the session check says the session is over' : 'the session could not be checked';
    this.stop({ kind: 'stopped', reason: `the server refuses this administrator: ${why}. ${detail}` });
    return 'stopped';
  }
}
