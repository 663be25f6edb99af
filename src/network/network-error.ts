import { errnoOf, NO_MORE_FILES } from '../core/errno.js';
import { ProxyFailure } from './proxy-failure.js';

/** What an error of the network or of a broken reply says; nothing for an error that is no such thing. */
export interface NetworkFailure {
  /** For a person; where it can't heal, with what to do. */
  readonly why: string;
  readonly isTooLong: boolean;
  /** Another try may succeed. What is not known to heal does not: nobody waits for it. */
  readonly canHeal: boolean;
  /** What came is no reply that we could read: of a server that has shown itself, it may heal; else, this may be no such server. */
  readonly isStrange?: true;
}

/** All that waiting may heal. ENOTFOUND is among them: a resolver that restarts, or a VPN that comes back, says it too. */
export const HEALING: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the server name is not known to DNS',
  EAI_AGAIN: 'DNS gave no answer',
  EAI_FAIL: 'DNS failed',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  ECONNABORTED: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'there is no route to the server',
  ENETUNREACH: 'there is no route to the server',
  EHOSTDOWN: 'there is no route to the server',
  ENETDOWN: 'the network is down',
  EADDRNOTAVAIL: 'this machine has no free port',
  ABORT_ERR: 'cut off',
  ERR_SSL_UNEXPECTED_EOF_WHILE_READING: 'the connection was closed',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection was closed',
  UND_ERR_ABORTED: 'cut off',
  UND_ERR_DESTROYED: 'cut off',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no reply in time',
  UND_ERR_INFO: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the reply is shorter than it says',
  UND_ERR_HEADERS_OVERFLOW: 'the reply has too many headers',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'the reply is over 1 MiB',
};

/** Of these, what came as a reply and is none. */
const STRANGE: ReadonlySet<string> = new Set([
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_RES_EXCEEDED_MAX_SIZE',
]);

const NO_ISSUER = "the issuer of the server's certificate is not known: give it with --ca";
const BROKEN = "the server's certificate is broken: have it made anew";
const WEAK = "is too weak for this machine's rules: have the server's certificate made anew";
const OLD = 'the server speaks only versions of TLS that are too old: have it speak TLS 1.2 or 1.3';
const NO_TLS = 'the server speaks no TLS at this port: check the port of --server';
const LOCAL = 'this machine forbids the connection: look at its firewall and its rules for this program';

/** What no waiting heals, by OpenSSL's, Node's and the system's codes. */
export const LASTING: Readonly<Record<string, string>> = {
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet: look at this machine's clock",
  CERT_HAS_EXPIRED: "the server's certificate has expired: have it renewed",
  CERT_REVOKED: "the server's certificate is revoked: have it made anew",
  CERT_UNTRUSTED: "the issuer of the server's certificate is not trusted for servers: give another with --ca",
  CERT_REJECTED: "the issuer of the server's certificate is not to be used for servers: give another with --ca",
  CERT_SIGNATURE_FAILURE: BROKEN,
  CERT_CHAIN_TOO_LONG: "the path from the server's certificate to its root is too long: have its chain put in order",
  PATH_LENGTH_EXCEEDED:
    "an issuer of the server's certificate may not have that many others below it: have its chain put in order",
  INVALID_CA: "an issuer of the server's certificate is no authority: have its chain put in order",
  INVALID_PURPOSE:
    "the server's certificate, or an issuer's, is for another purpose: have one made for servers (serverAuth)",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "the server's certificate is for another name: write --server as the certificate does, or have it made anew",
  HOSTNAME_MISMATCH: "the server's certificate is for another name: write --server as the certificate does",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is self-signed: give its issuer with --ca",
  SELF_SIGNED_CERT_IN_CHAIN: "the issuer of the server's certificate is not trusted: give it with --ca",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NO_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT: NO_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: NO_ISSUER,
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: BROKEN,
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: BROKEN,
  ERROR_IN_CERT_NOT_BEFORE_FIELD: BROKEN,
  ERROR_IN_CERT_NOT_AFTER_FIELD: BROKEN,
  EE_KEY_TOO_SMALL: `the key of the server's certificate ${WEAK}`,
  CA_KEY_TOO_SMALL: `the key of an issuer of the server's certificate ${WEAK}`,
  CA_MD_TOO_WEAK: `the digest in the server's certificate ${WEAK}`,
  ERR_SSL_EE_KEY_TOO_SMALL: `the key of the server's certificate ${WEAK}`,
  ERR_SSL_CA_KEY_TOO_SMALL: `the key of an issuer of the server's certificate ${WEAK}`,
  ERR_SSL_CA_MD_TOO_WEAK: `the digest in the server's certificate ${WEAK}`,
  ERR_SSL_DH_KEY_TOO_SMALL: "the server's Diffie-Hellman key is too small: have it offer ECDHE",
  ERR_SSL_UNSUPPORTED_PROTOCOL: OLD,
  ERR_SSL_VERSION_TOO_LOW: OLD,
  ERR_SSL_WRONG_SSL_VERSION: OLD,
  ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED:
    'the server, or a box before it, speaks TLS without secure renegotiation: have it updated',
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  ERR_SSL_HTTP_REQUEST: NO_TLS,
  EACCES: LOCAL,
  EPERM: LOCAL,
  ...NO_MORE_FILES,
  EAFNOSUPPORT:
    "this machine does not speak the kind of address that --server has (IPv4, IPv6): give the server's name",
};

