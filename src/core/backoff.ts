/** First pause between two tries, before jitter. */
export const BASE_MS = 500;
export const MAX_MS = 30_000;
/** A `Retry-After` beyond this is cut: the server may say an hour, the operator has until Monday. */
export const MAX_RETRY_AFTER_MS = 300_000;

/**
 * Exponential backoff with full jitter: workers that failed together don't come back together. The server's own
 * `Retry-After` is a lower bound, with the jitter on top for the same reason.
 * @param failures how many tries have failed, from 1
 * @param random in [0, 1)
 */
export function backoffMs(failures: number, random: number, retryAfterMs = 0): number {
  const ceiling = Math.min(MAX_MS, BASE_MS * 2 ** (failures - 1));
  return Math.round(cutRetryAfter(retryAfterMs) + random * ceiling);
}

export function cutRetryAfter(retryAfterMs = 0): number {
  return Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
}
