/** The way to the server ended at the proxy. */
export class ProxyFailure extends Error {
  /** For a person, with what to do where it can't heal. */
  readonly why: string;
  readonly canHeal: boolean;

  constructor(why: string, canHeal: boolean) {
    super(why);
    this.why = why;
    this.canHeal = canHeal;
  }
}

/** What a proxy answered to a CONNECT that it did not grant. */
export interface Refusal {
  /** `host:port` of the proxy, without what may be secret in its address. */
  readonly proxy: string;
  readonly status: number;
  /** Did it get a name and a password? */
  readonly hadCredentials: boolean;
  /** What it takes, by `Proxy-Authenticate`, in lower case. */
  readonly schemes: readonly string[];
}

export function toProxyFailure(refusal: Refusal): ProxyFailure {
  return new ProxyFailure(`the proxy ${refusal.proxy} ${describeRefusal(refusal)}`, isPassing(refusal.status));
}

/** The proxy does not reach the server now, or has too much to do. */
function isPassing(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status <= 599);
}

function describeRefusal({ status, hadCredentials, schemes }: Refusal): string {
  const said = `(HTTP status ${status})`;
  if (status === 407) return describeLogin(said, hadCredentials, schemes);
  if (status === 403) {
    return `does not let us through to the server ${said}: have it allowed there, or name the server in NO_PROXY`;
  }
  if (status >= 300 && status < 400) {
    return `sends us to another page ${said}, as one to sign in at: sign in there, or have the server allowed`;
  }
  if (isPassing(status)) return `does not reach the server ${said}`;
  return `makes no tunnel ${said}: check HTTPS_PROXY, or name the server in NO_PROXY`;
}

function describeLogin(said: string, hadCredentials: boolean, schemes: readonly string[]): string {
  if (schemes.length > 0 && !schemes.includes('basic')) {
    return `asks for a login by ${nameSchemes(schemes)} ${said}, and we know only basic: have it take that, or name the server in NO_PROXY`;
  }
  if (hadCredentials) {
    return `refuses the name and password of HTTPS_PROXY ${said}: correct them before another run, since accounts lock`;
  }
  return `asks for a name and a password ${said}: write HTTPS_PROXY as http://name:password@host:port`;
}

/** Those that proxies are seen to ask for. */
const SCHEMES = ['basic', 'bearer', 'digest', 'kerberos', 'negotiate', 'ntlm'];

/** A proxy may write what it likes there, and was sent a password. */
function nameSchemes(schemes: readonly string[]): string {
  const named = schemes.map((scheme) => (SCHEMES.includes(scheme) ? scheme : 'another scheme'));
  return [...new Set(named)].join(' or ');
}
