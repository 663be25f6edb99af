import { cutRetryAfter } from '../core/backoff.js';
import type { Clock } from '../core/clock.js';
import type { RunStop } from '../core/run-stop.js';
import { keyOf } from '../row/registration.js';
import { describeLasting, isLasting } from '../row/reply.js';
import type { Reply } from '../row/reply.js';
import type { Session } from '../server/session.js';
import type { AdminSession, Sender } from './admin-session.js';
import { Blocks } from './blocks.js';
import { Leads } from './leads.js';
import type { Pace, Permit } from './pace.js';
import { RetryBudget } from './retry-budget.js';
import { Turns } from './turns.js';
import type { Turn } from './turns.js';

export interface GateEdges {
  readonly clock: Clock;
  readonly stop: RunStop;
  readonly session: AdminSession;
  readonly pace: Pace;
  readonly note: (text: string) => void;
}

export interface Passage<Sent> {
  readonly sent: Sent;
  readonly session: Session;
}

interface Answered {
  readonly reply: Reply | undefined;
}

/** A row that is let through: from that moment on it counts as under way. */
interface Admitted {
  readonly sender: Sender;
  readonly permit: Permit;
  readonly session: Session;
}

/** Told once. */
export interface Told<Sent> {
  passed(passage: Passage<Sent>): void;
  failed(error: unknown): void;
}

/**
 * May this row send now? Every send asks, in this order:
 * 0. {@link Gate.leads}: has its endpoint shown that it is one, or is this the row that finds out (leads.ts)?
 * 1. {@link Gate.inTurn}: does no other row of its user send (a lock per key), and if it is a retry, is there room for one
 *    (a retry budget)?
 * 2. Is a slot free (a semaphore of `--concurrency`, in each-concurrently.ts)? It is held while the row asks on and sends.
 * 3. {@link Gate.through}: does the run go on; is the session out of question (one question at a time, admin-session.ts);
 *    and the pace: is the server there (a circuit breaker), how many sends at a time (AIMD), how many a second?
 */
export class Gate {
  readonly session: AdminSession;
  readonly leads: Leads;
  readonly blocks = new Blocks();
  readonly #edges: GateEdges;
  readonly #turns: Turns;
  readonly #waiting: { readonly row: string; readonly go: (permit: Permit | undefined) => void }[] = [];
  /** One serves all who wait. */
  #cancelTimer: (() => void) | undefined;

