import { Change } from '../core/change.js';
import type { Clock } from '../core/clock.js';
import type { Proof } from '../core/proof.js';
import { Connection } from '../network/connection.js';
import type { ConnectionSettings } from '../network/connection.js';
import type { Wire } from '../network/wire.js';
import type { HttpReply } from './exchange.js';
import type { RunningExchange } from './running-exchange.js';
import { Sentinel } from './sentinel.js';

/**
 * A connection proves that it is in step after so many answers, or so long after the first of them: the first time after 4,
 * then after 16 and 64 more, since one that breaks early takes its proof with it.
 */
export const PROVE_EVERY = 200;
const PROVE_FIRST = 4;
export const PROVE_EVERY_MS = 10_000;
/** One that rests for so long, or up to twice as long, proves it before it is closed: some servers wait for 5 s alone. */
export const REST_MS = 1_000;
/** What servers that limit the requests of a connection mostly say; others are known once one was closed. */
const USUAL_MOST = 100;

export interface ConnectionsEdges {
  readonly clock: Clock;
  readonly most: number;
  readonly connection: ConnectionSettings;
  /** Hands an exchange to undici. */
  readonly dispatch: (connection: Connection, running: RunningExchange) => void;
  /** Are answers to rest on a proof? */
  readonly asksForProof: boolean;
  /** A look of our own; absent where no connection has more than one request. */
  readonly look: (() => RunningExchange) | undefined;
  readonly onTaint: (why: string) => void;
  /** The server answers looks as it answers rows. */
  readonly onMute: () => void;
}

/** What a connection answered that broke before its proof, and the proof of others that its rows wait for. */
interface Lapsed {
  readonly proof: Proof;
  /** So many in all. */
  readonly until: number;
}

/**
 * The connections to one server: as many as may send at the same time, made when they are needed, the one used last first.
 * Each exchange knows its connection, so that this can prove that answers and requests are in step: at intervals, at rest
 * and at the end a look goes over it, among whose answers no row's can be.
 */
export class Connections {
  readonly #edges: ConnectionsEdges;
  readonly #sentinel = new Sentinel();
  readonly #all = new Set<Connection>();
  /** Those that nothing is under way on; the one used last is the last. */
  readonly #idle: Connection[] = [];
  readonly #waiting: RunningExchange[] = [];
  /** How many exchanges are served. */
  #served = 0;
  #lapsed: Lapsed[] = [];
  /** Over which something left. */
  #wires = 0;
  /** Looks that proved something. */
  #proofs = 0;
  #isTainted = false;
  /** Requests that this server takes over one connection. */
  #mostRequests: number | undefined = USUAL_MOST;
  #cancelRest: (() => void) | undefined;
  readonly #change = new Change();
  #isClosed = false;

  constructor(edges: ConnectionsEdges) {
    this.#edges = edges;
  }

  start(running: RunningExchange): void {
    const connection = this.#take();
    if (connection === undefined) this.#waiting.push(running);
    else this.#serve(connection, running);
  }

  /** The exchange was cut: what has not left lets go of its place. */
  cut(running: RunningExchange): void {
    const at = this.#waiting.indexOf(running);
    if (at >= 0) this.#waiting.splice(at, 1);
    if (running.hasLeft) return;
    const connection = this.#leave(running);
    if (connection !== undefined) this.#replace(connection);
  }

