import { toLoginBody } from '../server/auth-body.js';
import { BASE_PATH, HEADERS } from '../server/exchange.js';
import type { Registration } from '../row/registration.js';
import { toRequestBody, toRequestPath } from '../server/request-body.js';
import type { RequestSecrets, TimestampUnit } from '../server/request-body.js';

/** A request as it would leave, but for what is secret or not known before it does. */
export interface ShownRequest {
  readonly type: 'request';
  /** Of the input; absent for a login. */
  readonly line?: number;
  readonly method: 'PUT' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
}

export interface RequestTarget {
  /** Scheme, host and port. */
  readonly server: string;
  readonly admin: string;
  readonly timestampUnit: TimestampUnit;
}

const SECRET = '[secret]';
/** A signature has thousands. */
const MAX_CHARACTERS = 40;

/** Where rows of this token type go. */
export function toRegisterUrl(tokenType: Registration['tokenType'], { server, admin }: RequestTarget): string {
  return `${server}${BASE_PATH}${toRequestPath(tokenType, admin)}`;
}

export function showRegistration(
  {
    line,
    registration,
    signature,
  }: { line: number; registration: Registration; signature: RequestSecrets['signature'] },
  target: RequestTarget,
): ShownRequest {
  const { timestampUnit } = target;
  const body = fieldsOf(toRequestBody(registration, { cenToken: SECRET, signature }, timestampUnit).text);
  return {
    ...{ type: 'request', line, method: 'PUT', url: toRegisterUrl(registration.tokenType, target) },
    ...{ headers: HEADERS, body: 'timestamp' in body ? { ...body, timestamp: madeAtDeparture(timestampUnit) } : body },
  };
}

/** @param authBase stands before the address of the authentication API */
export function showLogin({ server, admin }: RequestTarget, authBase: string): ShownRequest {
  const body = fieldsOf(toLoginBody({ username: admin, password: SECRET, integrationKey: SECRET }).text);
  return {
    ...{ type: 'request', method: 'POST', url: `${server}${authBase}${BASE_PATH}/auth/authBasic`, headers: HEADERS },
    body: { ...body, unixTimestamp: madeAtDeparture('s'), hmac: SECRET },
  };
}

function madeAtDeparture(unit: TimestampUnit): string {
  return `[made when it leaves, in ${unit}]`;
}

function fieldsOf(text: string): Record<string, string> {
  // We wrote it: an object of strings.
  const fields = Object.entries(JSON.parse(text) as Record<string, string>);
  return Object.fromEntries(fields.map(([name, value]) => [name, name === 'signature' ? shorten(value) : value]));
}

function shorten(value: string): string {
  if (value.length <= MAX_CHARACTERS) return value;
  return `${value.slice(0, MAX_CHARACTERS)}… (${value.length} characters)`;
}
