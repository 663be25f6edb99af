import { describeStatus } from './http-status.js';
import { describePage } from './page.js';
import type { Reply } from './reply.js';
import type { Settlement } from './settlement.js';

/** By these words, in its detail, the next run knows that a row was blocked. */
const FOR_THIS_ROW = 'for this row, while others are answered';

/**
 * What stands before a server blocks a single row at times: too long, or taken for an attack. No rerun gets past that, and
 * whether the send was applied is not known.
 * @returns what came, with the page's title and the number of its case; nothing for a reply that is no such thing
 */
export function describeBlock(reply: Reply): string | undefined {
  switch (reply.kind) {
    case 'status': {
      const { httpStatus, page } = reply;
      return describeStatus(httpStatus).isOfRow ? `HTTP status ${httpStatus}${describePage(page)}` : undefined;
    }
    case 'unreadable':
      return reply.why === 'the reply is not JSON' ? describePageReply(reply) : undefined;
    case 'answer':
    case 'unanswered':
    case 'unsent':
      return undefined;
  }
}

/** An HTML page that came as the reply, or with its status; nothing for another reply. */
export function describePageReply(reply: Reply | undefined): string | undefined {
  if (reply === undefined || !('page' in reply) || reply.page.contentType?.includes('html') !== true) return undefined;
  return `HTTP status ${reply.httpStatus}${describePage(reply.page)}`;
}

/** For a detail: the block is about this row alone. */
export function toRowsOwn(block: string): string {
  return `${block} ${FOR_THIS_ROW}`;
}

/** Was the row blocked by an earlier run with the same answer? */
export function wasBlocked(past: Settlement | undefined, reply: Reply): boolean {
  if (past?.outcome !== 'unknown' || !('httpStatus' in reply)) return false;
  return past.httpStatus === reply.httpStatus && past.detail.includes(FOR_THIS_ROW);
}
