import type { IncomingHttpHeaders } from 'node:http';
import type { TokenType } from '../row/token-type.js';

/** One PUT to a registration endpoint, as it came. */
export interface RegistrationRequest {
  readonly tokenType: TokenType;
  /** The administrator in the path, decoded; nothing when it cannot be. */
  readonly admin: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON; nothing when the body is none. */
  readonly body: unknown;
  /** Epoch ms of the server's clock when the whole body was there. */
  readonly at: number;
}

export interface Fields {
  readonly username: string;
  readonly cenToken: string;
  readonly signature: string;
  readonly status: string;
  readonly timestamp: string | undefined;
  readonly algorithm: string | undefined;
}

/** The documented fields (OTP seed, PKI seed; spelling of their sample code). */
const FIELDS = {
  otp: { required: ['username', 'cenToken'], optional: [] },
  pki: { required: ['username', 'signature', 'timestamp', 'status', 'cenToken'], optional: ['algorithm'] },
} as const;

/** Reads strict UTF-8 JSON; nothing when it is none. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

export function readFields(body: unknown): Fields {
  const given = isJsonObject(body) ? body : {};
  const text = (name: string): string | undefined => (typeof given[name] === 'string' ? given[name] : undefined);
  return {
    username: text('username') ?? '',
    cenToken: text('cenToken') ?? '',
    signature: text('signature') ?? '',
    status: text('status') ?? '',
    timestamp: text('timestamp'),
    algorithm: text('algorithm'),
  };
}

/** What is wrong with the request's form. The texts quote nothing of it: anything in it could be the cenToken. */
export function findFormProblem(request: RegistrationRequest): string | undefined {
  return findHeaderProblem(request.headers) ?? findBodyProblem(request);
}

/** The documents know no other headers; a credential in one of these would be a leak. */
function findHeaderProblem(headers: IncomingHttpHeaders): string | undefined {
  if (headers['content-type']?.toLowerCase() !== 'application/json') return 'Content-Type must be application/json';
  if (headers.accept?.toLowerCase() !== 'application/json') return 'Accept must be application/json';
  if (headers.authorization !== undefined) return 'an Authorization header is not part of this API';
  if (headers.cookie !== undefined) return 'a cookie is not part of this API';
  return undefined;
}

function findBodyProblem({ tokenType, body }: RegistrationRequest): string | undefined {
  if (!isJsonObject(body)) return 'the body must be one JSON object in UTF-8';
  const { required, optional } = FIELDS[tokenType];
  const missing = required.find((name) => !Object.hasOwn(body, name));
  if (missing !== undefined) return `${missing} is missing`;
  const names: readonly string[] = [...required, ...optional];
  if (!Object.keys(body).every((name) => names.includes(name))) return `the only fields are ${names.join(', ')}`;
  const notText = names.find((name) => Object.hasOwn(body, name) && typeof body[name] !== 'string');
  if (notText !== undefined) return `${notText} must be a JSON string`;
  return body.username === '' ? 'username is empty' : undefined;
}

function isJsonObject(body: unknown): body is Record<string, unknown> {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}
