import { toLoginBody } from '../server/auth-body.js';
import { BASE_PATH, CALLS, REGISTRATIONS, toPath } from '../server/call.js';
import type { Call } from '../server/call.js';
import { HEADERS } from '../server/exchange.js';
import type { Registration } from '../row/registration.js';
import { toRequestBody, toUndoBody } from '../server/request-body.js';
import type { RequestSecrets, TimestampUnit, UndoFields } from '../server/request-body.js';

/** A request as it would leave, but for what is secret or not known before it does. */
export interface ShownRequest {
  readonly type: 'request';
  readonly line?: number;
  readonly method: Call['method'];
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

export function toRegisterUrl(tokenType: Registration['tokenType'], target: RequestTarget): string {
  return `${target.server}${BASE_PATH}${toPath(REGISTRATIONS[tokenType], target)}`;
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
  const call = REGISTRATIONS[registration.tokenType];
  const body = fieldsOf(toRequestBody(registration, { cenToken: '', signature }, timestampUnit).text, call);
  return {
    type: 'request',
    line,
    method: call.method,
    url: toRegisterUrl(registration.tokenType, target),
    headers: HEADERS,
    body: 'timestamp' in body ? { ...body, timestamp: madeAtDeparture(timestampUnit) } : body,
  };
}

export function showUndo(
  { line, username, undo }: { line: number; username: string; undo: UndoFields },
  { server, admin }: Pick<RequestTarget, 'server' | 'admin'>,
): ShownRequest {
  const call: Call<'admin'> = undo.status === undefined ? CALLS.unregister : CALLS.updateStatus;
  return {
    type: 'request',
    line,
    method: call.method,
    url: `${server}${BASE_PATH}${toPath(call, { admin })}`,
    headers: HEADERS,
    body: fieldsOf(toUndoBody({ username }, undo, { cenToken: '' }), call),
  };
}

/** @param authBase stands before the address of the authentication API */
export function showLogin({ server, admin }: RequestTarget, authBase: string): ShownRequest {
  const { login } = CALLS;
  const body = fieldsOf(toLoginBody({ username: admin, password: '', integrationKey: '' }).text, login);
  return {
    type: 'request',
    method: login.method,
    url: `${server}${authBase}${BASE_PATH}${toPath(login, {})}`,
    headers: HEADERS,
    body: { ...body, unixTimestamp: madeAtDeparture('s') },
  };
}

function madeAtDeparture(unit: TimestampUnit): string {
  return `[made when it leaves, in ${unit}]`;
}

function fieldsOf(text: string, { secrets }: Call): Record<string, string> {
  // We wrote it: an object of strings.
  const fields = Object.entries(JSON.parse(text) as Record<string, string>);
  return Object.fromEntries(
    fields.map(([name, value]) => [name, secrets.includes(name) ? SECRET : shorten(name, value)]),
  );
}

function shorten(name: string, value: string): string {
  if (name !== 'signature' || value.length <= MAX_CHARACTERS) return value;
  return `${value.slice(0, MAX_CHARACTERS)}… (${value.length} characters)`;
}
