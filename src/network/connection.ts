import type { Socket } from 'node:net';
import type { Client as UndiciClient, Dispatcher } from 'undici';
import type { Connector } from './connector.js';
import { Tries } from './tries.js';
import { Client } from './undici-parts.js';
import { Wire } from './wire.js';
import type { WireListeners } from './wire.js';

/** A longer reply is not read to its end. */
export const MAX_REPLY_BYTES = 1024 * 1024;
/** Of what the server says to keep an idle connection, so much is left unused: it must not close while we send. */
const KEEP_ALIVE_SPARE_MS = 1_000;

export interface ConnectionSettings {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly connect: Connector['connect'];
  /** Else each request has a socket of its own. */
  readonly isKeptAlive: boolean;
}

/** A place for one connection, which serves one exchange at a time; a socket that ends is followed by another. */
export class Connection {
  /** Monotonic ms; nothing is under way since then. */
  restsSince = 0;
  readonly #client: UndiciClient;
  readonly #tries: Tries;
  #wire: Wire | undefined;

  constructor({ origin, connect, isKeptAlive }: ConnectionSettings, listeners: WireListeners) {
    this.#tries = new Tries((to, callback) =>
      connect(to, (...made) => {
        const socket: Socket | null = made[1];
        // Also undefined, whatever the types say.
        if (socket) this.#wire = new Wire(socket, listeners);
        callback(...made);
      }),
    );
    this.#client = new Client(origin, {
      pipelining: isKeptAlive ? 1 : 0,
      keepAliveTimeoutThreshold: KEEP_ALIVE_SPARE_MS,
      // The attempt's own deadline is the only one.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: MAX_REPLY_BYTES,
      connect: this.#tries.connect,
    });
  }

  /** That of the socket that was there last. */
  get wire(): Wire | undefined {
    return this.#wire;
  }

  get isAlive(): boolean {
    return this.#wire?.isAlive === true;
  }

  send(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#tries.allow(1);
    this.#client.dispatch(options, handler);
  }

  depart(): Wire {
    // undici has no other than those that it was given here.
    if (this.#wire === undefined) throw new Error('a request leaves without a connection');
    this.#wire.expect();
    return this.#wire;
  }

  destroy(): Promise<void> {
    return this.#client.destroy();
  }
}