const OUR_CERTIFICATE = 'give one that it takes with --client-cert and --client-key';

/** What a server does that sends no alert. */
export const CLOSED_FOR_OURS = `the connection was closed without a reply, after the server had asked for a certificate of ours: ${OUR_CERTIFICATE}`;

/** What the server says when it ends TLS, by the names of RFC 8446, 6. */
export const ALERTS: Readonly<Record<string, string>> = {
  CERTIFICATE_REQUIRED: 'the server asks for a certificate of ours: give --client-cert and --client-key',
  HANDSHAKE_FAILURE:
    'the server ended the TLS handshake: it has no cipher in common with us, or asks for a certificate of ours (--client-cert, --client-key)',
  INSUFFICIENT_SECURITY: "the server's TLS asks for stronger ciphers: compare both sides' settings",
  PROTOCOL_VERSION: 'the server speaks no version of TLS that we do: have it speak TLS 1.2 or 1.3',
  NO_APPLICATION_PROTOCOL: 'the server does not speak HTTP/1.1 at this port (ALPN): check --server, or have it allowed',
  UNRECOGNIZED_NAME: 'the server does not know the name that --server gives: correct it',
  UNKNOWN_CA: `the server does not trust the issuer of our certificate: ${OUR_CERTIFICATE}`,
  BAD_CERTIFICATE: `the server refuses our certificate, or that there is none: ${OUR_CERTIFICATE}`,
  UNSUPPORTED_CERTIFICATE: `our certificate is of a kind that the server does not take: ${OUR_CERTIFICATE}`,
  CERTIFICATE_REVOKED: `our certificate is revoked: ${OUR_CERTIFICATE}`,
  CERTIFICATE_EXPIRED: `our certificate has expired: ${OUR_CERTIFICATE}`,
  CERTIFICATE_UNKNOWN: `the server does not take our certificate: ${OUR_CERTIFICATE}`,
  ACCESS_DENIED: `the server takes our certificate and lets us do nothing: ${OUR_CERTIFICATE}`,
  INTERNAL_ERROR: 'the server had a fault of its own in TLS: ask those who run it',
};

/** Errors of our own making carry codes too. */
const OUR_FAULT =
  /^(UND_ERR_INVALID_ARG|UND_ERR_NOT_SUPPORTED|UND_ERR_INVALID_RETURN_VALUE|ERR_ASSERTION|ERR_INVALID_\w+)$/;

/** Looks at an error's code alone: messages change, and may quote what must not be shown. */
export function describeNetworkError(error: unknown): NetworkFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof ProxyFailure) return { ...plainFailure(error.why), canHeal: error.canHeal };
  const code = errnoOf(error) ?? errnoOf(error.cause);
  if (code === undefined) return error.name === 'AbortError' ? plainFailure('cut off') : undefined;
  if (OUR_FAULT.test(code)) return undefined;
  const inner = code === 'UND_ERR_SOCKET' ? (errnoOf(error.cause) ?? code) : code;
  const heals = wordsOf(HEALING, inner);
  if (heals === undefined) return lastingFailure(wordsOf(LASTING, inner) ?? alertOf(inner) ?? unlisted(inner));
  const failure = STRANGE.has(inner) ? strangeFailure(heals) : plainFailure(heals);
  return { ...failure, isTooLong: inner === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' };
}

export function plainFailure(why: string): NetworkFailure {
  return { why, isTooLong: false, canHeal: true };
}

/** One that may heal where the server is known to be the one that is meant. */
export function strangeFailure(why: string): NetworkFailure {
  return { ...plainFailure(why), isStrange: true };
}

export function lastingFailure(why: string): NetworkFailure {
  return { why, isTooLong: false, canHeal: false };
}

/** Versions of OpenSSL differ in what they put before the name of an alert. */
function alertOf(code: string): string | undefined {
  const [, name] = /^ERR_SSL_(?:.*ALERT|TLSV1)_(\w+)$/.exec(code) ?? [];
  return name === undefined ? undefined : wordsOf(ALERTS, name);
}

function unlisted(code: string): string {
  return `the connection fails for a reason that is not known to pass (${code}): ask those who run the server and the network between`;
}

function wordsOf(table: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined;
}
