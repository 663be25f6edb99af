import { MOST_OFF_MS } from '../core/clock.js';

export interface DateSighting {
  /** The `Date` header: whole seconds, cut off. */
  readonly date: string | undefined;
  /** The reply has an `Age` header: a cache keeps it, and its date is old. */
  readonly isCached: boolean;
  /** Monotonic ms: when the request left, and when the reply's head was there. */
  readonly leftAt: number;
  readonly cameAt: number;
}

/** One moment on this machine's two clocks: epoch ms, and monotonic ms, which no correction moves. */
export interface Moment {
  readonly now: number;
  readonly monotonic: number;
}

/** A slower exchange says too little. */
export const SLOWEST_MS = 5_000;
/** A smaller offset is left alone: half of it may be our own ignorance. */
export const TOLERATED_MS = 2_000;
export const NOTABLE_MS = 30_000;
/** A date that is further off this machine's clock is a mistake of somebody's, or meant to do harm: it tells nothing. */
export const MOST_CREDIBLE_MS = 24 * 3_600_000;
/** `Date` has no milliseconds: it was made at some moment of its second. */
const DATE_RESOLUTION_MS = 1_000;

/**
 * What is known of the server's clock, kept against the monotonic one: so a local clock that jumps moves no stamp. Every
 * reply bounds it from both sides; the middle is taken once, and changes only where a later reply contradicts it. One
 * that contradicts it by far (another node, a proxy) is believed when the next one agrees.
 */
export class ServerClock {
  /** Epoch ms of the server at monotonic 0. */
  #server: number | undefined;
  /** Epoch ms of this machine at monotonic 0, when it was last compared with the server. */
  #local: number | undefined;
  #suspected: number | undefined;
  #notedMs = 0;

  /** Did the last reply contradict by minutes what is known? Whether the server's clock has jumped, a new look tells. */
  get isContradicted(): boolean {
    return this.#suspected !== undefined && Math.abs(this.#suspected - (this.#server ?? 0)) > MOST_OFF_MS;
  }

  /** Has the local clock jumped since it was last compared? Whether it was wrong before or is now, a new look tells. */
  hasJumped({ now, monotonic }: Moment): boolean {
    return this.#local !== undefined && Math.abs(now - monotonic - this.#local) > TOLERATED_MS;
  }

  get isKnown(): boolean {
    return this.#server !== undefined;
  }

  /** How far the server's clock is ahead; 0 until it is known. */
  offsetMs({ now, monotonic }: Moment): number {
    return this.#server === undefined ? 0 : Math.round(this.#server + monotonic - now);
  }

  /** Epoch ms on the server's clock. */
  correct(moment: Moment): number {
    const offsetMs = this.offsetMs(moment);
    return Math.abs(offsetMs) > TOLERATED_MS ? moment.now + offsetMs : moment.now;
  }

  note(sighting: DateSighting, moment: Moment): boolean {
    const bounds = boundsOf(sighting, moment.now);
    if (bounds === undefined) return false;
    const { earliest, latest } = bounds;
    const middle = (earliest + latest) / 2;
    const isFresh = this.#server === undefined || this.hasJumped(moment);
    const nearest = Math.min(Math.max(this.#server ?? middle, earliest), latest);
    if (isFresh || this.#isConfirmed(middle)) this.#server = middle;
    else if (Math.abs(nearest - (this.#server ?? middle)) <= TOLERATED_MS) this.#server = nearest;
    else {
      this.#suspected = middle;
      return true;
    }
    this.accept(moment);
    return true;
  }

  /** No look tells more: the local clock is what it is now, and what contradicted the server's is no more thought of. */
  accept({ now, monotonic }: Moment): void {
    this.#local = now - monotonic;
    this.#suspected = undefined;
  }

  /** The offset, where it is worth telling a person: a large one, once, and again when it has changed by as much. */
  takeNotable(moment: Moment): number | undefined {
    const offsetMs = this.offsetMs(moment);
    if (Math.abs(offsetMs) <= NOTABLE_MS || Math.abs(offsetMs - this.#notedMs) <= NOTABLE_MS) return undefined;
    this.#notedMs = offsetMs;
    return offsetMs;
  }

  #isConfirmed(middle: number): boolean {
    return this.#suspected !== undefined && Math.abs(middle - this.#suspected) <= TOLERATED_MS;
  }
}

/** How far a stamp that was made when its request left was off the server's clock; undefined where the reply doesn't tell. */
export function stampErrorMs(stamp: number, sighting: DateSighting): number | undefined {
  const bounds = boundsOf(sighting, stamp);
  if (bounds === undefined) return undefined;
  const [earliest, latest] = [bounds.earliest + sighting.leftAt, bounds.latest + sighting.leftAt];
  return Math.max(0, earliest - stamp, stamp - latest);
}

/** Between these was the server's clock, in epoch ms, at monotonic 0; undefined for a reply that is of no use. */
function boundsOf(
  { date, isCached, leftAt, cameAt }: DateSighting,
  nowMs: number,
): { earliest: number; latest: number } | undefined {
  const at = date === undefined || isCached || cameAt - leftAt > SLOWEST_MS ? NaN : parseDate(date);
  const isCredible = Math.abs(at - nowMs) <= MOST_CREDIBLE_MS;
  return isCredible ? { earliest: at - cameAt, latest: at + DATE_RESOLUTION_MS - leftAt } : undefined;
}

/** All replies of a second have the same, and each is asked for it twice. */
const lastDate = { text: '', at: NaN };

function parseDate(text: string): number {
  if (text !== lastDate.text) {
    lastDate.at = Date.parse(text);
    lastDate.text = text;
  }
  return lastDate.at;
}

/** Is the date of a reply too far off this machine's clock to tell anything? */
export function isIncredible({ date }: Pick<DateSighting, 'date'>, nowMs: number): boolean {
  return date !== undefined && Math.abs(parseDate(date) - nowMs) > MOST_CREDIBLE_MS;
}

/** Such as `10 min 3 s ahead of the server's`, of this machine's clock. */
export function describeOffset(offsetMs: number): string {
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  const minutes = Math.floor(seconds / 60);
  const length = minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
  return `${length} ${offsetMs < 0 ? 'ahead of' : 'behind'} the server's`;
}
