import { showText } from './safe-text.js';

/**
 * What came back from one PUT. Only an HTTP 200 whose body is whole JSON with a `code` speaks of the row; the vendor's
 * clients read the body of nothing else, so no other reply says whether the registration happened.
 */
export type Reply = Answer | OtherStatus | Unreadable | Unanswered | Unsent;

/** HTTP 200 with a return code. */
export interface Answer {
  readonly kind: 'answer';
  readonly httpStatus: 200;
  readonly code: string;
  readonly message: string;
  /** The OTP activation key: a secret, shown by the server this once. */
  readonly key: ActivationKey | undefined;
}

/** `bare`: the reply's `object` was a plain text where a `key` was expected; kept, since it is not shown again. */
export interface ActivationKey {
  readonly text: string;
  readonly bare: boolean;
}

/** Any other HTTP status. */
export interface OtherStatus {
  readonly kind: 'status';
  readonly httpStatus: number;
  readonly retryAfterMs: number | undefined;
}

/** HTTP 200 whose body says nothing that we can read. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly httpStatus: 200;
  readonly why:
    'the reply is empty' | 'the reply is not JSON' | 'the reply has no return code' | 'the reply is over 1 MiB';
}

/** The request left, or may have left, and no whole reply came. */
export interface Unanswered {
  readonly kind: 'unanswered';
  readonly why: string;
}

/** No byte of the request left. */
export interface Unsent {
  readonly kind: 'unsent';
  readonly why: string;
}

/** No longer than a cell of the results: rows that wait for an earlier one must not hold what nobody will see. */
const MAX_CODE_LENGTH = 40;
const MAX_MESSAGE_LENGTH = 500;
/** A key is never this deep, and a hostile reply must not exhaust the stack. */
const MAX_DEPTH = 8;

/** Reads the body of an HTTP 200. */
export function parseBody(body: string): Answer | Unreadable {
  if (body.trim() === '') return unreadable('the reply is empty');
  const json = parseJson(body);
  if (json === undefined) return unreadable('the reply is not JSON');
  if (!isRecord(json)) return unreadable('the reply has no return code');
  const code = textOf(json['code']);
  if (code === undefined || code === '') return unreadable('the reply has no return code');
  return {
    kind: 'answer',
    httpStatus: 200,
    code: showText(code, MAX_CODE_LENGTH),
    message: showText(textOf(json['message']) ?? '', MAX_MESSAGE_LENGTH),
    key: findKey(json['object']),
  };
}

export function unreadable(why: Unreadable['why']): Unreadable {
  return { kind: 'unreadable', httpStatus: 200, why };
}

/** Reads a `Retry-After` header: seconds, or an HTTP date (RFC 9110, 10.2.3). */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** `object` comes as a string that holds JSON, a bare string, an object, an array, `""`, null, or not at all. */
function findKey(object: unknown, depth = 0): ActivationKey | undefined {
  if (depth > MAX_DEPTH) return undefined;
  if (typeof object === 'string') {
    const text = object.trim();
    if (text === '') return undefined;
    const inner = parseJson(text);
    return inner === undefined || typeof inner === 'number' ? { text, bare: true } : findKey(inner, depth + 1);
  }
  if (Array.isArray(object)) {
    const keys = object.map((element) => findKey(element, depth + 1)).filter((key) => key !== undefined);
    return keys.find((key) => !key.bare) ?? keys[0];
  }
  if (!isRecord(object)) return undefined;
  const text = textOf(object['key']);
  return text === undefined || text === '' ? undefined : { text, bare: false };
}

export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
