import { setMaxListeners } from 'node:events';
import type { LookupFunction } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { Clock } from '../core/clock.js';
import type { Connection } from '../network/connection.js';
import { openConnector } from '../network/connector.js';
import { CountedConnect } from '../network/counted-connect.js';
import type { ConnectionCount } from '../network/counted-connect.js';
import type { Connector } from '../network/connector.js';
import { proxyFor } from '../network/proxy.js';
import type { ProxySettings } from '../network/proxy.js';
import { UsageError } from '../core/usage-error.js';
import { Connections } from './connections.js';
import { BASE_PATH, CALLS } from './call.js';
import { HEADERS } from './exchange.js';
import type { Exchange, HttpRequest } from './exchange.js';
import { RunningExchange } from './running-exchange.js';
import type { ExchangeListeners } from './running-exchange.js';
import { UnderWay } from './under-way.js';
import type { Secrets } from './secrets.js';
import { SLOWEST_MS } from './server-clock.js';

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
  readonly secrets: Secrets;
  /** Asks the resolver; the system's own way unless given. */
  readonly lookup?: LookupFunction;
  /** Else each request has a connection of its own; they are kept unless told. */
  readonly isKeptAlive?: boolean;
  /** Told how many bytes of a large reply have come, each time that there are more. */
  readonly onLargeReply?: (bytes: number) => void;
  /** How connections prove that their answers are in step; absent: nobody asks. */
  readonly proof?: ProofSettings;
}

export interface ProofSettings {
  /** Where a look goes: a GET without a secret, where rows are PUT. */
  readonly lookPath: string;
  /** Answers and requests of some connection are not in step. */
  readonly onTaint: (why: string) => void;
  /** The server answers a look as it answers rows: no look can prove anything. */
  readonly onMute: () => void;
}

/**
 * Exchanges requests and replies with one server. A request waits behind connect and TLS; the moment when undici hands it
 * to a live connection, just before its bytes, tells one that may have been applied from one that surely never left.
 */
export class HttpClient {
  readonly #settings: HttpSettings;
  readonly #clock: Clock;
  readonly #connector: Connector;
  readonly #counted: CountedConnect;
  readonly #connections: Connections;
  /** Aborted at the end: undici lets go of a connection that is not there yet, but not of its socket. */
  readonly #closing = new AbortController();
  readonly #listeners: ExchangeListeners;
  #hasReplied = false;
  /** What each signal would cut off; what has none is a look of our own. */
  readonly #underWay = new Map<AbortSignal | undefined, UnderWay<RunningExchange>>();

  /** @throws {UsageError} for certificates or a proxy that can't be used */
  constructor(settings: HttpSettings, clock: Clock) {
    const { origin, concurrency, isKeptAlive = true, proof } = settings;
    this.#settings = settings;
    this.#clock = clock;
    // Every connection listens.
    setMaxListeners(0, this.#closing.signal);
    this.#connector = makeConnector(settings, this.#closing.signal);
    this.#counted = new CountedConnect(this.#connector.connect);
    this.#connections = new Connections({
      clock,
      most: concurrency,
      connection: { origin, connect: this.#counted.connect, isKeptAlive },
      dispatch: (connection, running) => this.#dispatch(connection, running),
      asksForProof: proof !== undefined,
      look: proof && isKeptAlive ? () => this.#look(proof.lookPath) : undefined,
      onTaint: (why) => proof?.onTaint(why),
      onMute: () => proof?.onMute(),
    });
    const connections = this.#connections;
    this.#listeners = {
      onDeparture: (running) => connections.depart(running),
      onReply: (running, reply, wire) => {
        this.#hasReplied = true;
        return connections.note(running, reply, wire);
      },
      hasReplied: () => this.#hasReplied,
      onLast: (wire) => connections.noteLast(wire),
      hide: (text) => settings.secrets.hide(text),
      onEnd: (running) => this.#end(running),
      onDone: (running) => connections.done(running),
      onLargeReply: settings.onLargeReply,
    };
  }

  /** The deadline does not rely on the library; `signal` cuts it off. Never throws for what network or server do. */
  readonly exchange = (request: HttpRequest, signal: AbortSignal): Promise<Exchange> => {
    if (signal.aborted) return Promise.resolve({ kind: 'cut', why: INTERRUPTED });
    const running = this.#begin(request, signal);
    this.#connections.start(running);
    return running.ended;
  };

  /** Resolves when every connection has proved what it answered so far, or can't; {@link SLOWEST_MS} is the most. */
  prove(): Promise<void> {
    return this.#connections.prove();
  }

  get connectionCount(): ConnectionCount {
    return this.#counted.count;
  }

  async close(): Promise<void> {
    await this.#connections.close();
    await this.#connector.close();
    this.#closing.abort();
  }

  #look(path: string): RunningExchange {
    const running = this.#begin({ method: CALLS.look.method, path, isLook: true }, undefined);
    // What a bug does to it is of no row.
    running.ended.catch(() => undefined);
    return running;
  }

  #begin(request: HttpRequest, signal: AbortSignal | undefined): RunningExchange {
    const running = new RunningExchange({ request, signal }, this.#clock, this.#listeners);
    let group = this.#underWay.get(signal);
    if (group === undefined) {
      group = this.#openGroup(signal);
      this.#underWay.set(signal, group);
    }
    group.add(running);
    return running;
  }

  #openGroup(signal: AbortSignal | undefined): UnderWay<RunningExchange> {
    const timeoutMs = signal === undefined ? SLOWEST_MS : this.#settings.timeoutMs;
    return new UnderWay({
      clock: this.#clock,
      timeoutMs,
      signal,
      cut: (running, by) => {
        running.cut(by === 'signal' ? INTERRUPTED : `no whole reply within ${timeoutMs / 1000} s`);
        this.#connections.cut(running);
      },
    });
  }

  #end(running: RunningExchange): void {
    const group = this.#underWay.get(running.signal);
    group?.delete(running);
    if (group?.isEmpty === true) this.#underWay.delete(running.signal);
  }

  #dispatch(connection: Connection, running: RunningExchange): void {
    const { method, base = '', path, body = null } = running.request;
    const headers = body === null ? { accept: HEADERS.accept } : HEADERS;
    const { origin } = this.#settings;
    connection.send({ origin, method, path: `${base}${BASE_PATH}${path}`, headers, body }, running);
  }
}

function makeConnector({ origin, tls, timeoutMs, lookup, ...more }: HttpSettings, signal: AbortSignal): Connector {
  const proxy = proxyFor(origin, more.proxy);
  if (proxy?.password !== undefined) more.secrets.add(proxy.password);
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
    // The oldest version is ours to say: an option of Node's could lower it (--tls-min-v1.0).
    return createSecureContext({ ...tls, ca: [...tls.ca], minVersion: 'TLSv1.2' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new UsageError([`--client-cert, --client-key and --ca can't be used together (${code}): check the files`]);
  }
}
