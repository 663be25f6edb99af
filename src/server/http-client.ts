import { AssertionError } from 'node:assert';
import { setMaxListeners } from 'node:events';
import type { LookupFunction } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import type { Clock } from '../core/clock.js';
import { isRead } from '../row/http-status.js';
import { titleOf } from '../row/page.js';
import { BASE_PATH } from './call.js';
import { HEADERS, maskSecrets } from './exchange.js';
import type { Exchange, HttpReply, HttpRequest } from './exchange.js';
import { ReplyBody } from './reply-body.js';
import { describeNetworkError, plainFailure } from '../network/network-error.js';
import { openConnector } from '../network/connector.js';
import type { Connector } from '../network/connector.js';
import { proxyFor } from '../network/proxy.js';
import type { ProxySettings } from '../network/proxy.js';
import { errors, Pool } from '../network/undici-parts.js';
import { UsageError } from '../core/usage-error.js';

/** A longer reply is not read to its end. */
export const MAX_REPLY_BYTES = 1024 * 1024;
/** More than any reply of this API should be. */
const LARGE_REPLY_BYTES = 16 * 1024;
/** A page has its title here, if anywhere. */
const PAGE_HEAD_BYTES = 16 * 1024;
/** Characters of a content type that are worth showing. */
const MAX_TYPE = 60;
/** undici's own word for it has no code. */
const NO_HTTP = plainFailure('the reply is no HTTP');
const NOT_NOTED = plainFailure('its departure could not be noted');

const INTERRUPTED = 'cut off when the run was interrupted';

export interface HttpSettings {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly concurrency: number;
  /** For a whole exchange: waiting for a connection, sending, and the reply's last byte. */
  readonly timeoutMs: number;
  /** PEM: all certificates that are trusted, and our own with its key. Absent for plain http. */
  readonly tls:
    { readonly ca: readonly string[]; readonly cert: string | undefined; readonly key: string | undefined } | undefined;
  readonly proxy: ProxySettings;
  /** Asks the resolver; the system's own way unless given. */
  readonly lookup?: LookupFunction;
  /** Told how many bytes of a large reply have come, each time that there are more. */
  readonly onLargeReply?: (bytes: number) => void;
}

/**
 * Exchanges requests and replies with one server. A request waits behind connect and TLS; the moment when undici hands it
 * to a live connection, just before its bytes, tells one that may have been applied from one that surely never left.
 */
export class HttpClient {
  readonly #settings: HttpSettings;
  readonly #clock: Clock;
  readonly #connector: Connector;
  readonly #agent: Dispatcher;
  /** Aborted at the end: undici lets go of a connection that is not there yet, but not of its socket. */
  readonly #closing = new AbortController();
  /** What each signal would cut off, so that it has one listener and not one for every request. */
  readonly #cutBy = new Map<AbortSignal, CutGroup>();

  /** @throws {UsageError} for certificates or a proxy that can't be used */
  constructor(settings: HttpSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    // Every connection listens.
    setMaxListeners(0, this.#closing.signal);
    this.#connector = makeConnector(settings, this.#closing.signal);
    this.#agent = makeAgent(settings, this.#connector);
  }

  /**
   * One request and its whole reply, within the time of one attempt; the deadline does not rely on the library. `signal`
   * cuts it off. Never throws for what the network or the server does.
   */
  readonly exchange = (request: HttpRequest, signal: AbortSignal): Promise<Exchange> => {
    if (signal.aborted) return Promise.resolve({ kind: 'cut', why: INTERRUPTED });
    const { origin, timeoutMs, onLargeReply } = this.#settings;
    const { method, body } = request;
    const onEnd = (): void => {
      cancel();
      forget();
    };
    const running = new RunningExchange(request, this.#clock, { onEnd, onLargeReply });
    const cancel = this.#clock.after(timeoutMs, () => running.cut(`no whole reply within ${timeoutMs / 1000} s`));
    const forget = this.#join(signal, running);
    const headers = body === undefined ? { accept: HEADERS.accept } : HEADERS;
    this.#agent.dispatch(
      { origin, method, path: `${request.base ?? ''}${BASE_PATH}${request.path}`, headers, body: body ?? null },
      running,
    );
    return running.ended;
  };

  async close(): Promise<void> {
    await this.#agent.destroy();
    await this.#connector.close();
    this.#closing.abort();
  }

  #join(signal: AbortSignal, running: RunningExchange): () => void {
    const group = this.#cutBy.get(signal) ?? new CutGroup();
    if (group.size === 0) {
      this.#cutBy.set(signal, group);
      signal.addEventListener('abort', group.cutAll);
    }
    group.add(running);
    return () => {
      group.delete(running);
      if (group.size > 0) return;
      this.#cutBy.delete(signal);
      signal.removeEventListener('abort', group.cutAll);
    };
  }
}

