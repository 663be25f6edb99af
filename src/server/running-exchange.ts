import { AssertionError } from 'node:assert';
import type { Dispatcher } from 'undici';
import type { Clock } from '../core/clock.js';
import type { Proof } from '../core/proof.js';
import { isRead } from '../row/http-status.js';
import { readPage } from '../row/page.js';
import type { Exchange, HttpReply, HttpRequest } from './exchange.js';
import { describeNetworkError, plainFailure } from '../network/network-error.js';
import { ReplyBody } from './reply-body.js';
import { NO_HTTP } from '../network/reply-framer.js';
import { errors } from '../network/undici-parts.js';
import type { Wire } from '../network/wire.js';

/** A page has its title here, if anywhere. */
const PAGE_HEAD_BYTES = 16 * 1024;
/** Characters of a content type that are worth showing. */
const MAX_TYPE = 60;
/** More than any reply of this API should be. */
const LARGE_REPLY_BYTES = 16 * 1024;
const NOT_NOTED = plainFailure('its departure could not be noted');

/** Who follows an exchange. */
export interface ExchangeListeners {
  /** It departs. @returns the wire that it leaves over */
  readonly onDeparture: () => Wire;
  /** Its whole reply is there, which came over this wire. @returns what it rests on */
  readonly onReply: (reply: HttpReply, wire: Wire) => Proof | undefined;
  /** The server closes the connection behind this reply. */
  readonly onLast: (wire: Wire | undefined) => void;
  /** What may be shown of a text of the server's. */
  readonly hide: (text: string) => string;
  /** It has ended for whoever asked. */
  readonly onEnd: () => void;
  /** Its connection is done with it. */
  readonly onDone: () => void;
  /** Told how many bytes of a large reply have come, each time that there are more. */
  readonly onLargeReply: ((bytes: number) => void) | undefined;
}

/**
 * One request under way, as undici tells of it. It ends once: what is told afterwards is not heard. Told directly, and not
 * through undici's `request`, whose streams and signals cost as much again as all the rest of it.
 */
export class RunningExchange implements Dispatcher.DispatchHandler {
  readonly ended: Promise<Exchange>;
  readonly request: HttpRequest;
  readonly #clock: Clock;
  readonly #listeners: ExchangeListeners;
  readonly #body = new ReplyBody();
  #bytes = 0;
  #isPage = false;
  #controller: Dispatcher.DispatchController | undefined;
  #wire: Wire | undefined;
  #leftAt = 0;
  #reply: HttpReply | undefined;
  /** The coding of its body, which nobody asked for. */
  #coding: string | undefined;
  #isOver = false;
  #resolve: (exchange: Exchange) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(request: HttpRequest, clock: Clock, listeners: ExchangeListeners) {
    this.request = request;
    this.#clock = clock;
    this.#listeners = listeners;
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Has undici handed it to a live connection? */
  get hasLeft(): boolean {
    return this.#wire !== undefined;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Ends it here and now. A request that still waits for its connection never leaves. */
  cut(why: string): void {
    // A body that is not read says nothing: however it ends, the status stands.
    if (this.#reply !== undefined && !isRead(this.#reply.status)) this.#endWith(this.#reply);
    else this.#end({ kind: 'cut', why });
    this.#controller?.abort(new Error(why));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) {
      controller.abort(new Error('cut off before it left'));
      return;
    }
    if (this.request.mayLeave?.() === false) {
      this.#end({ kind: 'failed', ...NOT_NOTED });
      controller.abort(new Error(NOT_NOTED.why));
      return;
    }
    this.#leftAt = this.#clock.monotonic();
    this.#wire = this.#listeners.onDeparture();
    this.request.onDeparture?.();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    // 1xx: the reply itself is still to come.
    if (status < 200) return;
    const isCached = headers['age'] !== undefined;
    const dated = { date: first(headers['date']), isCached, leftAt: this.#leftAt, cameAt: this.#clock.monotonic() };
    const contentType = first(headers['content-type'])?.split(';')[0]?.trim().toLowerCase().slice(0, MAX_TYPE);
    this.#isPage = contentType?.includes('html') === true;
    this.#reply = {
      kind: 'reply',
      status,
      retryAfter: first(headers['retry-after']),
      contentType: contentType && this.#listeners.hide(contentType),
      dated,
      body: '',
    };
    const codings = [headers['content-encoding'] ?? []].flat().join(', ');
    this.#coding = /^(?:identity)?$/i.test(codings) ? undefined : codings;
    if (/\bclose\b/i.test(first(headers['connection']) ?? '')) this.#listeners.onLast(this.#wire);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const isPageHead = this.#isPage && this.#bytes < PAGE_HEAD_BYTES;
    if (this.#reply !== undefined && (isRead(this.#reply.status) || isPageHead)) this.#body.add(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > LARGE_REPLY_BYTES) this.#listeners.onLargeReply?.(chunk.length);
  }

  onResponseEnd(): void {
    const reply = this.#reply;
    if (reply !== undefined) this.#endWhole(reply);
    this.#listeners.onDone();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const failure = this.#failureOf(error);
    if (this.#reply !== undefined && !isRead(this.#reply.status)) this.#endWith(this.#reply);
    else if (failure !== undefined) this.#end({ kind: 'failed', ...failure });
    // An error that no network can cause is a bug, and must be seen.
    else this.#end(error);
    this.#listeners.onDone();
  }

  /** A body that ends with its connection has no other end: undici takes a reset for one, too. */
  #endWhole(reply: HttpReply): void {
    const error = this.#wire?.error;
    const failure = error && (describeNetworkError(error) ?? plainFailure('the connection was broken off'));
    if (failure !== undefined && isRead(reply.status)) this.#end({ kind: 'failed', ...failure });
    // What is in a coding is not read: the name of that stands for it, which is no JSON.
    else if (this.#coding !== undefined) this.#endWith({ ...reply, body: `(${this.#coding})` });
    else this.#endWith(this.#withBody(reply));
  }

  #withBody(reply: HttpReply): HttpReply {
    const body = this.#body.text();
    const page = this.#isPage ? this.#hidePage(readPage(body)) : undefined;
    return { ...reply, ...page, body: isRead(reply.status) ? body : '' };
  }

  #hidePage({ title, incident }: ReturnType<typeof readPage>): ReturnType<typeof readPage> {
    const { hide } = this.#listeners;
    return { title: title && hide(title), incident: incident && hide(incident) };
  }

  #endWith(reply: HttpReply): void {
    if (this.#isOver) return;
    const proof = this.#wire && this.#listeners.onReply(reply, this.#wire);
    this.#end(proof === undefined ? reply : { ...reply, proof });
  }

  /** A 101 that nobody asked for fails an assertion of undici's; before the request has left, one is a bug. */
  #failureOf(error: Error) {
    if (this.#wire?.failure !== undefined) return this.#wire.failure;
    const isNoHttp = error instanceof errors.HTTPParserError || (this.hasLeft && error instanceof AssertionError);
    return isNoHttp ? plainFailure(NO_HTTP) : describeNetworkError(error);
  }

  #end(end: Exchange | Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listeners.onEnd();
    if (end instanceof Error) this.#reject(end);
    else this.#resolve(end);
  }
}

/** Of a header that is there more than once. */
function first(header: string | string[] | undefined): string | undefined {
  return typeof header === 'object' ? header[0] : header;
}
