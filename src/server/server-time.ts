import type { Clock } from '../core/clock.js';
import { CALLS } from './call.js';
import type { Exchange, HttpRequest } from './exchange.js';
import { plainFailure } from '../network/network-error.js';
import { describeOffset, isIncredible, ServerClock, SLOWEST_MS, TOLERATED_MS } from './server-clock.js';
import type { Moment } from './server-clock.js';

/** `server`: stamps are corrected by the server's clock; `local`: they are this machine's, whatever that says. */
export type ClockMode = 'server' | 'local';

export interface ServerTimeEdges {
  readonly mode: ClockMode;
  readonly clock: Clock;
  readonly exchange: (request: HttpRequest, signal: AbortSignal) => Promise<Exchange>;
  /** Where a look goes: it carries no secret, and any reply with a date is good. */
  readonly lookPath: string;
  readonly warn: (text: string) => void;
}

const TOO_SLOW: Exchange = { kind: 'failed', ...plainFailure(`no reply within ${SLOWEST_MS / 1000} s`) };
/** So many looks in a row without a reply say that it is too slow to have its time from; fewer, that it is away. */
export const MOST_SILENT_LOOKS = 3;

/**
 * The one source of stamps. No request with a stamp or a secret leaves before the server's time is known, nor after this
 * machine's clock has jumped, or a reply has shown that the server's did, before the two are compared anew: one look at a
 * time asks for it. Every reply is another comparison.
 */
export class ServerTime {
  readonly clock: Clock;
  readonly #edges: ServerTimeEdges;
  readonly #server = new ServerClock();
  #looking: Promise<Exchange> | undefined;
  /** The server gives no usable date: another look tells no more. */
  #isDateless = false;
  #silentLooks = 0;
  #isIncredibleTold = false;
  /** Between this machine's two clocks; a sudden change is a jump. */
  #apartMs: number;

  constructor(edges: ServerTimeEdges) {
    this.#edges = edges;
    const { clock, mode } = edges;
    this.#apartMs = clock.now() - clock.monotonic();
    this.clock = mode === 'local' ? clock : { ...clock, now: () => this.#server.correct(this.#moment()) };
  }

  /** How far the server's clock is ahead of this machine's; undefined while nobody knows. */
  get offsetMs(): number | undefined {
    return this.#server.isKnown ? this.#server.offsetMs(this.#moment()) : undefined;
  }

  /** The exchange of the edges, with the time that it needs; without a way to the server the request never departs. */
  readonly exchange = (request: HttpRequest, signal: AbortSignal): Promise<Exchange> => {
    if (this.#isCurrent()) return this.#exchange(request, signal);
    return this.#lookAnew(signal).then((failed) => failed ?? this.#exchange(request, signal));
  };

  #exchange(request: HttpRequest, signal: AbortSignal): Promise<Exchange> {
    return this.#edges.exchange(request, signal).then((exchange) => {
      this.#note(exchange);
      return exchange;
    });
  }

  /** Resolves when stamps are as right as they get; with what failed when the server can't be reached for that. */
  async ready(signal: AbortSignal): Promise<Exchange | undefined> {
    return this.#isCurrent() ? undefined : this.#lookAnew(signal);
  }

  #isCurrent(): boolean {
    const moment = this.#moment();
    this.#noticeJump(moment);
    if (this.#edges.mode === 'local') return true;
    const { isKnown, isContradicted } = this.#server;
    return isKnown ? !isContradicted && !this.#server.hasJumped(moment) : this.#isDateless;
  }

  async #lookAnew(signal: AbortSignal): Promise<Exchange | undefined> {
    const exchange = await this.look(signal);
    return exchange.kind === 'reply' || this.#isDateless ? undefined : exchange;
  }

  /** One look at a time: whoever comes meanwhile gets the same. */
  look(signal: AbortSignal): Promise<Exchange> {
    this.#looking ??= this.#look(signal).finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #look(signal: AbortSignal): Promise<Exchange> {
    const { clock, exchange, lookPath, warn } = this.#edges;
    const tooSlow = new AbortController();
    const departed = { hasLeft: false };
    let cancel = (): void => undefined;
    const onDeparture = (): void => {
      departed.hasLeft = true;
      cancel = clock.after(SLOWEST_MS, () => tooSlow.abort());
    };
    const request = { method: CALLS.look.method, path: lookPath, onDeparture, isLook: true } as const;
    const got = await exchange(request, AbortSignal.any([signal, tooSlow.signal]));
    cancel();
    const seen = got.kind === 'cut' && tooSlow.signal.aborted ? TOO_SLOW : got;
    if (this.#note(seen)) this.#silentLooks = 0;
    else if (seen.kind === 'reply' || (departed.hasLeft && (this.#silentLooks += 1) >= MOST_SILENT_LOOKS)) {
      if (!this.#isDateless) warn("the server does not tell its time: this machine's clock is taken for right");
      this.#isDateless = true;
      this.#server.accept(this.#moment());
    }
    return seen;
  }

  #note(exchange: Exchange): boolean {
    const moment = this.#moment();
    if (exchange.kind !== 'reply') return false;
    if (!this.#server.note(exchange.dated, moment)) {
      if (isIncredible(exchange.dated, moment.now)) this.#tellIncredible();
      return false;
    }
    const offsetMs = this.#server.takeNotable(moment);
    if (offsetMs === undefined) return true;
    const what = this.#edges.mode === 'server' ? 'stamps follow the server' : 'it refuses stamps that are 5 min off';
    this.#edges.warn(`this machine's clock is ${describeOffset(offsetMs)}: ${what}; set the clock`);
    return true;
  }

  #tellIncredible(): void {
    if (this.#isIncredibleTold) return;
    this.#isIncredibleTold = true;
    this.#edges.warn(
      "the server's date is more than a day off this machine's clock, and tells nothing: set the clock, or have the server's set",
    );
  }

  #noticeJump({ now, monotonic }: Moment): void {
    const jumpMs = now - monotonic - this.#apartMs;
    this.#apartMs = now - monotonic;
    if (Math.abs(jumpMs) <= TOLERATED_MS) return;
    const where = jumpMs < 0 ? 'back' : 'ahead';
    this.#edges.warn(`this machine's clock jumped ${Math.round(Math.abs(jumpMs) / 1000)} s ${where}`);
  }

  #moment(): Moment {
    const { clock } = this.#edges;
    return { now: clock.now(), monotonic: clock.monotonic() };
  }
}
