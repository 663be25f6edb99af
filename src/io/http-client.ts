import { setMaxListeners } from 'node:events';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { EnvHttpProxyAgent, errors, Pool } from 'undici';
import type { Dispatcher } from 'undici';
import type { Clock } from '../core/clock.js';
import type { Exchange, HttpRequest } from '../core/exchange.js';
import { describeNetworkError } from '../core/network-error.js';
import type { NetworkFailure } from '../core/network-error.js';
import { UsageError } from '../core/usage-error.js';

const BASE_PATH = '/CentagateWS/webresources';
/** A longer reply is not read to its end. */
const MAX_REPLY_BYTES = 1024 * 1024;
/** Both seeds' sample code sends exactly these two. */
const HEADERS = { accept: 'application/json', 'content-type': 'application/json' };
/** undici's own word for it has no code. */
const NO_HTTP: NetworkFailure = { why: 'the reply is no HTTP', isTooLong: false };

export interface HttpSettings {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly concurrency: number;
  /** For a whole exchange: waiting for a connection, sending, and the reply's last byte. */
  readonly timeoutMs: number;
  /** PEM: all certificates that are trusted, and our own with its key. Absent for plain http. */
  readonly tls:
    { readonly ca: readonly string[]; readonly cert: string | undefined; readonly key: string | undefined } | undefined;
  readonly proxy: { readonly https: string; readonly no: string } | undefined;
}

/**
 * Exchanges requests and replies with one server. A request waits behind connect and TLS; the moment when undici hands it
 * to a live connection, just before its bytes, tells one that may have been applied from one that surely never left.
 */
export class HttpClient {
  readonly #settings: HttpSettings;
  readonly #clock: Clock;
  readonly #agent: Dispatcher;
  /** Aborted at the end: undici lets go of a connection that is not there yet, but not of its socket. */
  readonly #closing = new AbortController();
  readonly #dispatcher: Dispatcher;
  /** What to do when the request with these headers leaves. */
  readonly #departures = new WeakMap<object, () => void>();

  /** @throws {UsageError} for certificates or a proxy that can't be used */
  constructor(settings: HttpSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    // Every connection listens.
    setMaxListeners(0, this.#closing.signal);
    this.#agent = makeAgent(settings, this.#closing.signal);
    this.#dispatcher = this.#agent.compose((dispatch) => (options, handler) => {
      const { headers } = options;
      const depart = typeof headers === 'object' && headers !== null && this.#departures.get(headers);
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

  /**
   * One request and its whole reply, within the time of one attempt; the deadline does not rely on the library. `signal`
   * cuts it off. Never throws for what the network or the server does.
   */
  readonly exchange = async (request: HttpRequest, signal: AbortSignal): Promise<Exchange> => {
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
  };

  async close(): Promise<void> {
    await this.#agent.destroy();
    this.#closing.abort();
  }

  async #request(request: HttpRequest, signal: AbortSignal, seen: { status?: Exchange }): Promise<Exchange> {
    // A copy: the proxy agent adds to it.
    const headers = request.body === undefined ? { accept: HEADERS.accept } : { ...HEADERS };
    if (request.onDeparture !== undefined) this.#departures.set(headers, request.onDeparture);
    try {
      const response = await this.#dispatcher.request({
        origin: this.#settings.origin,
        method: request.method,
        path: `${BASE_PATH}${request.path}`,
        headers,
        body: request.body ?? null,
        signal,
      });
      const status = response.statusCode;
      const [retryAfter] = [response.headers['retry-after']].flat();
      if (status === 200) {
        const body = mask(await response.body.text(), request.secrets);
        return { kind: 'reply', status, retryAfter, body };
      }
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

function mask(body: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), body);
}

function makeAgent(settings: HttpSettings, signal: AbortSignal): Dispatcher {
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
function makeSecureContext(tls: NonNullable<HttpSettings['tls']>): SecureContext {
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
