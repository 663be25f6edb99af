import { describe, expect, it } from 'vitest';
import { RowFigures } from '../../src/report/row-figures.js';
import { aSettlement } from '../support/builders.js';

const random = (): number => 0.5;

describe('the figures of rows', () => {
  it('count who has a token and who is left', () => {
    const figures = new RowFigures(random);
    figures.add({ settlement: aSettlement({ outcome: 'already_registered' }), sends: 1 }, 'ann');
    figures.add({ settlement: aSettlement({ outcome: 'key_lost' }), sends: 1 }, 'bob');
    expect(figures.people()).toEqual({ all: 2, done: 1, left: 1, with_token: 1 });
  });

  it('know nobody without a username', () => {
    const figures = new RowFigures(random);
    figures.add({ settlement: aSettlement({ outcome: 'invalid' }), sends: 0 }, '');
    expect(figures.people().all).toBe(0);
  });

  it('tell of the latency of this run alone, not of rows that were done before', () => {
    const figures = new RowFigures(random);
    figures.add({ settlement: aSettlement({ latencyMs: 900 }), sends: 0 }, 'ann');
    figures.add({ settlement: aSettlement({ latencyMs: 20 }), sends: 2 }, 'bob');
    expect(figures.pace(2, 1000)).toEqual({ sends_per_second: 2, latency_ms: { median: 20, p95: 20, p99: 20 } });
  });
});
