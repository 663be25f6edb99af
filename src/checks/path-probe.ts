import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as startTls, createSecureContext } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { Handshake } from './check.js';
import type { Probed } from './doctor.js';
import type { Clock } from '../core/clock.js';
import { asksForOurs } from '../network/connector.js';
import { CLOSED_FOR_OURS, describeNetworkError } from '../network/network-error.js';
import { showText } from '../core/safe-text.js';

export interface PathSettings {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Of the request that is sent over the connection. */
  readonly lookPath: string;
  readonly timeoutMs: number;
  /** What may be shown of a text of the server's. */
  readonly hide: (text: string) => string;
  readonly tls:
    { readonly ca: readonly string[]; readonly cert: string | undefined; readonly key: string | undefined } | undefined;
}

/** Goes to the server step by step, up to one request over the connection that it looked at. A failure is a value. */
export class PathProbe {
  readonly host: string;
  readonly port: number;
  readonly #settings: PathSettings;
  readonly #clock: Clock;
  #socket: Socket | undefined;
  #asksForOurs = false;

  constructor(settings: PathSettings, clock: Clock) {
    const { hostname, port, protocol } = new URL(settings.origin);
    this.host = hostname.replace(/^\[|\]$/g, '');
    this.port = Number(port) || (protocol === 'https:' ? 443 : 80);
    this.#settings = settings;
    this.#clock = clock;
  }

  readonly lookUp = (): Promise<Probed<readonly string[]>> =>
    this.#within(async () => (await lookup(this.host, { all: true })).map(({ address }) => address));

  /** @returns the address that answered */
  readonly connect = (): Promise<Probed<string>> =>
    this.#within(async () => {
      const socket = connect({ host: this.host, port: this.port });
      this.#socket = socket;
      await eventOf(socket, 'connect');
      return `${socket.remoteAddress ?? ''}:${this.port}`;
    });

  /** Over the connection that was made. A certificate that is not to be trusted is shown all the same. */
  get handShake(): (() => Promise<Probed<Handshake>>) | undefined {
    const { tls } = this.#settings;
    return tls === undefined ? undefined : () => this.#within(() => this.#handShake(tls));
  }

  readonly ask = async (): Promise<Probed<true>> => {
    const socket = this.#socket;
    // The steps come in their order.
    if (socket === undefined) throw new Error('there is no connection to ask over');
    const asked = await this.#within(() => this.#ask(socket));
    if ('why' in asked) return asked;
    if (asked.value === 'replied') return { value: true };
    if (this.#asksForOurs) return { why: CLOSED_FOR_OURS, canHeal: false };
    return { why: 'the connection was closed without a reply', canHeal: true };
  };

  close(): void {
    this.#socket?.destroy();
  }

  async #handShake(tls: NonNullable<PathSettings['tls']>): Promise<Handshake> {
    const secured = startTls({
      ...(this.#socket && { socket: this.#socket }),
      host: this.host,
      ...(isIP(this.host) === 0 && { servername: this.host }),
      secureContext: createSecureContext({ ...tls, ca: [...tls.ca] }),
      ALPNProtocols: ['http/1.1'],
      // It is looked at, and nothing is sent over one that is not trusted.
      rejectUnauthorized: false,
    });
    this.#socket = secured;
    await eventOf(secured, 'secureConnect');
    this.#asksForOurs = asksForOurs(secured);
    const { hide } = this.#settings;
    const { subject, issuer, valid_to: validTo } = secured.getPeerCertificate();
    return {
      protocol: secured.getProtocol() ?? 'TLS',
      subject: hide(nameOf(subject)),
      issuer: hide(nameOf(issuer)),
      validTo: Date.parse(validTo),
      distrust: distrustOf(secured),
    };
  }

  #ask(socket: Socket): Promise<'replied' | 'closed'> {
    const { lookPath, origin } = this.#settings;
    const lines = [`GET ${lookPath} HTTP/1.1`, `host: ${new URL(origin).host}`, 'accept: application/json'];
    socket.write([...lines, 'connection: close', '', ''].join('\r\n'));
    return new Promise((resolve, reject) => {
      socket.once('data', () => resolve('replied'));
      socket.on('error', reject);
      socket.once('close', () => resolve('closed'));
    });
  }

  async #within<Value>(step: () => Promise<Value>): Promise<Probed<Value>> {
    const { timeoutMs } = this.#settings;
    let cancel = (): void => undefined;
    const late = new Promise<Probed<Value>>((resolve) => {
      cancel = this.#clock.after(timeoutMs, () => {
        this.close();
        resolve({ why: `nothing within ${timeoutMs / 1000} s`, canHeal: true });
      });
    });
    const asked = step().then(
      (value): Probed<Value> => ({ value }),
      (error: unknown): Probed<Value> => {
        const failure = describeNetworkError(error);
        // An error that no network can cause is a bug, and must be seen.
        if (failure === undefined) throw error;
        return { why: failure.why, canHeal: failure.canHeal };
      },
    );
    try {
      return await Promise.race([late, asked]);
    } finally {
      cancel();
    }
  }
}

function eventOf(socket: Socket, name: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(name, resolve);
    socket.on('error', reject);
    socket.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
}

/** Node tells it by its code, or by the error itself for a wrong name, whatever the types say. */
function distrustOf({ authorized, authorizationError }: TLSSocket): string | undefined {
  if (authorized) return undefined;
  const error: unknown = authorizationError;
  const known = error instanceof Error ? error : Object.assign(new Error('distrusted'), { code: String(error) });
  return describeNetworkError(known)?.why ?? 'it is not trusted';
}

/** Made by the server: it may say anything. */
function nameOf(name: { readonly CN?: string | readonly string[]; readonly O?: string | readonly string[] }): string {
  const [text] = [name.CN ?? name.O ?? 'nobody'].flat();
  return showText(text ?? 'nobody', 80);
}