/** The exchanges that one signal cuts off. */
class CutGroup extends Set<RunningExchange> {
  readonly cutAll = (): void => {
    for (const running of [...this]) running.cut(INTERRUPTED);
  };
}

interface Listeners {
  readonly onEnd: () => void;
  readonly onLargeReply: ((bytes: number) => void) | undefined;
}

/**
 * One request under way, as undici tells of it. It ends once: what is told afterwards is not heard. Told directly, and not
 * through undici's `request`, whose streams and signals cost as much again as all the rest of it.
 */
class RunningExchange implements Dispatcher.DispatchHandler {
  readonly ended: Promise<Exchange>;
  readonly #request: HttpRequest;
  readonly #clock: Clock;
  readonly #listeners: Listeners;
  readonly #body = new ReplyBody();
  #bytes = 0;
  #isPage = false;
  #controller: Dispatcher.DispatchController | undefined;
  #hasLeft = false;
  #leftAt = 0;
  #reply: HttpReply | undefined;
  #isOver = false;
  #resolve: (exchange: Exchange) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(request: HttpRequest, clock: Clock, listeners: Listeners) {
    this.#request = request;
    this.#clock = clock;
    this.#listeners = listeners;
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Ends it here and now. A request that still waits for its connection never leaves. */
  cut(why: string): void {
    // A body that is not read says nothing: however it ends, the status stands.
    this.#end(this.#reply !== undefined && !isRead(this.#reply.status) ? this.#reply : { kind: 'cut', why });
    this.#controller?.abort(new Error(why));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#leftAt = this.#clock.monotonic();
    if (this.#isOver) controller.abort(new Error(INTERRUPTED));
    else if (this.#request.mayLeave?.() === false) {
      this.#end({ kind: 'failed', ...NOT_NOTED });
      controller.abort(new Error(NOT_NOTED.why));
    } else {
      this.#hasLeft = true;
      this.#request.onDeparture?.();
    }
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
    this.#reply = { kind: 'reply', status, retryAfter: first(headers['retry-after']), contentType, dated, body: '' };
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const isPageHead = this.#isPage && this.#bytes < PAGE_HEAD_BYTES;
    if (this.#reply !== undefined && (isRead(this.#reply.status) || isPageHead)) this.#body.add(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > LARGE_REPLY_BYTES) this.#listeners.onLargeReply?.(chunk.length);
  }

  onResponseEnd(): void {
    if (this.#reply === undefined) return;
    const body = maskSecrets(this.#body.text(), this.#request.secrets);
    const title = this.#isPage ? titleOf(body) : undefined;
    this.#end({ ...this.#reply, title, body: isRead(this.#reply.status) ? body : '' });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const failure = this.#isNoHttp(error) ? NO_HTTP : describeNetworkError(error);
    if (this.#reply !== undefined && !isRead(this.#reply.status)) this.#end(this.#reply);
    else if (failure !== undefined) this.#end({ kind: 'failed', ...failure });
    // An error that no network can cause is a bug, and must be seen.
    else this.#end(error);
  }

  /** A 101 that nobody asked for fails an assertion of undici's; before the request has left, one is a bug. */
  #isNoHttp(error: Error): boolean {
    return error instanceof errors.HTTPParserError || (this.#hasLeft && error instanceof AssertionError);
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

function makeAgent({ origin, concurrency }: HttpSettings, { connect }: Connector): Dispatcher {
  return new Pool(origin, {
    connections: concurrency,
    pipelining: 1,
    // The attempt's own deadline is the only one.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: MAX_REPLY_BYTES,
    connect,
  });
}

function makeConnector({ origin, tls, timeoutMs, lookup, ...more }: HttpSettings, signal: AbortSignal): Connector {
  const proxy = proxyFor(origin, more.proxy);
  return openConnector({
    tls: tls && makeSecureContext(tls),
    proxy,
    proxyTls: proxy?.origin.startsWith('https:') ? makeSecureContext({ ca: tls?.ca ?? [] }) : undefined,
    ...{ timeoutMs, lookup, signal },
  });
}

/** One context for all connections: reading the roots anew for each would cost more than the handshake. */
function makeSecureContext(tls: Pick<NonNullable<HttpSettings['tls']>, 'ca'>): SecureContext {
  try {
    return createSecureContext({ ...tls, ca: [...tls.ca] });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new UsageError([`--client-cert, --client-key and --ca can't be used together (${code}): check the files`]);
  }
}
