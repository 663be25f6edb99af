import { describeStatus } from './http-status.js';
import { describePage, isPage } from './page.js';
import type { Page } from './page.js';
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
      const { row, isOfRow, isElsewhere } = describeStatus(reply.httpStatus);
      if (row === 'session' || row === 'throttled') return undefined;
      return isOfRow || isElsewhere || isPage(reply.page) ? describe(reply) : undefined;
    }
    case 'unreadable':
      return reply.why === 'the reply is not JSON' || isPage(reply.page) ? describe(reply) : undefined;
    case 'answer':
    case 'unanswered':
    case 'unsent':
      return undefined;
  }
}

/** Is a block of this status mostly about its row? Else it is mostly about the server. */
export function isMostlyOfRow(httpStatus: number | undefined): boolean {
  const { isRead, isOfRow } = describeStatus(httpStatus ?? 0);
  return isRead ?? isOfRow ?? false;
}

/** A page that came as the reply, or with its status; nothing for another reply. */
export function describePageReply(reply: Reply | undefined): string | undefined {
  return reply !== undefined && 'page' in reply && isPage(reply.page) ? describe(reply) : undefined;
}

function describe({ httpStatus, page }: { readonly httpStatus: number; readonly page?: Page }): string {
  return `HTTP status ${httpStatus}${describePage(page)}`;
}

/** For a detail: the block is about this row alone. */
export function toRowsOwn(block: string): string {
  return `${block} ${FOR_THIS_ROW}`;
}

/** Was its last send answered with no return code? Whatever came may have been for this row alone. */
export function mayBeBlocked(past: Settlement | undefined): boolean {
  return past !== undefined && past.attempts > 0 && past.returnCode === '';
}

/** One filter may say 400 here and 413 there; a page of another title may be another's, such as one to sign in at. */
export function wasBlocked(past: Settlement | undefined, reply: Reply): boolean {
  if (past?.outcome !== 'unknown' || !('httpStatus' in reply) || !past.detail.includes(FOR_THIS_ROW)) return false;
  if (isOfRow(past.httpStatus) && isOfRow(reply.httpStatus)) return true;
  const title = 'page' in reply ? reply.page.title : undefined;
  return past.httpStatus === reply.httpStatus && (title === undefined || past.detail.includes(`"${title}"`));
}

function isOfRow(httpStatus: number | undefined): boolean {
  return httpStatus !== undefined && describeStatus(httpStatus).isOfRow === true;
}
