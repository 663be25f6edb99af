import { errnoOf } from '../core/errno.js';

/** What an error of the network or of a broken reply says; nothing for an error that is no such thing. */
export interface NetworkFailure {
  readonly why: string;
  /** The reply was cut off at our own limit. */
  readonly isTooLong: boolean;
  /** The server showed a certificate that is not to be trusted: trying again changes nothing. */
  readonly isDistrust: boolean;
}

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the server name is not known to DNS',
  EAI_AGAIN: 'DNS gave no answer',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'there is no route to the server',
  ENETUNREACH: 'there is no route to the server',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the reply is shorter than it says',
  UND_ERR_HEADERS_OVERFLOW: 'the reply has too many headers',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'the reply is over 1 MiB',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    'the server asks for a certificate of ours: give --client-cert and --client-key',
};

const DISTRUST: Readonly<Record<string, string>> = {
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet: look at this machine's clock",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is self-signed: give its issuer with --ca",
  SELF_SIGNED_CERT_IN_CHAIN: "the issuer of the server's certificate is not trusted: give it with --ca",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the issuer of the server's certificate is not known: give it with --ca",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the issuer of the server's certificate is not known: give it with --ca",
};

/** Errors of our own making carry codes too. */
const OUR_FAULT =
  /^(UND_ERR_INVALID_ARG|UND_ERR_NOT_SUPPORTED|UND_ERR_INVALID_RETURN_VALUE|ERR_ASSERTION|ERR_INVALID_\w+)$/;

/** Looks at an error's code alone: messages change, and may quote what must not be shown. */
export function describeNetworkError(error: unknown): NetworkFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = errnoOf(error) ?? errnoOf(error.cause);
  if (code === undefined) return error.name === 'AbortError' ? plainFailure('cut off') : undefined;
  if (OUR_FAULT.test(code)) return undefined;
  const inner = code === 'UND_ERR_SOCKET' ? (errnoOf(error.cause) ?? code) : code;
  const distrust = DISTRUST[inner];
  return {
    why: distrust ?? WORDS[inner] ?? `the connection failed (${inner})`,
    isTooLong: code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE',
    isDistrust: distrust !== undefined,
  };
}

export function plainFailure(why: string): NetworkFailure {
  return { why, isTooLong: false, isDistrust: false };
}
