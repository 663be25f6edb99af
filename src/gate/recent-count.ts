/** Width of one count, in ms. */
const BUCKET_MS = 100;
const BUCKETS = 100;
/** What is counted over fewer events says little: then a longer window is looked at. */
const ENOUGH = 20;
const WINDOWS_MS = [1_000, 2_000, 5_000, 10_000];

/** How often something happened in the last ten seconds; a fixed piece of memory at any rate. */
export class RecentCount {
  readonly #counts = new Array<number>(BUCKETS).fill(0);
  #bucket = 0;
  #firstAt: number | undefined;

  add(now: number): void {
    this.#firstAt ??= now;
    this.#moveTo(now);
    const at = this.#bucket % BUCKETS;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  /** A second, over the shortest window that holds enough to tell, yet over no time before the first event. */
  perSecond(now: number): number {
    this.#moveTo(now);
    if (this.#firstAt === undefined) return 0;
    const knownMs = Math.max(BUCKET_MS, now - this.#firstAt);
    // The newest bucket is not over yet.
    const aheadMs = Math.min(BUCKET_MS, (this.#bucket + 1) * BUCKET_MS - now);
    let perSecond = 0;
    for (const windowMs of WINDOWS_MS) {
      const count = this.#sum(windowMs);
      perSecond = (count * 1000) / Math.min(windowMs - aheadMs, knownMs);
      if (count >= ENOUGH || windowMs >= knownMs) break;
    }
    return perSecond;
  }

  #sum(windowMs: number): number {
    let sum = 0;
    for (let back = 0; back < windowMs / BUCKET_MS; back += 1) {
      sum += this.#counts[(this.#bucket - back + BUCKETS * 2) % BUCKETS] ?? 0;
    }
    return sum;
  }

  #moveTo(now: number): void {
    const bucket = Math.floor(now / BUCKET_MS);
    if (bucket - this.#bucket >= BUCKETS) this.#counts.fill(0);
    else for (let next = this.#bucket + 1; next <= bucket; next += 1) this.#counts[next % BUCKETS] = 0;
    this.#bucket = Math.max(this.#bucket, bucket);
  }
}
