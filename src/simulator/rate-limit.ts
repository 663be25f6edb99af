import type { FaultKind } from './fault.js';

/** So many registration requests a second are handled, and as many at once after a quiet second; the others meet 429. */
export interface RateLimitOptions {
  readonly perSecond: number;
  /** Told to those who are refused; nothing unless given. */
  readonly retryAfterSeconds?: number;
}

/** Says what a request meets that comes at this moment (ms): nothing when there is room for it. */
export type RateLimit = (now: number) => FaultKind | undefined;

export function limitRate({ perSecond, retryAfterSeconds }: RateLimitOptions): RateLimit {
  const most = Math.max(1, perSecond);
  const refusal: FaultKind = retryAfterSeconds === undefined ? '429' : `429:${retryAfterSeconds}`;
  let tokens = most;
  let filledAt: number | undefined;
  return (now) => {
    tokens = Math.min(most, tokens + ((now - (filledAt ?? now)) * perSecond) / 1000);
    filledAt = now;
    if (tokens < 1) return refusal;
    tokens -= 1;
    return undefined;
  };
}

/** Reads `50` or, with its Retry-After, `50:2`; a string says what is wrong with it. */
export function parseRateLimit(text: string): RateLimitOptions | string {
  const [, perSecond = '', retryAfter] = /^(\d{1,6}(?:\.\d{1,3})?)(?::(\d{1,6}))?$/.exec(text) ?? [];
  if (!(Number(perSecond) > 0)) {
    return `"${text}" is no limit: write requests a second, as in 50, or with a Retry-After in seconds, as in 50:2`;
  }
  return { perSecond: Number(perSecond), ...(retryAfter !== undefined && { retryAfterSeconds: Number(retryAfter) }) };
}
