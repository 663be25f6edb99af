import type { AdminSession, GatedRow } from './admin-session.js';
import { cutRetryAfter } from '../core/backoff.js';
import { keyOf } from '../row/registration.js';
import type { Reply } from '../row/reply.js';
import type { Session } from '../server/session.js';
import type { Stop } from '../core/stop.js';
import type { Permit } from './pace.js';
import type { Turnstile } from './turnstile.js';
import type { RunStop } from '../core/run-stop.js';

/** Every send passes here: when the session is not in question, the pace lets it go, and the run has not stopped. */
export class Gate {
  readonly session: AdminSession;
  readonly #stop: RunStop;
  readonly #turnstile: Turnstile;
  readonly #permits = new Map<GatedRow, Permit>();
  #isEndpointSeen = false;

  constructor(stop: RunStop, session: AdminSession, turnstile: Turnstile) {
    this.session = session;
    this.#stop = stop;
    this.#turnstile = turnstile;
  }

  get stopSignal(): AbortSignal {
    return this.#stop.signal;
  }

  get stopReason(): Stop | undefined {
    return this.#stop.reason;
  }

  stop(stop: Stop): void {
    this.#stop.stop(stop);
  }

  stopForBug(error: unknown): void {
    this.#stop.stopForBug(error);
  }

  /**
   * Gives the session to send the row with, as soon as its send may leave: at once where nothing holds it back. None when
   * the run has stopped.
   */
  pass(row: GatedRow): Session | undefined | Promise<Session | undefined> {
    if (this.#stop.reason !== undefined) return undefined;
    const held = this.session.hold(row);
    if (held !== undefined) return held.then(() => this.pass(row));
    const entering = this.#turnstile.enter(keyOf(row.registration));
    if (entering instanceof Promise) return entering.then((permit) => this.#admit(row, permit));
    return this.#admit(row, entering);
  }

  #admit(row: GatedRow, permit: Permit | undefined): Session | undefined | Promise<Session | undefined> {
    if (permit === undefined) return undefined;
    if (!this.#mayStillGo(row)) {
      this.#turnstile.giveBack(permit);
      return this.pass(row);
    }
    this.#permits.set(row, permit);
    this.session.admit();
    return this.session.current;
  }

  /** Follows every pass, as soon as the send is no longer under way; one that a bug cut off has no reply. */
  leave(row: GatedRow, reply?: Reply): void {
    const permit = this.#permits.get(row);
    this.#permits.delete(row);
    this.session.release(row);
    if (permit === undefined) return;
    if (reply === undefined) {
      this.#turnstile.giveBack(permit);
      return;
    }
    // Before anybody is let through in its place.
    if (reply.kind === 'status' && reply.retryAfterMs !== undefined) this.pause(cutRetryAfter(reply.retryAfterMs));
    this.#turnstile.leave(permit, reply);
  }

  /** Everybody waits this long before the next send. */
  pause(delayMs: number): void {
    this.#turnstile.pause(delayMs);
  }

  /** Has a registration endpoint answered with a return code? Then the address is right. */
  get isEndpointSeen(): boolean {
    return this.#isEndpointSeen;
  }

  noteAnswer(): void {
    this.#isEndpointSeen = true;
  }

  /** The session may have come into question, and the run to its end, while the row waited. */
  #mayStillGo(row: GatedRow): boolean {
    return this.#stop.reason === undefined && this.session.hold(row) === undefined;
  }
}
