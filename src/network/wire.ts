import type { Socket } from 'node:net';
import { Proof } from '../core/proof.js';
import { asksForOurs } from './connector.js';
import { strangeFailure } from './network-error.js';
import type { NetworkFailure } from './network-error.js';
import { ReplyFramer } from './reply-framer.js';

export interface WireListeners {
  /** It turned out that answers and requests are not in step. */
  readonly onTaint: (why: string) => void;
  /** It has ended after so many replies; the proof that is still open is that of nobody any more. */
  readonly onClose: (replies: number, open: Proof | undefined) => void;
}

/** What servers and gateways say to a connection that was idle for too long: no reply to anybody (RFC 9110, 15.5.9). */
const FAREWELL = /^HTTP\/1\.[01] 408 /;

/**
 * One socket, as undici's parser is to see it. All that the parser reads comes by here first: interim replies are taken
 * out, what may not be believed breaks the connection, and bytes that nobody waits for are seen, also those that come in
 * one packet with the reply before. It keeps what that says of the answers so far.
 */
export class Wire {
  /** Among those over which something left, from 1. */
  number = 0;
  /** Requests that left over it, and the answers among them since the last proof. */
  requests = 0;
  answers = 0;
  /** Monotonic ms, of the first of these answers. */
  answeredAt = 0;
  /** How often its answers were proved. */
  proofs = 0;
  /** Has a look been answered, since the last answer, in a way that proves nothing? */
  isAsked = false;
  /** The only look so far was answered as a row would be. */
  isSuspect = false;
  /** Why nothing more is believed of it. */
  failure: NetworkFailure | undefined;
  readonly #socket: Socket;
  readonly #listeners: WireListeners;
  readonly #framer = new ReplyFramer();
  readonly #asksForOurs: boolean;
  #hasRead = false;
  #proof: Proof | undefined;
  #isTainted = false;
  #isEnded = false;

  constructor(socket: Socket, listeners: WireListeners) {
    this.#socket = socket;
    this.#listeners = listeners;
    this.#asksForOurs = asksForOurs(socket);
    const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
    // The parser reads what there is; Node itself asks for nothing, which only looks for more.
    socket.read = (size?: number) => (size === 0 ? read(0) : this.#read(read));
    // Before undici, which makes an error of it.
    socket.once('end', () => (this.#isEnded = true));
    socket.once('close', () => this.#close());
  }

  get isAlive(): boolean {
    return !this.#socket.destroyed && !this.#isEnded;
  }

  get isTainted(): boolean {
    return this.#isTainted;
  }

  /** Is there an answer that rests on a proof? */
  get isUnproved(): boolean {
    return this.#proof !== undefined;
  }

  /** May another request follow the last reply? */
  get isInStep(): boolean {
    return this.#framer.isIdle;
  }

  /** Did the server ask for a certificate of ours, and has it said nothing since? */
  get isSilentForOurs(): boolean {
    return this.#asksForOurs && !this.#hasRead;
  }

  /** The error that the socket had, when it was not closed as it should be. */
  get error(): Error | undefined {
    return this.#socket.errored ?? undefined;
  }

  expect(): void {
    this.requests += 1;
    this.#framer.expect();
  }

  /** An answer came. @returns what it rests on */
  answer(nowMs: number): Proof {
    if (this.answers === 0) this.answeredAt = nowMs;
    this.answers += 1;
    this.isAsked = false;
    const proof = (this.#proof ??= new Proof());
    if (this.#isTainted) proof.taint();
    return proof;
  }

  /** All answers so far are in step. */
  prove(): void {
    if (this.isUnproved) this.proofs += 1;
    this.#takeProof()?.prove();
  }

  taint(why: string): void {
    if (this.#isTainted) return;
    this.#isTainted = true;
    // The stop comes first: whoever hears of a taint must not try again.
    this.#listeners.onTaint(why);
    this.#proof?.taint();
  }

  end(): void {
    this.#socket.destroy();
  }

  #takeProof(): Proof | undefined {
    const proof = this.#proof;
    this.#proof = undefined;
    this.answers = 0;
    this.isAsked = false;
    return proof;
  }

  #read(read: () => Buffer | null): Buffer | null {
    for (;;) {
      const piece = this.failure === undefined ? read() : null;
      if (this.failure !== undefined) this.end();
      if (piece === null) return null;
      this.#hasRead = true;
      const wasIdle = this.#framer.isIdle;
      const { bytes, surplus, fault } = this.#framer.take(piece);
      if (fault !== undefined) this.failure = strangeFailure(fault);
      if (surplus !== undefined) {
        this.#meet(surplus);
        if (wasIdle) this.end();
      }
      // What stands before a fault is read first, such as a status that says all.
      if (bytes.length > 0) return bytes;
    }
  }

  #meet(surplus: Buffer): void {
    if (!FAREWELL.test(surplus.toString('latin1', 0, 16))) this.taint('bytes came that nobody waited for');
  }

  /**
   * The only answer to the only request is its own. An end proves nothing else, however orderly: who counts one reply too
   * many may close where the last one is missing.
   */
  #close(): void {
    const proof = this.#takeProof();
    if (this.requests === 1) proof?.prove();
    const replies = this.isInStep ? this.requests : this.requests - 1;
    this.#listeners.onClose(replies, proof?.isOpen === true ? proof : undefined);
  }
}
