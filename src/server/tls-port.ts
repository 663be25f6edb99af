import { connect } from 'node:tls';
import type { Clock } from '../core/clock.js';
import type { Exchange, HttpRequest } from './exchange.js';
import { lastingFailure } from '../network/network-error.js';

type Exchanging = (request: HttpRequest, signal: AbortSignal) => Promise<Exchange>;

const SPEAKS_TLS = lastingFailure('the server speaks TLS at this port, and --server says http: write it with https');
/** A handshake of a server that is there; one that takes longer tells nothing. */
const LONGEST_MS = 5_000;

/** A server of https closes plain http without a word, as one that restarts: a TLS handshake tells the two apart. */
export function noticingTls(exchange: Exchanging, origin: string, clock: Clock): Exchanging {
  if (!origin.startsWith('http:')) return exchange;
  let hasReplied = false;
  const watched: Exchanging = async (request, signal) => {
    const exchanged = await exchange(request, signal);
    hasReplied ||= exchanged.kind === 'reply';
    if (hasReplied || exchanged.kind !== 'failed' || !exchanged.canHeal) return exchanged;
    return (await speaksTls(origin, clock)) ? { kind: 'failed', ...SPEAKS_TLS } : exchanged;
  };
  return (request, signal) => (hasReplied ? exchange : watched)(request, signal);
}

function speaksTls(origin: string, clock: Clock): Promise<boolean> {
  const { hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    // Nothing is sent over it: whose certificate it is says nothing here.
    const socket = connect({ host, port: Number(port) || 80, rejectUnauthorized: false });
    const end = (isTls: boolean) => (): void => {
      cancel();
      socket.destroy();
      resolve(isTls);
    };
    const cancel = clock.after(LONGEST_MS, end(false));
    socket.once('secureConnect', end(true));
    // An alert is said in TLS too.
    socket.on('error', (error: Error) => end('code' in error && /^ERR_SSL_\w*ALERT/.test(String(error.code)))());
    socket.once('close', end(false));
  });
}
