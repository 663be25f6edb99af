import { setMaxListeners } from 'node:events';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { EnvHttpProxyAgent, errors, Pool } from 'undici';
import type { Dispatcher } from 'undici';
import type { Clock } from '../core/clock.js';
import type { Registration } from '../core/registration.js';
import { parseBody, parseRetryAfter, unreadable } from '../core/reply.js';
import type { Reply } from '../core/reply.js';
import { toRequestBody, toTimestamp } from '../core/request-body.js';
import type { RequestSecrets, TimestampUnit } from '../core/request-body.js';
import type { Attempt } from '../core/row-state.js';
import { describeNetworkError } from '../core/network-error.js';
import type { NetworkFailure } from '../core/network-error.js';
import { verdictOf } from '../core/return-code.js';
import { UsageError } from '../core/usage-error.js';

const BASE_PATH = '/CentagateWS/webresources';
/** A longer reply is not read to its end. */
const MAX_REPLY_BYTES = 1024 * 1024;
/** Both seeds' sample code sends exactly these two. */
const HEADERS = { accept: 'application/json', 'content-type': 'application/json' };
/** undici's own word for it has no code. */
const NO_HTTP: NetworkFailure = { why: 'the reply is no HTTP', isTooLong: false };

export interface EndpointSettings {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly session: { readonly admin: string; readonly cenToken: string };
  readonly concurrency: number;
  /** For a whole attempt: waiting for a connection, sending, and the reply's last byte. */
  readonly timeoutMs: number;
  readonly timestampUnit: TimestampUnit;
  /** PEM: all certificates that are trusted, and our own with its key. Absent for plain http. */
  readonly tls:
    { readonly ca: readonly string[]; readonly cert: string | undefined; readonly key: string | undefined } | undefined;
  readonly proxy: { readonly https: string; readonly no: string } | undefined;
}

/** What `auth/sessioncheck` says: `missing` when the server has no such endpoint, `unclear` without a usable answer. */
export type SessionCheck = 'good' | 'over' | 'missing' | 'unclear';

/**
 * The server's side of the batch. A request waits behind connect and TLS with its body ready, so the timestamp is not
 * made when the body is: its digits are written over at the moment undici hands the request to a live connection, just
 * before the bytes. That moment also tells a request that may have been applied from one that surely never left.
 */
export class Endpoint {
  readonly #settings: EndpointSettings;
  readonly #clock: Clock;
  readonly #agent: Dispatcher;
  /** Aborted at the end: undici lets go of a connection that is not there yet, but not of its socket. */
  readonly #closing = new AbortController();
  readonly #dispatcher: Dispatcher;
  readonly #admin: string;
  /** What to do when the request with this body leaves. */
  readonly #departures = new WeakMap<object, () => void>();

  /** @throws {UsageError} for certificates or a proxy that can't be used */
  constructor(settings: EndpointSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#admin = encodeURIComponent(settings.session.admin);
    // Every connection listens.
    setMaxListeners(0, this.#closing.signal);
    this.#agent = makeAgent(settings, this.#closing.signal);
    this.#dispatcher = this.#agent.compose((dispatch) => (options, handler) => {
      const depart = typeof options.body === 'object' && options.body !== null && this.#departures.get(options.body);
      const begin = handler.onRequestStart?.bind(handler);
      if (depart) {
        handler.onRequestStart = (controller, context) => {
          begin?.(controller, context);
          if (!controller.aborted) depart();
        };
      }
      return dispatch(options, handler);
    });
  }

  /** Sends one registration. `signal` cuts it off. Never throws for what the network or the server does. */
  async register(
    registration: Registration,
    signature: RequestSecrets['signature'],
    signal: AbortSignal,
  ): Promise<Attempt> {
    const { timestampUnit, session } = this.#settings;
    const body = toRequestBody(registration, { cenToken: session.cenToken, signature }, timestampUnit);
    const bytes = Buffer.from(body.text);
    let sentAt: number | undefined;
    let leftAt = 0;
    this.#departures.set(bytes, () => {
      sentAt = this.#clock.now();
      leftAt = this.#clock.monotonic();
      if (body.timestampAt !== undefined) bytes.write(toTimestamp(sentAt, timestampUnit), body.timestampAt, 'latin1');
    });
    const path = registration.tokenType === 'otp' ? '/token/register/otp/offline/' : '/cert/register/pkcs7/';
    const exchange = await this.#exchange({ method: 'PUT', path: `${path}${this.#admin}`, body: bytes }, signal);
    const reply = toReply(exchange, sentAt !== undefined, this.#clock.now());
    return {
      reply,
      sentAt,
      latencyMs: sentAt === undefined ? undefined : Math.round(this.#clock.monotonic() - leftAt),
    };
  }

  /** Asks whether our session still stands. Its URL holds the cenToken: it must never be logged. */
  async checkSession(signal: AbortSignal): Promise<SessionCheck> {
    const path = `/auth/sessioncheck/${this.#admin}/${this.#settings.session.cenToken}`;
    const exchange = await this.#exchange({ method: 'GET', path }, signal);
    const reply = toReply(exchange, true, this.#clock.now());
    if (reply.kind === 'answer') return checkedCode(reply.code);
    if (reply.kind !== 'status') return 'unclear';
    if (reply.httpStatus === 401 || reply.httpStatus === 403) return 'over';
    return reply.httpStatus < 500 && reply.httpStatus !== 429 ? 'missing' : 'unclear';
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
    this.#closing.abort();
  }

  /** One request and its whole reply, within the time of one attempt; the deadline does not rely on the library. */
  async #exchange(request: Request, signal: AbortSignal): Promise<Exchange> {
    const cut = new AbortController();
    const seen: { status?: Exchange } = {};
    let end: (exchange: Exchange) => void = () => undefined;
    const ended = new Promise<Exchange>((resolve) => (end = resolve));
    const stop = (why: string): void => {
      cut.abort();
      end(seen.status ?? { kind: 'cut', why });
    };
    const { timeoutMs } = this.#settings;
    const cancel = this.#clock.after(timeoutMs, () => stop(`no whole reply within ${timeoutMs / 1000} s`));
    const interrupt = (): void => stop('cut off when the run was interrupted');
    signal.addEventListener('abort', interrupt, { once: true });
    if (signal.aborted) interrupt();
    try {
      return await Promise.race([ended, this.#request(request, cut.signal, seen)]);
    } finally {
      cancel();
      signal.removeEventListener('abort', interrupt);
    }
  }

  /** A server may quote the request back: its credential must not come to stand in a result. */
  #mask(body: string): string {
    return body.replaceAll(this.#settings.session.cenToken, '[secret]');
  }

  async #request(request: Request, signal: AbortSignal, seen: { status?: Exchange }): Promise<Exchange> {
    try {
      const response = await this.#dispatcher.request({
        origin: this.#settings.origin,
        method: request.method,
        path: `${BASE_PATH}${request.path}`,
        // A copy: the proxy agent adds to it.
        headers: request.body === undefined ? { accept: HEADERS.accept } : { ...HEADERS },
        body: request.body ?? null,
        signal,
      });
      const status = response.statusCode;
      const [retryAfter] = [response.headers['retry-after']].flat();
      if (status === 200) return { kind: 'reply', status, retryAfter, body: this.#mask(await response.body.text()) };
      // The body of any other status says nothing: however it ends, the status stands.
      seen.status = { kind: 'reply', status, retryAfter, body: '' };
      await response.body.dump({ limit: MAX_REPLY_BYTES });
      return seen.status;
    } catch (error) {
      if (seen.status !== undefined) return seen.status;
      const failure = error instanceof errors.HTTPParserError ? NO_HTTP : describeNetworkError(error);
      // An error that no network can cause is a bug, and must be seen.
      if (failure === undefined) throw error;
      return { kind: 'failed', ...failure };
    }
  }
}

