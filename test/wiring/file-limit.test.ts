import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/usage-error.js';
import { fitLimit, threadsWithin } from '../../src/wiring/file-limit.js';

const ASKED = { concurrency: 64, threads: 3 };
const fit = (limit: number, asked = ASKED) => fitLimit(asked, { limit, open: 20 });

describe('what a process may have open', () => {
  it('is no matter where it is enough, or not told', () => {
    expect(fitLimit(ASKED, undefined)).toEqual({ load: ASKED });
    expect(fit(20 + 18 + 64 + 3 * 6)).toEqual({ load: ASKED });
  });

  it('goes to the sends before the threads', () => {
    expect(fit(119)).toEqual({ load: { concurrency: 64, threads: 0 } });
    expect(fit(102)).toEqual({ load: { concurrency: 64, threads: 0 } });
  });

  it('lets fewer rows be sent at a time, and says so', () => {
    expect(fit(101)).toEqual({
      load: { concurrency: 63, threads: 0 },
      warning: 'this process may have 101 files open at a time (ulimit -n): 63 at once instead of 64',
    });
    expect(fit(39).load).toEqual({ concurrency: 1, threads: 0 });
  });

  it('lets a check have its threads, or do without them: no row is to blame for what it can not open', () => {
    expect(threadsWithin(3, undefined)).toBe(3);
    expect(threadsWithin(3, { limit: 20 + 18 + 3 * 6, open: 20 })).toBe(3);
    expect(threadsWithin(3, { limit: 20 + 18 + 3 * 6 - 1, open: 20 })).toBe(0);
    expect(threadsWithin(3, { limit: 24, open: 20 })).toBe(0);
  });

  it('is wrong usage where not one row would fit, with what to do', () => {
    expect(() => fit(38)).toThrow(UsageError);
    expect(() => fit(38, { concurrency: 1, threads: 0 })).toThrow(
      'this process may have 38 files open at a time, and needs 39 or more: raise the limit (ulimit -n)',
    );
  });
});
