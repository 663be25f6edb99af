import { createHistogram } from 'node:perf_hooks';

export interface PaceFigures {
  readonly sends_per_second: number;
  /** Milliseconds from departure to the reply's end, of the last send of each row; null when none was answered. */
  readonly latency_ms: { readonly median: number; readonly p95: number; readonly p99: number } | null;
}

/** What replies took, in flat memory. */
export class Latencies {
  readonly #histogram = createHistogram({ lowest: 1, highest: LONGEST_MS, figures: 3 });

  /** @param latencyMs whole milliseconds */
  add(latencyMs: number): void {
    this.#histogram.record(Math.min(Math.max(1, latencyMs), LONGEST_MS));
  }

  figures(sends: number, durationMs: number): PaceFigures {
    const { count } = this.#histogram;
    const at = (percent: number): number => this.#histogram.percentile(percent);
    return {
      sends_per_second: durationMs === 0 ? 0 : Number(((sends / durationMs) * 1000).toFixed(1)),
      latency_ms: count === 0 ? null : { median: at(50), p95: at(95), p99: at(99) },
    };
  }
}

/** An hour: no attempt may take as long. */
const LONGEST_MS = 3_600_000;
