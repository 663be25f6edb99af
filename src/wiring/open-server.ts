import { MAX_PEM_BYTES, readCertificateFile, readSmallFile } from '../core/small-file.js';
import { parsePem } from '../core/pem.js';
import { UsageError } from '../core/usage-error.js';
import { telling } from '../report/reporter.js';
import type { Tell } from '../report/reporter.js';
import type { Secret } from '../settings/secret.js';
import type { Settings } from '../settings/settings.js';
import type { Clock } from '../core/clock.js';
import { CALLS, toPath } from '../server/call.js';
import { Endpoint } from '../server/endpoint.js';
import { countGarbage } from '../server/garbage.js';
import { HttpClient } from '../server/http-client.js';
import type { KnownKeys } from '../server/known-keys.js';
import type { HttpSettings } from '../server/http-client.js';
import type { ConnectionCount } from '../network/counted-connect.js';
import { MUTE } from '../network/mix-up-words.js';
import { noticingTls } from '../server/tls-port.js';
import { shareLookups } from '../network/shared-lookup.js';
import { trustedRoots } from '../network/trust.js';
import { Secrets } from '../server/secrets.js';
import { ServerTime } from '../server/server-time.js';

export interface Server {
  readonly endpoint: Endpoint;
  readonly time: ServerTime;
  /** What no text of the server's may bring into what this program shows; those of a new session are to be added. */
  readonly secrets: Secrets;
  /** Resolves when every connection has proved its answers, or can't any more. */
  readonly prove: () => Promise<void>;
  /** Tells why, as soon as answers are known to be mixed up. */
  readonly onMixUp: (listener: (why: string) => void) => void;
  readonly countConnections: () => ConnectionCount;
  readonly close: () => Promise<void>;
}

/** What a connection needs to know; of who we are, the secrets that are not to be shown. */
export interface ServerSettings extends Pick<
  Settings,
  'server' | 'ca' | 'clientCert' | 'clientKey' | 'concurrency' | 'timeoutMs' | 'noKeepalive' | 'timestampUnit' | 'clock'
> {
  readonly session: {
    readonly admin: string;
    readonly tokens: Readonly<Record<string, Secret>> | undefined;
    readonly login: { readonly secrets: Readonly<Record<string, Secret>> } | undefined;
  };
}

export interface ServerContext {
  readonly settings: ServerSettings;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly warn: Tell;
  /** No text of the server's may show them; none where nobody has read the keys file. */
  readonly knownKeys?: KnownKeys | undefined;
}

/** @throws {UsageError} for certificates or a proxy that can't be used */
export function openServer({ settings, clock, env, warn, knownKeys }: ServerContext): Server {
  const more = { lookup: shareLookups(), onLargeReply: countGarbage() };
  const { session, timestampUnit } = settings;
  const lookPath = toPath(CALLS.look, session);
  const mixUp = new MixUp();
  const proof = { lookPath, onTaint: mixUp.tell, onMute: () => warn('server', MUTE) };
  const secrets = new Secrets(...secretsOf(session));
  if (knownKeys !== undefined) secrets.know(knownKeys);
  const client = new HttpClient({ ...httpSettings(settings, env), ...more, secrets, proof }, clock);
  const time = new ServerTime({
    mode: settings.clock,
    clock,
    exchange: noticingTls(client.exchange, settings.server, clock),
    lookPath,
    warn: telling(warn, 'clock'),
  });
  const endpoint = new Endpoint({ timestampUnit, exchange: time.exchange, secrets }, time.clock);
  return {
    ...{ endpoint, time, secrets, onMixUp: mixUp.listen },
    prove: () => client.prove(),
    countConnections: () => client.connectionCount,
    close: () => client.close(),
  };
}

/** It may come before anybody listens. */
class MixUp {
  #why: string | undefined;
  #listener: (why: string) => void = () => undefined;

  readonly tell = (why: string): void => {
    this.#why ??= why;
    this.#listener(why);
  };

  readonly listen = (listener: (why: string) => void): void => {
    this.#listener = listener;
    if (this.#why !== undefined) listener(this.#why);
  };
}

function secretsOf({ tokens, login }: ServerSettings['session']): readonly string[] {
  return [...Object.values(tokens ?? {}), ...Object.values(login?.secrets ?? {})].map((secret) => secret.reveal());
}

export function httpSettings(settings: ServerSettings, env: NodeJS.ProcessEnv): Omit<HttpSettings, 'secrets'> {
  const { server } = settings;
  const { ca, clientCert, clientKey } = settings;
  const httpsProxy = env['https_proxy'] ?? env['HTTPS_PROXY'] ?? '';
  const isTls = server.startsWith('https:');
  return {
    origin: server,
    concurrency: settings.concurrency,
    timeoutMs: settings.timeoutMs,
    isKeptAlive: !settings.noKeepalive,
    tls: isTls
      ? {
          ca: trustedRoots(ca === undefined ? [] : [readPem(ca, '--ca')]),
          cert: clientCert && readPem(clientCert, '--client-cert'),
          key: clientKey && readKey(clientKey),
        }
      : undefined,
    proxy: isTls && httpsProxy !== '' ? { https: httpsProxy, no: env['no_proxy'] ?? env['NO_PROXY'] ?? '' } : undefined,
  };
}

/** As OpenSSL reads it to its end: without a byte order mark, and without what stands between. */
function readPem(path: string, flag: string): string {
  return readCertificateFile(path, flag).join('');
}

function readKey(path: string): string {
  const name = 'the file that it names';
  const file = readSmallFile(path, MAX_PEM_BYTES);
  const parsed = 'problem' in file ? { problem: `${name} ${file.problem}` } : parsePem(file.bytes, name);
  if ('problem' in parsed) throw new UsageError([`--client-key: ${parsed.problem}`]);
  return parsed.blocks.map(({ text }) => text).join('');
}
