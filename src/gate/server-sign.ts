import { describeStatus } from '../row/http-status.js';
import type { Reply } from '../row/reply.js';
import { describeReturnCode } from '../row/return-code.js';
import type { Sighting } from './outage.js';

/**
 * What a reply says of how busy the server is:
 * - `well`: it keeps up
 * - `rate`: it refused the send for its rate
 * - `strained`: it can't keep up
 * - `silent`: nothing came in time; one such reply alone says nothing
 * - `nothing`: no word about that
 */
export type ServerSign = 'well' | 'rate' | 'strained' | 'silent' | 'nothing';

export function signOf(reply: Reply): ServerSign {
  switch (reply.kind) {
    case 'answer':
      return describeReturnCode(reply.code)?.isStrain === true ? 'strained' : 'well';
    case 'status':
      return signOfStatus(reply.httpStatus);
    case 'unreadable':
      return 'nothing';
    case 'unanswered':
    case 'unsent':
      return 'silent';
  }
}

function signOfStatus(status: number): ServerSign {
  const { server } = describeStatus(status);
  return server === undefined || server === 'gateway' ? 'nothing' : server;
}

/** Whatever came back, be it a proxy's page or nothing that we can read, shows that something is there. */
export function sightingOf({ kind }: Reply): Sighting {
  return kind === 'unanswered' || kind === 'unsent' ? 'away' : 'there';
}

export function describeSign(reply: Reply): string {
  if (reply.kind === 'answer') return `return code ${reply.code}`;
  return reply.kind === 'status' ? `HTTP status ${reply.httpStatus}` : reply.why;
}
