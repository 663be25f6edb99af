import { Socket } from 'node:net';
import type { buildConnector, Pool } from 'undici';
import { errnoOf } from '../core/errno.js';
import { describeNetworkError } from './network-error.js';
import { ProxyFailure, toProxyFailure } from './proxy-failure.js';
import type { Proxy } from './proxy.js';
import { ReplyFramer } from './reply-framer.js';
import { Tries } from './tries.js';
import { errors, loadUndici } from './undici-parts.js';

export interface TunnelSettings {
  readonly proxy: Proxy;
  /** How connections to the proxy itself are made. */
  readonly connect: buildConnector.connector;
  /** A proxy that takes the connection and says nothing does not hold the place for longer. */
  readonly timeoutMs: number;
}

/**
 * Tunnels through one proxy. Accounts lock, so a password that is no longer taken goes there once: with one, or while no
 * tunnel was granted, one asks alone, and a refusal that no waiting heals is the answer to all who come later.
 */
export class Tunnels {
  readonly #settings: TunnelSettings;
  readonly #tries: Tries;
  readonly #pool: Pool;
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;
  /** Has one been granted, and somebody asked ever since? */
  #isGranted = false;
  #refused: ProxyFailure | undefined;

  constructor(settings: TunnelSettings) {
    const { proxy, connect, timeoutMs } = settings;
    this.#settings = settings;
    this.#tries = new Tries((to, callback) =>
      connect(to, (...made) => {
        const socket: Socket | null = made[1];
        // Also undefined, whatever the types say.
        if (socket) passInterimReplies(socket);
        callback(...made);
      }),
    );
    this.#pool = new (loadUndici().Pool)(proxy.origin, { connect: this.#tries.connect, headersTimeout: timeoutMs });
  }

  /** @param target `host:port`. Rejects with a {@link ProxyFailure}. */
  async open(target: string): Promise<Socket> {
    while (this.#underWay > 0 && this.#isOneAtATime) await new Promise<void>((wake) => this.#waiting.push(wake));
    if (this.#refused !== undefined) throw this.#refused;
    this.#underWay += 1;
    try {
      const socket = await this.#ask(target);
      this.#isGranted = true;
      return socket;
    } catch (error) {
      if (error instanceof ProxyFailure && !error.canHeal) this.#refused = error;
      throw error;
    } finally {
      this.#underWay -= 1;
      const woken = this.#waiting.splice(0);
      for (const wake of woken) wake();
      if (this.#underWay === 0 && woken.length === 0) this.#isGranted = false;
    }
  }

  get #isOneAtATime(): boolean {
    return !this.#isGranted || this.#settings.proxy.authorization !== undefined;
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #ask(target: string): Promise<Socket> {
    const { name, authorization } = this.#settings.proxy;
    const headers = { host: target, 'proxy-connection': 'keep-alive' };
    this.#tries.allow(this.#underWay);
    const asked = this.#pool.connect({
      path: target,
      headers: authorization === undefined ? headers : { ...headers, 'proxy-authorization': authorization },
    });
    const {
      socket,
      statusCode,
      headers: said,
    } = await asked.catch((cause: unknown) => {
      throw toFailure(name, cause);
    });
    // undici's type says no more than that it is a stream.
    if (statusCode >= 200 && statusCode < 300 && socket instanceof Socket) return socket;
    socket.on('error', () => undefined).destroy();
    throw toProxyFailure({
      proxy: name,
      status: statusCode,
      hadCredentials: authorization !== undefined,
      schemes: schemesOf(said['proxy-authenticate']),
    });
  }
}

/** undici takes an interim reply for a broken connection (RFC 9110, 15.2). What follows the head is the tunnel's, or for nobody. */
function passInterimReplies(socket: Socket): void {
  const framer = new ReplyFramer();
  framer.expect();
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null;
  socket.read = (size?: number) => {
    if (size === 0) return read(0);
    for (let piece = read(); piece !== null; piece = read()) {
      const { bytes, surplus, fault } = framer.take(piece);
      const shown = fault === undefined ? Buffer.concat([bytes, surplus ?? Buffer.alloc(0)]) : piece;
      if (shown.length === 0) continue;
      socket.read = read;
      return shown;
    }
    return null;
  };
}

/** A connection to the proxy was there. */
const WITHOUT_ANSWER: ReadonlySet<string | undefined> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error ? (errnoOf(cause) ?? errnoOf(cause.cause)) : undefined;
}

/** Of what came after the answer, before TLS with the server stood. What no waiting heals is the server's, such as its certificate. */
export function toTunnelFailure(proxy: string, cause: Error): Error {
  const failure = describeNetworkError(cause);
  if (failure?.canHeal !== true) return cause;
  const what = 'grants a way to the server, and no connection comes about over it';
  return new ProxyFailure(`the proxy ${proxy} ${what}: ${failure.why}`, true);
}

/** Before there was an answer. What no network can cause is a bug, and stays what it is. */
function toFailure(proxy: string, cause: unknown): unknown {
  // It has no code that could be looked up.
  if (cause instanceof errors.HTTPParserError) {
    return new ProxyFailure(`the proxy ${proxy} does not speak HTTP: check HTTPS_PROXY`, false);
  }
  const failure = describeNetworkError(cause);
  if (failure === undefined) return cause;
  if (WITHOUT_ANSWER.has(codeOf(cause))) {
    return new ProxyFailure(`the proxy ${proxy} closes the connection without an answer to our CONNECT`, true);
  }
  return new ProxyFailure(
    `the proxy ${proxy} is not reached, as if it were the server: ${failure.why}`,
    failure.canHeal,
  );
}

/** A header with a challenge, or several; nothing but their names is of interest. */
function schemesOf(header: string | string[] | undefined): string[] {
  const challenges = [header ?? []].flat().join(',').split(',');
  return challenges.flatMap((challenge) => {
    const [, scheme] = /^\s*([a-z][a-z0-9-]{1,20})(?:\s+[^=\s]+(?:=|$)|\s*$)/i.exec(challenge) ?? [];
    return scheme === undefined ? [] : [scheme.toLowerCase()];
  });
}