  constructor(edges: GateEdges) {
    this.session = edges.session;
    this.#edges = edges;
    this.leads = new Leads(edges.stop);
    this.#turns = new Turns(new RetryBudget(), edges.stop.signal);
    edges.stop.signal.addEventListener('abort', () => this.#shut());
  }

  /** What ends the row's turn, where nobody is before it and it need not wait; nothing where it must. */
  turnNow(turn: Turn): (() => void) | undefined {
    return this.#turns.takeNow(turn);
  }

  /** Does the task when it is the row's turn; no retry waits for its own any longer once the run has stopped. */
  async inTurn<Result>(turn: Turn, task: () => Promise<Result>): Promise<Result> {
    const end = await this.#turns.take(turn);
    try {
      return await task();
    } finally {
      end();
    }
  }

  /**
   * Sends for the row as soon as it may, with the session of that moment; what comes back tells of the server. `judge` is
   * called before anybody else is let through: a reply may be the last that the session should meet. Nothing when the run has
   * stopped before. An error of `send` is a bug: the run stops before the slot goes to another row.
   */
  async through<Sent extends Answered, Judged>(
    sender: Sender,
    send: (session: Session) => Promise<Sent>,
    judge: (passage: Passage<Sent>) => Judged | Promise<Judged>,
  ): Promise<Judged | undefined> {
    const admitted = this.#admitNow(sender) ?? (await this.#admit(sender));
    if (admitted === undefined) return undefined;
    return new Promise((passed, failed) => {
      // The executor's way: what `judge` throws is this promise's error.
      const judged = (passage: Passage<Sent>): void => passed(new Promise((resolve) => resolve(judge(passage))));
      this.#send(admitted, send, { passed: judged, failed });
    });
  }

  /** As {@link Gate.through}, for a row that nothing holds back; false: something does, and nothing was sent. */
  throughNow<Sent extends Answered>(
    sender: Sender,
    send: (session: Session) => Promise<Sent>,
    told: Told<Sent>,
  ): boolean {
    const admitted = this.#admitNow(sender);
    if (admitted === undefined) return false;
    this.#send(admitted, send, told);
    return true;
  }

  #send<Sent extends Answered>(admitted: Admitted, send: (session: Session) => Promise<Sent>, told: Told<Sent>): void {
    const { session } = admitted;
    const failUnsent = (error: unknown): void => {
      this.#edges.stop.stopForBug(error);
      if (this.#end(admitted, undefined, told)) told.failed(error);
    };
    let sending: Promise<Sent>;
    try {
      sending = send(session);
    } catch (error) {
      failUnsent(error);
      return;
    }
    sending.then((sent) => {
      if (this.#end(admitted, sent.reply, told)) told.passed({ sent, session });
    }, failUnsent);
  }

  /** False: it failed, and that is told. */
  #end({ sender, permit }: Admitted, reply: Reply | undefined, told: Pick<Told<never>, 'failed'>): boolean {
    try {
      this.session.release(sender);
      this.#giveBack(permit, reply);
      return true;
    } catch (error) {
      // Somebody who is told of the pace: a row that heard nothing of it would hold its slot for ever.
      this.#edges.stop.stopForBug(error);
      told.failed(error);
      return false;
    }
  }

  pause(delayMs: number): void {
    this.#edges.pace.pause(delayMs, this.#edges.clock.monotonic());
    this.#letGo();
  }

  #admitNow(sender: Sender): Admitted | undefined {
    const { clock, pace } = this.#edges;
    if (this.#waiting.length > 0 || !this.#mayStillGo(sender)) return undefined;
    const now = clock.monotonic();
    if (pace.readyAt > now) return undefined;
    return { sender, permit: pace.begin(keyOf(sender.registration), now), session: this.session.admit() };
  }

  async #admit(sender: Sender): Promise<Admitted | undefined> {
    const { stop } = this.#edges;
    while (stop.reason === undefined) {
      const held = this.session.hold(sender);
      if (held !== undefined) {
        await held;
        continue;
      }
      const permit = await this.#pass(keyOf(sender.registration));
      if (permit === undefined) return undefined;
      // The session may have come into question, and the run to its end, while the row waited.
      if (this.#mayStillGo(sender)) return { sender, permit, session: this.session.admit() };
      this.#giveBack(permit, undefined);
    }
    return undefined;
  }

  #mayStillGo(sender: Sender): boolean {
    return this.#edges.stop.reason === undefined && this.session.isFree(sender);
  }

  /** A permit of the pace, at once where nothing holds the row back; nothing when the run has stopped. */
  #pass(row: string): Permit | Promise<Permit | undefined> {
    const { clock, pace } = this.#edges;
    const now = clock.monotonic();
    if (this.#waiting.length === 0 && pace.readyAt <= now) return pace.begin(row, now);
    return new Promise((go) => {
      this.#waiting.push({ row, go });
      // Those who came before have set the timer.
      if (this.#waiting.length === 1) this.#letGo();
    });
  }

  /** The send has ended; without a reply it did not leave, or a bug cut it off. */
  #giveBack(permit: Permit, reply: Reply | undefined): void {
    const { clock, pace, stop, note } = this.#edges;
    if (reply === undefined) {
      pace.cancel(permit);
    } else if (isLasting(reply)) {
      // No outage: nothing of it is to be waited for.
      pace.cancel(permit);
      stop.stop({ kind: 'person', reason: describeLasting(reply) });
    } else {
      // Before anybody is let through in its place.
      if (reply.kind === 'status' && reply.retryAfterMs !== undefined) this.pause(cutRetryAfter(reply.retryAfterMs));
      const change = pace.end(permit, reply, clock.monotonic());
      change?.notes.forEach(note);
      if (change?.stop !== undefined) stop.stop({ kind: 'stopped', reason: change.stop });
    }
    this.#letGo();
  }

  #shut(): void {
    this.#cancelTimer?.();
    for (const { go } of this.#waiting.splice(0)) go(undefined);
  }

  #letGo(): void {
    if (this.#waiting.length === 0) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const { clock, pace } = this.#edges;
    const now = clock.monotonic();
    while (pace.readyAt <= now) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next.go(pace.begin(next.row, now));
    }
    const waitMs = pace.readyAt - now;
    if (this.#waiting.length > 0 && waitMs < Infinity) {
      this.#cancelTimer = clock.after(waitMs, () => this.#letGo());
    }
  }
}
