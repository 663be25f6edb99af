import { toSeconds } from '../core/clock.js';
import type { Reply } from '../row/reply.js';
import { ChangeLog } from './change-log.js';
import { Outage } from './outage.js';
import { SendRate } from './send-rate.js';
import { SendWindow } from './send-window.js';
import { describeSign, sightingOf, signOf } from './server-sign.js';

export interface PaceLimits {
  readonly concurrency: number;
  /** Sends a second; undefined: as many as the server takes. */
  readonly rate: number | undefined;
  /** How long the server may be away before the run ends. */
  readonly maxOutageMs: number;
}

export interface Permit {
  readonly row: string;
  /** Monotonic. */
  readonly sentAt: number;
  readonly isProbe: boolean;
}

export interface PaceChange {
  readonly notes: readonly string[];
  readonly stop: string | undefined;
}

/** When sends may leave, learned from what comes back: how many at a time, how many a second, and none in an outage. */
export class Pace {
  readonly #limits: PaceLimits;
  readonly #window: SendWindow;
  readonly #rate: SendRate;
  readonly #outage: Outage;
  readonly #log = new ChangeLog();
  #underWay = 0;

  constructor(limits: PaceLimits) {
    this.#limits = limits;
    this.#window = new SendWindow(limits.concurrency);
    this.#rate = new SendRate(limits.rate);
    this.#outage = new Outage(limits.maxOutageMs);
  }

  /** The monotonic moment from which the next send may leave; Infinity: when one that is under way has ended. */
  get readyAt(): number {
    if (this.#underWay >= this.#window.size) return Infinity;
    return Math.max(this.#rate.readyAt, this.#outage.readyAt);
  }

  begin(row: string, now: number): Permit {
    this.#underWay += 1;
    this.#rate.begin(now);
    return { row, sentAt: now, isProbe: this.#outage.begin() };
  }

  /** Everybody waits so long before the next send: the server has asked for it. */
  pause(delayMs: number, now: number): void {
    this.#rate.pause(delayMs, now);
  }

  /** The send did not leave after all, and says nothing of the server. */
  cancel({ isProbe }: Permit): void {
    this.#underWay -= 1;
    if (isProbe) this.#outage.cancelProbe();
  }

  end({ row, sentAt, isProbe }: Permit, reply: Reply, now: number): PaceChange | undefined {
    this.#underWay -= 1;
    const note = this.#adapt(sentAt, reply, now);
    const change = this.#outage.note({ row, isProbe, sighting: sightingOf(reply) }, now);
    if (change === undefined) return note === undefined ? undefined : { notes: [note], stop: undefined };
    const what = describeSign(reply);
    switch (change.kind) {
      case 'closed': {
        const atMost = `at most ${toSeconds(this.#limits.maxOutageMs)}`;
        return { notes: [`the server is away (${what}): one send at a time looks for it, ${atMost}`], stop: undefined };
      }
      case 'opened':
        this.#window.restart();
        return { notes: [`the server is back after ${toSeconds(change.afterMs)}: a slow start`], stop: undefined };
      case 'over': {
        const reason = `the server was away for ${toSeconds(change.afterMs)} (${what}): see that it is there, then rerun`;
        return { notes: [], stop: reason };
      }
    }
  }

  /** @returns what has changed of the window or the rate, when it is worth a line */
  #adapt(sentAt: number, reply: Reply, now: number): string | undefined {
    const sign = signOf(reply);
    switch (sign) {
      case 'well': {
        this.#rate.accept(now);
        if (!this.#window.grow()) return undefined;
        return this.#log.tell('window', `pace: ${this.#limits.concurrency} sends at a time again`, now);
      }
      case 'silent':
        return this.#window.noteSilence() ? this.#shrink(sentAt, reply, now) : undefined;
      case 'strained':
        this.#rate.accept(now);
        return this.#shrink(sentAt, reply, now);
      case 'rate': {
        const perSecond = this.#rate.refuse(sentAt, now);
        const note = this.#shrink(sentAt, reply, now);
        if (perSecond === undefined) return note;
        return this.#log.tell('rate', `pace: HTTP status 429: ${perSecond.toFixed(1)} sends a second from now on`, now);
      }
      case 'nothing':
        return undefined;
    }
  }

  #shrink(sentAt: number, reply: Reply, now: number): string | undefined {
    if (!this.#window.shrink(sentAt, now)) return undefined;
    return this.#log.tell('window', `pace: ${describeSign(reply)}: ${this.#window.size} at a time from now on`, now);
  }
}