interface Request {
  readonly method: 'PUT' | 'GET';
  readonly path: string;
  readonly body?: Buffer;
}

/** What became of one request. */
type Exchange =
  | { readonly kind: 'reply'; readonly status: number; readonly retryAfter: string | undefined; readonly body: string }
  | { readonly kind: 'failed'; readonly why: string; readonly isTooLong: boolean }
  | { readonly kind: 'cut'; readonly why: string };

function toReply(exchange: Exchange, hasLeft: boolean, nowMs: number): Reply {
  switch (exchange.kind) {
    case 'reply': {
      const { status, retryAfter, body } = exchange;
      if (status === 200) return parseBody(body);
      return { kind: 'status', httpStatus: status, retryAfterMs: parseRetryAfter(retryAfter, nowMs) };
    }
    case 'failed':
      if (exchange.isTooLong) return unreadable('the reply is over 1 MiB');
      return { kind: hasLeft ? 'unanswered' : 'unsent', why: exchange.why };
    case 'cut':
      return hasLeft
        ? { kind: 'unanswered', why: exchange.why }
        : { kind: 'unsent', why: `no connection: ${exchange.why}` };
  }
}

/** A database that is away says nothing of our session. */
function checkedCode(code: string): SessionCheck {
  if (code === '0') return 'good';
  return ['temporary', 'once_more'].includes(verdictOf(code, 'otp')) ? 'unclear' : 'over';
}

function makeAgent(settings: EndpointSettings, signal: AbortSignal): Dispatcher {
  const { concurrency, timeoutMs, proxy } = settings;
  const tls = settings.tls && { secureContext: makeSecureContext(settings.tls) };
  const options = {
    connections: concurrency,
    pipelining: 1,
    // The attempt's own deadline is the only one.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: MAX_REPLY_BYTES,
    connect: { ...tls, timeout: timeoutMs, signal },
  };
  if (proxy === undefined) return new Pool(settings.origin, options);
  return new EnvHttpProxyAgent({
    ...options,
    requestTls: options.connect,
    proxyTls: { timeout: timeoutMs, signal },
    // A proxy that takes the connection and says nothing must not hold the place for longer than the attempt.
    clientFactory: (origin, clientOptions) => new Pool(origin, { ...clientOptions, headersTimeout: timeoutMs }),
    httpProxy: '',
    httpsProxy: proxyAddress(proxy.https),
    noProxy: proxy.no,
  });
}

/** One context for all connections: reading the roots anew for each would cost more than the handshake. */
function makeSecureContext(tls: NonNullable<EndpointSettings['tls']>): SecureContext {
  try {
    return createSecureContext({ ...tls, ca: [...tls.ca] });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new UsageError([`--client-cert, --client-key and --ca can't be used together (${code}): check the files`]);
  }
}

/** As curl takes it: without a scheme it is http. It may hold a password, and is never shown. */
function proxyAddress(text: string): string {
  const address = text.includes('://') ? text : `http://${text}`;
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw new UsageError(['HTTPS_PROXY is no address of a proxy: write http://host:port']);
  }
  return address;
}