  depart(running: RunningExchange): Wire {
    const { connection } = running;
    if (connection === undefined) throw new Error('an exchange departs that has no connection');
    const wire = connection.depart();
    if (wire.requests === 1) wire.number = this.#wires += 1;
    if (this.#mostRequests !== undefined && wire.requests > this.#mostRequests) this.#mostRequests = undefined;
    return wire;
  }

  /** @returns what the answer rests on; nothing for a look */
  note(running: RunningExchange, reply: HttpReply, wire: Wire): Proof | undefined {
    if (!this.#edges.asksForProof) return undefined;
    if (running.request.isLook !== true) return wire.answer(this.#edges.clock.monotonic());
    this.#judge(reply, wire);
    return undefined;
  }

  /** The server closes the connection after this reply. */
  noteLast(wire: Wire | undefined): void {
    if (wire !== undefined) this.#noteMost(wire.requests);
  }

  /** undici is done with the exchange, and still in the midst of telling so. */
  done(running: RunningExchange): void {
    queueMicrotask(() => this.#done(running));
  }

  #done(running: RunningExchange): void {
    const connection = this.#leave(running);
    if (connection === undefined) return;
    // It could not be made: undici's client may be of no more use.
    if (!running.hasLeft) {
      this.#replace(connection);
      return;
    }
    const { wire } = connection;
    // Whatever the parser took for the end of the reply, more may follow.
    if (wire?.isTainted === true || wire?.isInStep === false) wire.end();
    if (this.#isDue(wire)) this.#look(connection);
    else this.#free(connection);
  }

  /** Resolves when all answers so far are proved, or nothing can prove them any more. */
  async prove(): Promise<void> {
    this.#lookOverIdle(() => true);
    while (this.#served > 0) await this.#change.next();
    for (const { wire } of this.#all) wire?.prove();
    this.#release(Infinity);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRest?.();
    await Promise.all([...this.#all].map((connection) => connection.destroy()));
    this.#release(Infinity);
  }

  #take(): Connection | undefined {
    const last = this.#idle.pop();
    if (last === undefined) return this.#all.size < this.#edges.most ? this.#open() : undefined;
    if (last.isAlive) return last;
    const at = this.#idle.findLastIndex(({ isAlive }) => isAlive);
    const [alive] = at < 0 ? [] : this.#idle.splice(at, 1, last);
    return alive ?? last;
  }

  #open(): Connection {
    const { onTaint } = this.#edges;
    const connection = new Connection(this.#edges.connection, {
      onTaint: (why) => {
        this.#isTainted = true;
        onTaint(why);
        for (const { proof } of this.#lapsed.splice(0)) proof.taint();
      },
      onClose: (replies, proof) => {
        if (proof !== undefined) this.#lapse(replies, proof);
      },
    });
    this.#all.add(connection);
    return connection;
  }

  #serve(connection: Connection, running: RunningExchange): void {
    running.connection = connection;
    this.#served += 1;
    this.#edges.dispatch(connection, running);
  }

  /** @returns what served it, if anything still did */
  #leave(running: RunningExchange): Connection | undefined {
    const { connection } = running;
    if (connection === undefined) return undefined;
    running.connection = undefined;
    this.#served -= 1;
    return connection;
  }

  #free(connection: Connection): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      this.#serve(connection, next);
      return;
    }
    connection.restsSince = this.#edges.clock.monotonic();
    this.#idle.push(connection);
    this.#rest();
    this.#change.tell();
  }

  /** Another one takes its place when it is needed. */
  #replace(connection: Connection): void {
    this.#all.delete(connection);
    void connection.destroy();
    const next = this.#waiting.length > 0 ? this.#take() : undefined;
    if (next !== undefined) this.#free(next);
    this.#change.tell();
  }

  #isDue(wire: Wire | undefined): boolean {
    if (wire?.isAlive === true && wire.isSuspect) return true;
    if (!this.#mayAsk(wire)) return false;
    const isLast = wire.requests + 1 === this.#mostRequests;
    const isLong = this.#edges.clock.monotonic() - wire.answeredAt >= PROVE_EVERY_MS;
    const isMany = wire.answers >= Math.min(PROVE_EVERY, PROVE_FIRST * 4 ** wire.proofs);
    return isLast || isLong || isMany;
  }

  /** Two looks with no answer between tell no more than one: the second could get the answer of the first. */
  #mayAsk(wire: Wire | undefined): wire is Wire {
    return wire?.isAlive === true && wire.isUnproved && !wire.isAsked;
  }

  #look(connection: Connection): void {
    const running = this.#sentinel.isMute ? undefined : this.#edges.look?.();
    if (running !== undefined) {
      this.#serve(connection, running);
      return;
    }
    // Nothing can prove them: they are believed as long as nothing speaks against it.
    connection.wire?.prove();
    this.#free(connection);
  }

  #judge(reply: HttpReply, wire: Wire): void {
    const verdict = this.#sentinel.judge(reply, wire.isSuspect);
    const wasSuspect = wire.isSuspect;
    wire.isSuspect = verdict === 'again';
    switch (verdict) {
      case 'own':
        wire.prove();
        this.#proofs += 1;
        this.#release(this.#proofs);
        return;
      case 'foreign':
        wire.taint('the answer to a look was one that only a row gets');
        return;
      case 'odd':
        wire.isAsked = true;
        if (wasSuspect && this.#sentinel.isMute) this.#edges.onMute();
        return;
      case 'again':
        return;
    }
  }

  /**
   * Its rows are believed once so many looks have proved what came over others as there are connections, and go with the
   * first that is out of step. One that breaks is mostly as the others are; so much is waited for that memory is flat.
   */
  #lapse(replies: number, proof: Proof): void {
    this.#noteMost(replies);
    if (this.#isTainted) proof.taint();
    else if (this.#sentinel.isMute) proof.prove();
    else this.#lapsed.push({ proof, until: this.#proofs + this.#all.size });
    if (this.#lapsed.length > 2 * this.#edges.most + 20) this.#lapsed.shift()?.proof.prove();
  }

  #release(proofs: number): void {
    const open = this.#lapsed.findIndex(({ until }) => until > proofs);
    for (const { proof } of this.#lapsed.splice(0, open < 0 ? this.#lapsed.length : open)) proof.prove();
  }

  /** A connection ended after so many requests: a look is to be the last of the next ones, until one goes on. */
  #noteMost(requests: number): void {
    this.#mostRequests = Math.min(requests, this.#mostRequests ?? requests);
  }

  /** One timer for all that are idle. */
  #rest(): void {
    const { clock, look } = this.#edges;
    if (this.#cancelRest !== undefined || this.#isClosed || look === undefined) return;
    if (!this.#idle.some(({ wire }) => this.#mayAsk(wire))) return;
    this.#cancelRest = clock.after(REST_MS, () => {
      this.#cancelRest = undefined;
      const since = clock.monotonic() - REST_MS;
      this.#lookOverIdle(({ restsSince }) => restsSince <= since);
      this.#rest();
    });
  }

  #lookOverIdle(isMeant: (connection: Connection) => boolean): void {
    const meant = this.#idle.filter((connection) => this.#mayAsk(connection.wire) && isMeant(connection));
    for (const connection of meant) {
      this.#idle.splice(this.#idle.indexOf(connection), 1);
      this.#look(connection);
    }
  }
}
