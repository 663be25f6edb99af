import { afterEach, beforeEach, expect, test } from 'vitest';
import { RunStop } from '../../src/core/run-stop.js';
import { GRACE_MS, LAST_GRACE_MS, outliveBugs } from '../../src/batch/bugs.js';
import { TestClock } from '../support/lab.js';

const before = process.listeners('uncaughtException');
let clock: TestClock;
let stop: RunStop;
let cut: AbortController;
let given: string[];
let end: () => void;

beforeEach(() => {
  [clock, stop, cut, given] = [new TestClock(), new RunStop(), new AbortController(), []];
  end = outliveBugs({ clock, stop, cut, giveUp: (why) => given.push(why) });
});
afterEach(() => end());

/** As the process says it, to nobody else. */
function throwUnheard(error: Error): void {
  const [listener] = process.listeners('uncaughtException').filter((one) => !before.includes(one));
  listener?.(error, 'uncaughtException');
}

test('what is thrown where nobody waits for it stops the run for a bug, with where it came from', () => {
  throwUnheard(new TypeError('of a timer'));
  expect(stop.reason).toMatchObject({ kind: 'bug', reason: expect.stringContaining('of a timer') as string });
  expect(stop.reason?.reason).toContain('bugs.test');
  expect(cut.signal.aborted).toBe(false);
});

test('what it has cut off is waited for, then cut off, and at last left to the journal', () => {
  throwUnheard(new TypeError('of a timer'));
  throwUnheard(new TypeError('of a timer once more'));
  expect(clock.delays).toEqual([GRACE_MS]);
  clock.ring();
  expect([cut.signal.aborted, clock.delays, given]).toEqual([true, [LAST_GRACE_MS], []]);
  clock.ring();
  expect(given).toEqual([expect.stringContaining('of a timer once more')]);
});

test('a run that has ended by then is left alone', () => {
  throwUnheard(new TypeError('of a timer'));
  end();
  expect(clock.delays).toEqual([]);
  expect(process.listeners('uncaughtException')).toEqual(before);
});
