import { showText } from '../core/safe-text.js';
import type { ActivationKey, Answer, Unreadable } from '../row/reply.js';
import { codeOf, isRecord, parseJson, textOf } from './json.js';

/** No longer than a cell of the results: rows that wait for an earlier one must not hold what nobody will see. */
const MAX_CODE_LENGTH = 40;
const MAX_MESSAGE_LENGTH = 500;
/** A key is never this deep, and a hostile reply must not exhaust the stack. */
const MAX_DEPTH = 8;

export function parseBody(body: string): Answer | Unreadable {
  if (body.trim() === '') return unreadable('the reply is empty');
  const json = parseJson(body);
  if (json === undefined) return unreadable('the reply is not JSON');
  if (!isRecord(json)) return unreadable('the reply has no return code');
  const code = codeOf(json, body);
  if (code === undefined) return unreadable('the reply has no return code');
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
