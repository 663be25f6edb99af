import { cutRetryAfter } from '../core/backoff.js';
import { sleep, toSeconds } from '../core/clock.js';
import type { Clock } from '../core/clock.js';
import type { Exchange } from '../server/exchange.js';
import { describeLasting } from '../row/reply.js';
import { isAtWork } from '../server/look.js';
import { FIRST_PAUSE_MS, LAST_PAUSE_MS } from './outage.js';
import type { RunStop } from '../core/run-stop.js';

export interface ServerWaitEdges {
  readonly clock: Clock;
  readonly stop: RunStop;
  /** How long the server may be away before the run stops. */
  readonly maxOutageMs: number;
  /** A request that carries no secret and counts against no account. */
  readonly look: () => Promise<Exchange>;
  readonly note: (text: string) => void;
}

/** One time of waiting for a server that gave no usable answer to a question of our own, as an outage of rows is waited for. */
export class ServerWait {
  readonly #edges: ServerWaitEdges;
  readonly #since: number;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(edges: ServerWaitEdges) {
    this.#edges = edges;
    this.#since = edges.clock.monotonic();
  }

  /** One look at a time, with growing pauses, until one finds the server at work; false when the run has stopped. */
  async untilAtWork(why: string, retryAfterMs = 0): Promise<boolean> {
    const { clock, stop, maxOutageMs, look, note } = this.#edges;
    const endsAt = this.#since + maxOutageMs;
    if (this.#pauseMs === FIRST_PAUSE_MS && maxOutageMs > 0) {
      note(`${why}: waiting for the server, at most ${toSeconds(maxOutageMs)}`);
    }
    for (let askedMs = cutRetryAfter(retryAfterMs); ; askedMs = 0) {
      const leftMs = endsAt - clock.monotonic();
      if (leftMs <= 0) break;
      await sleep(clock, Math.min(Math.max(this.#pauseMs, askedMs), leftMs), stop.signal);
      this.#pauseMs = Math.min(LAST_PAUSE_MS, this.#pauseMs * 2);
      if (stop.reason !== undefined) return false;
      const seen = await look();
      if (isAtWork(seen)) return true;
      if (seen.kind === 'failed' && !seen.canHeal) {
        stop.stop({ kind: 'person', reason: describeLasting(seen) });
        return false;
      }
    }
    const waited = toSeconds(clock.monotonic() - this.#since);
    stop.stop({ kind: 'stopped', reason: `${why} (waited ${waited}): see that the server is there, then rerun` });
    return false;
  }
}
