import { cutRetryAfter } from '../core/backoff.js';
import { showText } from '../core/safe-text.js';
import type { ActivationKey, Answer, Unreadable } from '../row/reply.js';
import { findKey } from './activation-key.js';
import { codeOf, isRecord, parseJson, textOf } from './json.js';

/** No longer than a cell of the results: rows that wait for an earlier one must not hold what nobody will see. */
const MAX_CODE_LENGTH = 40;
const MAX_MESSAGE_LENGTH = 500;

/** @param latin1 the bytes of the body, a character each, where they are no UTF-8 */
export function parseBody(body: string, latin1?: string): Answer | Unreadable {
  if (body.trim() === '') return unreadable('the reply is empty');
  const json = parseJson(body);
  if (json === undefined) return unreadable('the reply is not JSON');
  if (!isRecord(json)) return unreadable('the reply has no return code');
  const code = codeOf(json, body);
  if (code === undefined) return withoutCode(findKey(json, { text: body, latin1 }));
  return {
    kind: 'answer',
    httpStatus: 200,
    code: showText(code, MAX_CODE_LENGTH),
    message: showText(textOf(json['message']) ?? '', MAX_MESSAGE_LENGTH),
    key: findKey(json, { text: body, latin1 }),
  };
}

function withoutCode(key: ActivationKey | undefined): Unreadable {
  const isNamed = key !== undefined && key.text !== '' && !key.bare;
  return { ...unreadable('the reply has no return code'), ...(isNamed && { key }) };
}

export function unreadable(why: Unreadable['why']): Unreadable {
  return { kind: 'unreadable', httpStatus: 200, why };
}

/** Reads a `Retry-After` header: seconds, or an HTTP date (RFC 9110, 10.2.3). */
export function parseRetryAfter(header: string | undefined, now: () => number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return cutRetryAfter(Number(header) * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : cutRetryAfter(Math.max(0, at - now()));
}
