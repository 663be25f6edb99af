import { describeStatus, isPassing, isRead } from '../row/http-status.js';
import { describePage } from '../row/page.js';
import type { Exchange, HttpReply } from './exchange.js';
import { describeOffset } from './server-clock.js';
import { MOST_OFF_MS } from '../core/clock.js';

/** What one look at the server says before any row is tried: `wrong` is what no row can get past. */
export type Preflight =
  | { readonly kind: 'clear' }
  | { readonly kind: 'odd'; readonly warning: string }
  | { readonly kind: 'wrong'; readonly problem: string };

export function isAtWork(exchange: Exchange): boolean {
  return exchange.kind === 'reply' && describeStatus(exchange.status).server === undefined;
}

/** A server that is away may be back before the rows' tries are over: only what stays wrong is. */
export function judgeLook(exchange: Exchange): Preflight {
  switch (exchange.kind) {
    case 'reply':
      return judgeReply(exchange);
    case 'failed':
      if (!exchange.canHeal) return { kind: 'wrong', problem: `--server: ${exchange.why}` };
      return { kind: 'odd', warning: `the server can't be reached yet: ${exchange.why}; the run goes on` };
    case 'cut':
      return { kind: 'odd', warning: `the server gives no answer yet: ${exchange.why}; the run goes on` };
  }
}

/** A GET proves little: gateways that route by method answer it with 404, and a sign-in page answers all with 200. */
function judgeReply({ status, contentType, title, incident }: HttpReply): Preflight {
  const { look } = describeStatus(status);
  const page = describePage({ contentType, title, incident });
  if (look === 'clear' && contentType?.includes('html') === true && isRead(status)) {
    return {
      kind: 'odd',
      warning: `the server answers a look with a page${page}; the first row tells whether it is CENTAGATE`,
    };
  }
  switch (look) {
    case 'clear':
      return { kind: look };
    case 'odd': {
      const next = isPassing(status) ? 'the run goes on' : 'the first row tells whether it is CENTAGATE';
      return { kind: look, warning: `the server answers with HTTP status ${status}${page}; ${next}` };
    }
    case 'wrong': {
      const problem = `--server: HTTP status ${status}${page} where the registration endpoint should be: this is no CENTAGATE web API. Check the address; --no-preflight starts all the same`;
      return { kind: look, problem };
    }
  }
}

export function judgeLocalClock(offsetMs: number | undefined): Preflight {
  if (offsetMs === undefined || Math.abs(offsetMs) <= MOST_OFF_MS) return { kind: 'clear' };
  const problem = `--clock local: this machine's clock is ${describeOffset(offsetMs)}, and the server refuses stamps that are 5 min off. Set the clock, or let stamps follow the server with --clock server`;
  return { kind: 'wrong', problem };
}
