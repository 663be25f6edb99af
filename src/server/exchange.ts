import { isUtf8 } from 'node:buffer';
import type { Proof } from '../core/proof.js';
import { isRead } from '../row/http-status.js';
import type { Call } from './call.js';
import type { NetworkFailure } from '../network/network-error.js';
import { parseBody, parseRetryAfter, unreadable } from './parse-reply.js';
import { isPage } from '../row/page.js';
import type { Page } from '../row/page.js';
import type { ActivationKey, Answer, RawObject, Reply } from '../row/reply.js';
import { describeReturnCode } from '../row/return-code.js';
import { MARK } from './secrets.js';
import type { Secrets } from './secrets.js';
import type { DateSighting } from './server-clock.js';

/** Both seeds' sample code sends exactly these two with a body. */
export const HEADERS = { accept: 'application/json', 'content-type': 'application/json' };

/** One request to the server; its path goes behind the address of the web API. */
export interface HttpRequest {
  readonly method: Call['method'];
  readonly path: string;
  readonly base?: string;
  /** Still to be written over while the request waits: the bytes leave as they stand at its departure. */
  readonly body?: Uint8Array;
  /** Asked when a connection is ready, before its departure; false when the bytes must not leave. */
  readonly mayLeave?: () => boolean;
  /** Called when a connection is ready and the bytes are about to leave, with the monotonic ms and the connection's number; never for a request that didn't. */
  readonly onDeparture?: (leftAt: number, connection: number) => void;
  /** Its answer can't be taken for a row's, and so tells whether its connection is in step. */
  readonly isLook?: true;
}

export type Exchange =
  | HttpReply
  | ({ readonly kind: 'failed' } & NetworkFailure & Partial<Shown>)
  | { readonly kind: 'cut'; readonly why: string };

/** What a reply shows of itself, whatever it is. */
interface Shown {
  /** Without its parameters. */
  readonly contentType: string | undefined;
  /** Of a page, as {@link Page} has them. */
  readonly title: string | undefined;
  readonly incident: string | undefined;
}

export interface HttpReply extends Partial<Shown> {
  readonly kind: 'reply';
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly dated: DateSighting;
  /** Empty where the status is no such as is read. As it came: it may quote what is secret. */
  readonly body: string;
  /** The bytes of the body, a character each, where they are no UTF-8. */
  readonly latin1?: string | undefined;
  /** What the answer rests on; absent where nobody asks for proof, and of a look. */
  readonly proof?: Proof | undefined;
}

/** How a request went out, and what must not be shown of that. */
export interface Sent {
  /** It departed: then it may have been applied. */
  readonly hasLeft: boolean;
  /** Epoch ms; asked only where the reply names a time. */
  readonly now: () => number;
  readonly secrets: Secrets;
}

export function toReply(exchange: Exchange, { hasLeft, now, secrets }: Sent): Reply {
  switch (exchange.kind) {
    case 'reply': {
      const { status, retryAfter, body, latin1 } = exchange;
      const page = pageOf(exchange);
      if (!isRead(status)) {
        return { kind: 'status', httpStatus: status, ...page, retryAfterMs: parseRetryAfter(retryAfter, now) };
      }
      const reply = parseBody(body, latin1);
      if (reply.kind === 'answer') return hideSecrets(reply, secrets);
      return { ...reply, ...page, ...(reply.key && { key: hideRaw(reply.key, secrets) }) };
    }
    case 'failed':
      if (exchange.isTooLong) return { ...unreadable('the reply is over 1 MiB'), ...pageOf(exchange) };
      return {
        kind: hasLeft ? 'unanswered' : 'unsent',
        why: exchange.why,
        ...(!exchange.canHeal && { canHeal: exchange.canHeal }),
        ...(hasLeft && exchange.isStrange && { isStrange: exchange.isStrange }),
      };
    case 'cut':
      return hasLeft
        ? { kind: 'unanswered', why: exchange.why }
        : { kind: 'unsent', why: `no connection: ${exchange.why}` };
  }
}

function pageOf({ contentType, title, incident }: Partial<Shown>): { readonly page: Page } | undefined {
  const page = { contentType, title, incident };
  return contentType !== undefined || isPage(page) ? { page } : undefined;
}

/** A listed code is no secret, even where a secret is the same. */
function hideSecrets(answer: Answer, secrets: Secrets): Answer {
  const { code, message, key } = answer;
  const shown = describeReturnCode(code) === undefined && secrets.hide(code) !== code ? MARK : code;
  const hidden = secrets.hide(message, key?.text);
  const kept = key && hideRaw(key, secrets);
  return shown === code && hidden === message && kept === key
    ? answer
    : { ...answer, code: shown, message: hidden, key: kept };
}

/** What came beside the key may be our own request. Where nothing was taken for the key, the key may still be in it. */
function hideRaw(key: ActivationKey, secrets: Secrets): ActivationKey {
  const { raw } = key;
  const masked = raw && maskRaw(raw, secrets);
  if (raw === undefined || masked === raw.text) return key;
  const kept = key.text === '' ? masked : undefined;
  return { ...key, raw: kept === undefined ? { ...raw, text: '', form: 'left_out' } : { ...raw, text: kept } };
}

function maskRaw({ text, form }: RawObject, secrets: Secrets): string | undefined {
  if (form !== 'base64') return secrets.mask(text);
  const bytes = Buffer.from(text, 'base64');
  const charset = isUtf8(bytes) ? 'utf8' : 'latin1';
  const masked = secrets.mask(bytes.toString(charset));
  return masked === undefined ? undefined : Buffer.from(masked, charset).toString('base64');
}
