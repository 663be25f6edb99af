import type { Exchange } from './exchange.js';
import { describeOffset } from './server-clock.js';
import { MOST_OFF_MS } from '../core/clock.js';

/** What one look at the server says before any row is tried: `wrong` is what no row can get past. */
export type Preflight =
  | { readonly kind: 'clear' }
  | { readonly kind: 'odd'; readonly warning: string }
  | { readonly kind: 'wrong'; readonly problem: string };

/** A registration endpoint that is only looked at answers 405, or says who may pass: all but these can be one. */
function isElsewhere(status: number): boolean {
  return (status >= 300 && status < 400) || status === 404;
}

/** What a proxy says of a server that is away or has too much to do. */
const NOT_AT_WORK: readonly number[] = [429, 502, 503, 504];

/** Has the server itself replied? */
export function isAtWork(exchange: Exchange): boolean {
  return exchange.kind === 'reply' && !NOT_AT_WORK.includes(exchange.status);
}

/** A server that is away may be back before the rows' tries are over: only what stays wrong is. */
export function judgeLook(exchange: Exchange): Preflight {
  switch (exchange.kind) {
    case 'reply':
      if (isElsewhere(exchange.status)) {
        const problem = `--server: HTTP status ${exchange.status} where the registration endpoint should be: this is no CENTAGATE web API. Check the address; --no-preflight starts all the same`;
        return { kind: 'wrong', problem };
      }
      if (exchange.status < 500) return { kind: 'clear' };
      return { kind: 'odd', warning: `the server answers with HTTP status ${exchange.status}; the run goes on` };
    case 'failed':
      if (exchange.isDistrust) return { kind: 'wrong', problem: `--server: ${exchange.why}` };
      return { kind: 'odd', warning: `the server can't be reached yet: ${exchange.why}; the run goes on` };
    case 'cut':
      return { kind: 'odd', warning: `the server gives no answer yet: ${exchange.why}; the run goes on` };
  }
}

/** Stamps that nobody corrects must not be refused for the clock. */
export function judgeLocalClock(offsetMs: number | undefined): Preflight {
  if (offsetMs === undefined || Math.abs(offsetMs) <= MOST_OFF_MS) return { kind: 'clear' };
  const problem = `--clock local: this machine's clock is ${describeOffset(offsetMs)}, and the server refuses stamps that are 5 min off. Set the clock, or let stamps follow the server with --clock server`;
  return { kind: 'wrong', problem };
}
