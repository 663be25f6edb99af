import { describe, expect, it } from 'vitest';
import { Latencies } from '../../src/report/latencies.js';

describe('what replies took', () => {
  it('is told by its median and its tail', () => {
    const latencies = new Latencies();
    for (let at = 1; at <= 100; at += 1) latencies.add(at);
    expect(latencies.figures(150, 60_000)).toEqual({
      sends_per_second: 2.5,
      latency_ms: { median: 50, p95: 95, p99: 99 },
    });
  });

  it('is nothing where nothing was answered', () => {
    expect(new Latencies().figures(0, 0)).toEqual({ sends_per_second: 0, latency_ms: null });
  });

  it('takes a reply within the millisecond, and one after a clock that jumped', () => {
    const latencies = new Latencies();
    latencies.add(0);
    expect(latencies.figures(1, 1000).latency_ms).toEqual({ median: 1, p95: 1, p99: 1 });
    expect(() => latencies.add(1e12)).not.toThrow();
  });
});
