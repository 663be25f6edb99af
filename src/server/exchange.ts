import type { Proof } from '../core/proof.js';
import { isRead } from '../row/http-status.js';
import type { Call } from './call.js';
import type { NetworkFailure } from '../network/network-error.js';
import { parseBody, parseRetryAfter, unreadable } from './parse-reply.js';
import type { Reply } from '../row/reply.js';
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
  /** Called when a connection is ready and the bytes are about to leave; never for a request that didn't. */
  readonly onDeparture?: () => void;
  /** A server may quote them back: they must not come to stand in a result. In every form that it could quote. */
  readonly secrets: readonly string[];
  /** Its answer can't be taken for a row's, and so tells whether its connection is in step. */
  readonly isLook?: true;
}

export type Exchange =
  HttpReply | ({ readonly kind: 'failed' } & NetworkFailure) | { readonly kind: 'cut'; readonly why: string };

export interface HttpReply {
  readonly kind: 'reply';
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** Without its parameters. */
  readonly contentType?: string | undefined;
  /** Of an HTML page. */
  readonly title?: string | undefined;
  readonly dated: DateSighting;
  /** Empty where the status is no such as is read. */
  readonly body: string;
  /** What the answer rests on; absent where nobody asks for proof, and of a look. */
  readonly proof?: Proof | undefined;
}

/** @param hasLeft whether the request departed: then it may have been applied */
export function toReply(exchange: Exchange, hasLeft: boolean, nowMs: number): Reply {
  switch (exchange.kind) {
    case 'reply': {
      const { status, retryAfter, contentType, title, body } = exchange;
      const page = contentType === undefined ? undefined : { page: { contentType, title } };
      if (!isRead(status)) {
        return { kind: 'status', httpStatus: status, ...page, retryAfterMs: parseRetryAfter(retryAfter, nowMs) };
      }
      const reply = parseBody(body);
      return reply.kind === 'answer' ? reply : { ...reply, ...page };
    }
    case 'failed':
      if (exchange.isTooLong) return unreadable('the reply is over 1 MiB');
      return {
        kind: hasLeft ? 'unanswered' : 'unsent',
        why: exchange.why,
        ...(!exchange.canHeal && { canHeal: exchange.canHeal }),
      };
    case 'cut':
      return hasLeft
        ? { kind: 'unanswered', why: exchange.why }
        : { kind: 'unsent', why: `no connection: ${exchange.why}` };
  }
}

export function maskSecrets(body: string, secrets: readonly string[]): string {
  let masked = body;
  for (const secret of secrets) if (masked.includes(secret)) masked = masked.replaceAll(secret, '[secret]');
  return masked;
}
