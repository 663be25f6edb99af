import type { AdminSession } from './admin-session.js';
import type { Clock } from './core/clock.js';
import type { Registration } from './core/registration.js';
import type { Session } from './core/session.js';
import type { Stop } from './core/stop.js';
import { Pause } from './pause.js';
import type { RunStop } from './run-stop.js';

/** A row at the gate: the same object for all its sends. */
export interface GatedRow {
  readonly registration: Registration;
}

/** One reason to hold sends back, in a file of its own. Only the session may ask for one particular row. */
export interface Guard {
  /** Nothing when this row may send now; else it resolves, when the run stops too, once it is worth asking again. */
  hold(row: GatedRow): Promise<unknown> | undefined;
  /** No guard holds the row: its send leaves. */
  admit?(row: GatedRow): void;
  /** Whatever came of the send, it is no longer under way. */
  release?(row: GatedRow): void;
}

/** Every send passes here, when no guard holds it back and the run has not stopped. */
export class Gate {
  readonly session: AdminSession;
  readonly #stop: RunStop;
  readonly #pause: Pause;
  readonly #guards: readonly Guard[];
  #isEndpointSeen = false;

  constructor(clock: Clock, stop: RunStop, session: AdminSession) {
    this.session = session;
    this.#stop = stop;
    this.#pause = new Pause(clock, stop.signal);
    this.#guards = [session, this.#pause];
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

  /** Resolves when the row's send may leave, with the session to send it with; with none when the run has stopped. */
  async pass(row: GatedRow): Promise<Session | undefined> {
    for (;;) {
      if (this.#stop.reason !== undefined) return undefined;
      const held = this.#guards.map((guard) => guard.hold(row)).find((hold) => hold !== undefined);
      if (held === undefined) break;
      await held;
    }
    for (const guard of this.#guards) guard.admit?.(row);
    return this.session.current;
  }

  /** Follows every pass, as soon as the send is no longer under way. */
  leave(row: GatedRow): void {
    for (const guard of this.#guards) guard.release?.(row);
  }

  /** Everybody waits this long before the next send. */
  pause(delayMs: number): void {
    this.#pause.extend(delayMs);
  }

  /** Has a registration endpoint answered with a return code? Then the address is right. */
  get isEndpointSeen(): boolean {
    return this.#isEndpointSeen;
  }

  noteAnswer(): void {
    this.#isEndpointSeen = true;
  }
}
