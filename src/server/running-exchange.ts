import { AssertionError } from 'node:assert';
import type { Dispatcher } from 'undici';
import type { Clock } from '../core/clock.js';
import type { Proof } from '../core/proof.js';
import { isRead } from '../row/http-status.js';
import { readPage } from '../row/page.js';
import type { Connection } from '../network/connection.js';
import type { Exchange, HttpReply, HttpRequest } from './exchange.js';
import {
  CLOSED_FOR_OURS,
  describeNetworkError,
  lastingFailure,
  plainFailure,
  strangeFailure,
} from '../network/network-error.js';
import type { NetworkFailure } from '../network/network-error.js';
import { ReplyBody } from '../network/reply-body.js';
import { NO_HTTP } from '../network/reply-framer.js';
import { errors } from '../network/undici-parts.js';
import type { Wire } from '../network/wire.js';

/** A page has its title here, if anywhere. */
const PAGE_HEAD_BYTES = 16 * 1024;
/** Of what may say something to a person; no type at all is among them. */
const PAGE_TYPE = /^$|^text\/|html|json|xml/;
/** That is read as a reply, and not as a page. */
const JSON_REPLY = /^\s*[[{]/;
/** Characters of a content type that are worth showing. */
const MAX_TYPE = 60;
/** More than any reply of this API should be. */
const LARGE_REPLY_BYTES = 16 * 1024;
const NOT_NOTED = plainFailure('its departure could not be noted');

export interface ExchangeListeners {
  /** It departs. @returns the wire that it leaves over */
  readonly onDeparture: (running: RunningExchange) => Wire;
  /** Its whole reply is there, which came over this wire. @returns what it rests on */
  readonly onReply: (running: RunningExchange, reply: HttpReply, wire: Wire) => Proof | undefined;
  /** Has the server replied to anybody? */
  readonly hasReplied: () => boolean;
  /** The server closes the connection behind this reply. */
  readonly onLast: (wire: Wire | undefined) => void;
  /** What may be shown of a text of the server's. */
  readonly hide: (text: string) => string;
  /** It has ended for whoever asked. */
  readonly onEnd: (running: RunningExchange) => void;
  /** Its connection is done with it. */
  readonly onDone: (running: RunningExchange) => void;
  /** Told how many bytes of a large reply have come, each time that there are more. */
  readonly onLargeReply: ((bytes: number) => void) | undefined;
}

/** Ends once: what is told afterwards is not heard. Through undici's `request` it would cost twice as much. */
export class RunningExchange implements Dispatcher.DispatchHandler {
  readonly ended: Promise<Exchange>;
  readonly request: HttpRequest;
  readonly signal: AbortSignal | undefined;
  /** Monotonic ms. */
  readonly beganAt: number;
  /** What serves it, as its {@link Connections} say. */
  connection: Connection | undefined;
  readonly #clock: Clock;
  readonly #listeners: ExchangeListeners;
  readonly #body = new ReplyBody();
  #bytes = 0;
  #type: BodyType | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #wire: Wire | undefined;
  #leftAt = 0;
  /** Of the reply, once its head is there. */
  #status: number | undefined;
  #headers: Headers = {};
  #cameAt = 0;
  #isOver = false;
  #resolve: (exchange: Exchange) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(
    { request, signal }: { readonly request: HttpRequest; readonly signal: AbortSignal | undefined },
    clock: Clock,
    listeners: ExchangeListeners,
  ) {
    this.request = request;
    this.signal = signal;
    this.beganAt = clock.monotonic();
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
    if (this.#isSaidByStatus()) this.#endWith('');
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
    this.#wire = this.#listeners.onDeparture(this);
    this.request.onDeparture?.(this.#leftAt, this.#wire.number);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    // 1xx: the reply itself is still to come.
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    this.#cameAt = this.#clock.monotonic();
    this.#type = typeOf(headers);
    const connection = first(headers['connection']);
    if (connection !== undefined && /\bclose\b/i.test(connection)) this.#listeners.onLast(this.#wire);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const isPageHead = this.#type?.isPage === true && this.#bytes < PAGE_HEAD_BYTES;
    if (this.#status !== undefined && (isRead(this.#status) || isPageHead)) this.#body.add(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > LARGE_REPLY_BYTES) this.#listeners.onLargeReply?.(chunk.length);
  }

  onResponseEnd(): void {
    if (this.#status !== undefined) this.#endWhole(this.#status);
    this.#listeners.onDone(this);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const failure = this.#failureOf(error);
    if (this.#isSaidByStatus()) this.#endWith('');
    else if (failure !== undefined) this.#endFailed(failure);
    // An error that no network can cause is a bug, and must be seen.
    else this.#end(error);
    this.#listeners.onDone(this);
  }

  #isSaidByStatus(): boolean {
    return this.#status !== undefined && !isRead(this.#status);
  }

  /** A body that ends with its connection has no other end: undici takes a reset for one, too. */
  #endWhole(status: number): void {
    const error = this.#wire?.error;
    const failure = error && (describeNetworkError(error) ?? plainFailure('the connection was broken off'));
    const coding = codingOf(this.#headers);
    if (failure !== undefined && isRead(status)) this.#end({ kind: 'failed', ...failure });
    // What is in a coding is not read: the name of that stands for it, which is no JSON.
    else if (coding !== undefined) this.#endWith(`(${coding})`);
    else this.#endWith(this.#body.text());
  }

  /** Of one that is too long, there is a head all the same. */
  #endFailed(failure: NetworkFailure): void {
    const page = failure.isTooLong ? this.#shown(this.#body.text()) : undefined;
    this.#end({ kind: 'failed', ...failure, ...page });
  }

  /** What of the reply may be shown. */
  #shown(body: string): Pick<HttpReply, 'contentType' | 'title' | 'incident'> {
    const { hide } = this.#listeners;
    const type = this.#type?.name;
    const isReply = this.#status !== undefined && isRead(this.#status) && JSON_REPLY.test(body);
    const page = this.#type?.isPage === true && !isReply ? this.#hidePage(readPage(body)) : undefined;
    return { contentType: type && hide(type), title: page?.title, incident: page?.incident };
  }

  #hidePage({ title, incident }: ReturnType<typeof readPage>): ReturnType<typeof readPage> {
    const { hide } = this.#listeners;
    return { title: title && hide(title), incident: incident && hide(incident) };
  }

  #endWith(body: string): void {
    if (this.#isOver) return;
    const headers = this.#headers;
    const status = this.#status ?? 0;
    const reply: HttpReply & { proof: Proof | undefined } = {
      kind: 'reply',
      status,
      retryAfter: first(headers['retry-after']),
      ...this.#shown(body),
      dated: {
        date: first(headers['date']),
        isCached: headers['age'] !== undefined,
        leftAt: this.#leftAt,
        cameAt: this.#cameAt,
      },
      body: isRead(status) ? body : '',
      // What can't be decoded stands in the text as this.
      latin1: isRead(status) && body.includes('\ufffd') ? this.#body.latin1() : undefined,
      proof: undefined,
    };
    reply.proof = this.#wire && this.#listeners.onReply(this, reply, this.#wire);
    this.#end(reply);
  }

  /** What came fails an assertion of undici's at times; before the request has left, one is a bug. */
  #failureOf(error: Error) {
    if (this.#wire?.failure !== undefined) return this.#wire.failure;
    const isNoHttp = error instanceof errors.HTTPParserError || (this.hasLeft && error instanceof AssertionError);
    const failure = isNoHttp ? strangeFailure(NO_HTTP) : describeNetworkError(error);
    const isForOurs = this.#wire?.isSilentForOurs === true && !this.#listeners.hasReplied();
    return failure?.canHeal === true && isForOurs ? lastingFailure(CLOSED_FOR_OURS) : failure;
  }

  #end(end: Exchange | Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listeners.onEnd(this);
    if (end instanceof Error) this.#reject(end);
    else this.#resolve(end);
  }
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

interface BodyType {
  /** Without parameters. */
  readonly name: string | undefined;
  readonly isPage: boolean;
}

/** Of the last reply: those of one server are mostly the same. */
let lastType: { readonly header: string | undefined; readonly type: BodyType } | undefined;

function typeOf(headers: Headers): BodyType {
  const header = first(headers['content-type']);
  if (lastType === undefined || lastType.header !== header) {
    const name = header?.split(';', 1)[0]?.trim().toLowerCase().slice(0, MAX_TYPE);
    lastType = { header, type: { name, isPage: PAGE_TYPE.test(name ?? '') } };
  }
  return lastType.type;
}

/** The coding of its body, which nobody asked for. */
function codingOf(headers: Headers): string | undefined {
  const coding = headers['content-encoding'];
  if (coding === undefined) return undefined;
  const codings = [coding].flat().join(', ');
  return /^(?:identity)?$/i.test(codings) ? undefined : codings;
}

/** Of a header that is there more than once. */
function first(header: string | string[] | undefined): string | undefined {
  return typeof header === 'object' ? header[0] : header;
}
