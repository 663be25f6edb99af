import { UsageError } from '../core/usage-error.js';
import { isExempt } from './no-proxy.js';
import { toProxyAddress } from './proxy-address.js';

/** What the environment says of proxies; absent where it names none, or the server speaks plain http. */
export type ProxySettings = { readonly https: string; readonly no: string } | undefined;

export interface Proxy {
  /** Scheme, host and port. */
  readonly origin: string;
  /** `host:port`: all of it that is ever shown. */
  readonly name: string;
  /** A secret: the value of `Proxy-Authorization`, when its address holds a name. */
  readonly authorization: string | undefined;
  readonly password: string | undefined;
}

/** The one decision whether a proxy makes the way to this server. @throws {UsageError} for what is no address */
export function proxyFor(origin: string, settings: ProxySettings): Proxy | undefined {
  if (settings === undefined) return undefined;
  const address = new URL(toProxyAddress(settings.https));
  const { hostname, port, protocol } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isExempt(settings.no, host, Number(port) || portOf(protocol))) return undefined;
  return {
    origin: address.origin,
    name: `${address.hostname}:${address.port || portOf(address.protocol)}`,
    ...credentialsOf(address),
  };
}

function portOf(protocol: string): number {
  return protocol === 'https:' ? 443 : 80;
}

function credentialsOf(address: URL): Pick<Proxy, 'authorization' | 'password'> {
  if (address.username === '') return { authorization: undefined, password: undefined };
  try {
    const [name, password] = [decodeURIComponent(address.username), decodeURIComponent(address.password)];
    return { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`, password };
  } catch {
    throw new UsageError(['HTTPS_PROXY: a % in its name or password is to be written as %25']);
  }
}
