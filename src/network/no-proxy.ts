import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/**
 * Does `NO_PROXY` take this server out? As curl and Go read it: entries between commas or blanks, each `*`, a domain with all
 * below it (a leading dot or `*.` changes nothing), an address, or a network (CIDR); each but a network with a port or
 * without. Names are not looked up, so networks are for servers that are named by their address.
 */
export function isExempt(noProxy: string, host: string, port: number): boolean {
  return noProxy.split(/[,\s]/).some((entry) => entry !== '' && matches(entry.toLowerCase(), host, port));
}

function matches(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isWithin(entry, host);
  const { name, onPort } = splitPort(entry);
  if (onPort !== undefined && onPort !== port) return false;
  if (isIP(host) !== 0) return isIP(name) !== 0 && isWithin(`${name}/${isIP(name) === 4 ? 32 : 128}`, host);
  const domain = domainToASCII(name.replace(/^\*?\./, '').replace(/\.$/, ''));
  return domain !== '' && `.${host.toLowerCase().replace(/\.$/, '')}`.endsWith(`.${domain}`);
}

/** An IPv6 address stands in brackets where a port follows. */
function splitPort(entry: string): { readonly name: string; readonly onPort: number | undefined } {
  if (isIP(entry) !== 0) return { name: entry, onPort: undefined };
  const [, bracketed, plain, onPort] = /^(?:\[(.*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(entry) ?? [];
  const name = bracketed ?? plain ?? '';
  return { name, onPort: onPort === undefined ? undefined : Number(onPort) };
}

/** A network that is none holds nobody. */
function isWithin(network: string, host: string): boolean {
  const [, address = '', bits = ''] = /^\[?([^\]/]*)\]?\/(\d{1,3})$/.exec(network) ?? [];
  const version = isIP(address);
  if (version === 0 || version !== isIP(host) || Number(bits) > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family);
  return list.check(host, family);
}
