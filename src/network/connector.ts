import type { LookupFunction, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { buildConnector as undiciConnector } from 'undici';
import { buildConnector } from './undici-parts.js';
import type { Proxy } from './proxy.js';
import { toTunnelFailure, Tunnels } from './tunnels.js';

export interface ConnectorSettings {
  /** Whom we trust, and our own certificate; absent for plain http. */
  readonly tls: SecureContext | undefined;
  readonly proxy: Proxy | undefined;
  /** Whom we trust, for a proxy that speaks https; our certificate is not for it. */
  readonly proxyTls: SecureContext | undefined;
  readonly timeoutMs: number;
  readonly lookup: LookupFunction | undefined;
  /** Aborted when connections that are not there yet are to be let go of. */
  readonly signal: AbortSignal;
}

/** Makes connections to the server, through the proxy where there is one. */
export interface Connector {
  readonly connect: undiciConnector.connector;
  readonly close: () => Promise<void>;
}

export function openConnector({ tls, proxy, proxyTls, timeoutMs, lookup, signal }: ConnectorSettings): Connector {
  // The environment could switch the check off for all who don't ask for it (NODE_TLS_REJECT_UNAUTHORIZED).
  const way = { timeout: timeoutMs, signal, rejectUnauthorized: true, ...(lookup && { lookup }) };
  const toServer = buildConnector({ ...way, ...(tls && { secureContext: tls }) });
  if (proxy === undefined) {
    const connect: undiciConnector.connector = (to, callback) => toServer(to, endingOnError(callback));
    return { connect, close: () => Promise.resolve() };
  }
  const toProxy = buildConnector({ ...way, ...(proxyTls && { secureContext: proxyTls }) });
  // undici takes the server's name, which a CONNECT is for, for that of the proxy.
  const connect: undiciConnector.connector = (to, callback) => toProxy({ ...to, servername: '' }, callback);
  const tunnels = new Tunnels({ proxy, timeoutMs, connect });
  return {
    connect: (to, callback) => {
      const target = `${to.hostname.includes(':') ? `[${to.hostname}]` : to.hostname}:${to.port || '443'}`;
      tunnels.open(target).then(
        (httpSocket) => toServer({ ...to, httpSocket }, endingOnError(overTunnel(proxy.name, callback))),
        (error: unknown) => callback(error instanceof Error ? error : new Error('no tunnel'), null),
      );
    },
    close: () => tunnels.close(),
  };
}

/**
 * From TLS 1.3 on, a server refuses our certificate, or that there is none, by an alert behind the handshake. Node tells it
 * as an error that leaves the socket open, and undici would take the end of the stream behind it for the reason.
 */
function endingOnError(callback: undiciConnector.Callback): undiciConnector.Callback {
  return (...made) => {
    const [, socket] = made;
    socket?.once('error', (error: Error) => socket.destroy(error));
    callback(...made);
  };
}

/** Did the server ask for a certificate of ours? OpenSSL keeps, at a client, what such a request says. */
export function asksForOurs(socket: Socket): boolean {
  return socket instanceof TLSSocket && socket.getSharedSigalgs().length > 0;
}

function overTunnel(proxy: string, callback: undiciConnector.Callback): undiciConnector.Callback {
  return (...made) => {
    const [error] = made;
    if (error === null) callback(...made);
    else callback(toTunnelFailure(proxy, error), null);
  };
}
